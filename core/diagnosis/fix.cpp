// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/fix.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/quantized_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace weighbridge {
namespace {

constexpr std::array<std::string_view, 5> nestedConfigs{"text_config", "vision_config", "encoder", "decoder", "llm_config"};

std::vector<std::string> namesOf(const Facts& facts, Status status)
{
    std::vector<std::string> names;
    if (!facts.comparison)
        return names;
    for (const size_t row : facts.comparison->rows(status)) {
        const Match& match = facts.comparison->matches[row];
        names.push_back(status == Status::Unexpected ? facts.checkpoint->tensors[static_cast<size_t>(match.found)].name
                                                     : facts.expected->tensors[static_cast<size_t>(match.expected)].name);
    }
    return names;
}

void setPath(Value& root, std::string_view path, const Value& value)
{
    Value* at = &root;
    const auto parts = split(path, '.');
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
        const Value* next = at->find(parts[i]);
        at->set(std::string(parts[i]), next && next->isMap() ? *next : Value(Value::Map{}));
        at = &std::find_if(at->map()->begin(), at->map()->end(), [&](const auto& entry) { return entry.first == parts[i]; })->second;
    }
    at->set(std::string(parts.back()), value);
}

} // namespace

std::vector<FoundTensor> applied(const Fix& fix, const std::vector<FoundTensor>& found)
{
    if (fix.keeps.empty())
        return found;
    std::unordered_map<int, const FoundTensor*> byIndex;
    for (const FoundTensor& tensor : found)
        byIndex.emplace(tensor.index, &tensor);
    std::vector<FoundTensor> out;
    for (const KeptTensor& kept : fix.keeps) {
        const auto entry = byIndex.find(kept.index);
        if (entry == byIndex.end())
            continue;
        FoundTensor tensor = *entry->second;
        tensor.name = kept.name;
        if (kept.transposed != tensor.transposed)
            std::reverse(tensor.shape.begin(), tensor.shape.end());
        tensor.transposed = kept.transposed;
        out.push_back(std::move(tensor));
    }
    return out;
}

std::vector<KeptTensor> keepsOf(const std::vector<FoundTensor>& edited)
{
    std::vector<KeptTensor> keeps;
    for (const FoundTensor& tensor : edited)
        keeps.push_back({tensor.index, tensor.name, tensor.transposed});
    return keeps;
}

bool makeFactsAfter(FactsAfter& after, const Fix& fix, const Facts& facts, JobContext& job)
{
    if ((fix.keeps.empty() && fix.configChanges.empty()) || !facts.expected)
        return false;
    after.facts = facts;
    if (fix.configChanges.empty()) {
        after.expected = *facts.expected;
    } else {
        after.config = withChanges(*facts.config, fix.configChanges);
        const bool otherClass = std::any_of(fix.configChanges.begin(), fix.configChanges.end(), [](const auto& change) { return change.first == "architectures"; });
        auto expected = expectedModel(after.config, otherClass ? "" : facts.expected->className, job);
        if (!expected)
            return false;
        after.expected = std::move(*expected);
        expectQuantized(after.expected, after.config, facts.found);
        after.facts.config = &after.config;
    }
    after.facts.expected = &after.expected;
    complete(after.facts, applied(fix, facts.found));
    after.comparison = compareToExpected(after.expected, after.facts.found, job);
    after.facts.comparison = &after.comparison;
    return true;
}

bool prove(Fix& fix, const Facts& facts, JobContext& job)
{
    FactsAfter after;
    if (!makeFactsAfter(after, fix, facts, job))
        return false;
    fix.coverageAfter = after.comparison.coverage();
    return true;
}

size_t takeBest(Finding& finding, const Facts& facts, const std::vector<Edit>& edits, JobContext& job)
{
    std::pair<size_t, size_t> best{0, 0}; // the most that match, then the fewest that deviate
    size_t taken = 0;
    std::vector<Trial> tried{{"as it is", facts.comparison->matchedTensors, facts.comparison->expectedTensors, false}};
    for (const Edit& edit : edits) {
        Fix fix = finding.fix;
        fix.keeps = edit.tensors.empty() ? std::vector<KeptTensor>{} : keepsOf(edit.tensors);
        fix.configChanges = edit.configChanges;
        FactsAfter after;
        if (!makeFactsAfter(after, fix, facts, job))
            continue;
        const Comparison& comparison = after.comparison;
        tried.push_back({edit.text, comparison.matchedTensors, comparison.expectedTensors, false});
        const size_t deviating = comparison.rows(Status::Missing).size() + comparison.rows(Status::Unexpected).size() + comparison.rows(Status::ShapeDiffers).size();
        const std::pair<size_t, size_t> score{comparison.matchedTensors, SIZE_MAX - deviating};
        if (taken > 0 && score <= best)
            continue;
        best = score;
        taken = tried.size() - 1;
        fix.coverageAfter = comparison.coverage();
        if (!edit.python.empty())
            fix.python = edit.python;
        finding.fix = std::move(fix);
    }
    if (taken == 0)
        return 0;
    tried[taken].isTaken = true;
    finding.tried = std::move(tried);
    return best.first;
}

void addTrials(Finding& finding, const Facts& facts, const std::string& text, JobContext& job)
{
    FactsAfter after;
    if (!makeFactsAfter(after, finding.fix, facts, job))
        return;
    finding.tried = {{"as it is", facts.comparison->matchedTensors, facts.comparison->expectedTensors, false},
                     {text, after.comparison.matchedTensors, after.comparison.expectedTensors, true}};
}

Config withChanges(const Config& config, const Value::Map& changes)
{
    Config out = config;
    for (const auto& [path, value] : changes)
        setPath(out.root, path, value);
    return out;
}

std::string configField(const Config& config, const std::vector<std::string_view>& names)
{
    for (const std::string_view name : names)
        if (config.root.find(name))
            return std::string(name);
    for (const std::string_view nested : nestedConfigs)
        for (const std::string_view name : names)
            if (const Value* inner = config.root.find(nested); inner && inner->find(name))
                return fmt::format("{}.{}", nested, name);
    return std::string(names.front());
}

bool namesSizes(const Config& config)
{
    static constexpr std::array<std::string_view, 9> fields{"num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers", "depths", "vocab_size", "hidden_sizes"};
    return std::any_of(fields.begin(), fields.end(), [&config](std::string_view field) { return configValue(config, configField(config, {field})) != nullptr; });
}

const Value* configValue(const Config& config, const std::string& path)
{
    const Value* at = &config.root;
    for (const std::string_view part : split(path, '.')) {
        at = at->find(part);
        if (!at)
            return nullptr;
    }
    return at;
}

std::string configPython(const Value::Map& changes)
{
    std::string out = "import json\n\nwith open(\"config.json\") as file:\n    config = json.load(file)\n";
    for (const auto& [path, value] : changes) {
        std::string target = "config";
        for (const std::string_view part : split(path, '.'))
            target += fmt::format("[{}]", toJson(Value(part)));
        const std::string text = value.isBool() ? (*value.boolean() ? "True" : "False") : value.isNull() ? "None" : toJson(value);
        out += fmt::format("{} = {}\n", target, text);
    }
    return out + "with open(\"config.json\", \"w\") as file:\n    json.dump(config, file, indent=2)\n";
}

std::vector<std::string> missingNames(const Facts& facts)
{
    return namesOf(facts, Status::Missing);
}

std::vector<std::string> unexpectedNames(const Facts& facts)
{
    return namesOf(facts, Status::Unexpected);
}

std::vector<std::string> mismatchedNames(const Facts& facts)
{
    return namesOf(facts, Status::ShapeDiffers);
}

std::string tensorCount(size_t count)
{
    return fmt::format("{} tensor{}", count, count == 1 ? "" : "s");
}

} // namespace weighbridge
