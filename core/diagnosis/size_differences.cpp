// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/size_differences.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/layer_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace weighbridge {
namespace {

constexpr std::array layerFields{"num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers", "num_decoder_layers"};
constexpr int64_t maximumPatch = 1'000'000; ///< pixels on one side
constexpr int64_t maximumLabels = 10'000; ///< id2label is written out up to so many

std::string_view withoutBase(std::string_view name, const ExpectedModel& expected)
{
    const std::string& base = expected.baseModelPrefix;
    return !base.empty() && name.size() > base.size() && name.starts_with(base) && name[base.size()] == '.' ? name.substr(base.size() + 1) : name;
}

LayerIndices indicesOf(const std::vector<FoundTensor>& tensors, const ExpectedModel& expected)
{
    std::vector<std::string_view> names;
    for (const FoundTensor& tensor : tensors)
        names.push_back(withoutBase(tensor.name, expected));
    return layerIndices(names);
}

bool runsFromZero(const std::set<int64_t>& indices)
{
    return !indices.empty() && *indices.begin() == 0 && *indices.rbegin() == static_cast<int64_t>(indices.size()) - 1;
}

/// Missing and unexpected tensors whose layer only one side has, by the layers' stem.
std::map<std::string, std::vector<std::string>, std::less<>> tensorsByStem(const LayerIndices& expected, const LayerIndices& found, const Facts& facts)
{
    std::map<std::string, std::vector<std::string>, std::less<>> out;
    for (const auto& names : {missingNames(facts), unexpectedNames(facts)}) {
        for (const std::string& name : names) {
            const auto layer = layerOf(withoutBase(name, *facts.expected));
            if (!layer)
                continue;
            const auto here = expected.find(layer->stem);
            const auto there = found.find(layer->stem);
            if (here != expected.end() && there != found.end() && here->second.contains(layer->index) != there->second.contains(layer->index))
                out[std::string(layer->stem)].push_back(name);
        }
    }
    return out;
}

/// Labels are named in the config one by one; their number is the length of the list.
void changeLabels(Value::Map& changes, const Config& config, int64_t labels)
{
    if (config.root.find("id2label") && labels <= maximumLabels) {
        Value::Map idToLabel;
        Value::Map labelToId;
        for (int64_t i = 0; i < labels; ++i) {
            idToLabel.emplace_back(std::to_string(i), fmt::format("LABEL_{}", i));
            labelToId.emplace_back(fmt::format("LABEL_{}", i), i);
        }
        changes.emplace_back("id2label", std::move(idToLabel));
        changes.emplace_back("label2id", std::move(labelToId));
    } else {
        changes.emplace_back("num_labels", labels);
    }
}

/// A vision model has a position per patch and one for the class token: the field behind it is the size of the image.
void changePositions(Value::Map& changes, const Config& config, int64_t positions)
{
    const auto numberOf = [&config](const char* field) {
        const Value* value = configValue(config, configField(config, {field}));
        return value && value->isInt() ? *value->integer() : 0;
    };
    const int64_t patch = numberOf("patch_size");
    const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(std::max<int64_t>(positions - 1, 0)))));
    if (numberOf("image_size") <= 0 || patch <= 0 || patch > maximumPatch)
        changes.emplace_back(configField(config, positionsField().fields), positions);
    else if (side * side == positions - 1)
        changes.emplace_back(configField(config, {"image_size"}), side * patch);
}

bool differs(const SizeField& field, const Facts& facts)
{
    const auto expected = facts.expectedSizes.*field.size;
    const auto found = facts.fingerprint.sizes.*field.size;
    return expected && found && *expected != *found;
}

/// Mismatched tensors that hold the expected size where the file holds the other.
std::vector<std::string> tensorsWith(const Facts& facts, int64_t expected, int64_t found)
{
    std::vector<std::string> out;
    for (const size_t row : facts.comparison->rows(Status::ShapeDiffers)) {
        const Match& match = facts.comparison->matches[row];
        const ExpectedTensor& wanted = facts.expected->tensors[static_cast<size_t>(match.expected)];
        const Shape& shape = facts.checkpoint->tensors[static_cast<size_t>(match.found)].shape;
        for (size_t i = 0; i < std::min(shape.size(), wanted.shape.size()); ++i) {
            if (wanted.shape[i] == expected && shape[i] == found) {
                out.push_back(wanted.name);
                break;
            }
        }
    }
    return out;
}

} // namespace

std::vector<DepthDifference> depthDifferences(const Facts& facts)
{
    if (!facts.expected || !facts.comparison)
        return {};
    const LayerIndices expected = indicesOf(asFound(*facts.expected), *facts.expected);
    const LayerIndices found = indicesOf(facts.found, *facts.expected);
    std::vector<DepthDifference> out;
    for (auto& [stem, tensors] : tensorsByStem(expected, found, facts)) {
        const std::set<int64_t>& there = found.find(stem)->second;
        out.push_back({stem, expected.find(stem)->second, there, !runsFromZero(there), std::move(tensors)});
    }
    std::stable_sort(out.begin(), out.end(), [](const DepthDifference& a, const DepthDifference& b) { return a.found.size() > b.found.size(); });
    return out;
}

std::string layersField(const Config& config, int64_t value)
{
    for (const char* field : layerFields)
        if (const Value* number = configValue(config, configField(config, {field})); number && number->isInt() && *number->integer() == value)
            return configField(config, {field});
    return configField(config, {layerFields.begin(), layerFields.end()});
}

const SizeField& hiddenSizeField()
{
    static const SizeField field{"hidden-size", "hidden size", &ModelSizes::hidden, {"hidden_size", "n_embd", "d_model", "dim"}};
    return field;
}

const SizeField& intermediateSizeField()
{
    static const SizeField field{"intermediate-size", "intermediate size", &ModelSizes::intermediate, {"intermediate_size", "n_inner", "d_ff", "hidden_dim", "ffn_dim", "encoder_ffn_dim"}};
    return field;
}

const SizeField& vocabSizeField()
{
    static const SizeField field{"vocab-size", "vocabulary", &ModelSizes::vocab, {"vocab_size"}};
    return field;
}

const SizeField& positionsField()
{
    static const SizeField field{"max-position-embeddings", "number of positions", &ModelSizes::positions, {"max_position_embeddings", "n_positions"}};
    return field;
}

const SizeField& typeVocabField()
{
    static const SizeField field{"type-vocab-size", "number of segment types", &ModelSizes::typeVocab, {"type_vocab_size"}};
    return field;
}

const SizeField& labelsField()
{
    static const SizeField field{"num-labels", "number of labels", &ModelSizes::labels, {"num_labels"}};
    return field;
}

Value::Map sizeChanges(const Facts& facts)
{
    Value::Map changes;
    if (!facts.config || facts.isReference())
        return changes;
    for (const SizeField* field : {&hiddenSizeField(), &intermediateSizeField(), &vocabSizeField(), &typeVocabField()})
        if (differs(*field, facts))
            changes.emplace_back(configField(*facts.config, field->fields), *(facts.fingerprint.sizes.*field->size));
    if (differs(positionsField(), facts))
        changePositions(changes, *facts.config, *facts.fingerprint.sizes.positions);
    if (differs(labelsField(), facts))
        changeLabels(changes, *facts.config, *facts.fingerprint.sizes.labels);
    for (const DepthDifference& depth : depthDifferences(facts)) {
        if (!depth.hasGap && depth.found.size() != depth.expected.size()) {
            changes.emplace_back(layersField(*facts.config, static_cast<int64_t>(depth.expected.size())), static_cast<int64_t>(depth.found.size()));
            break;
        }
    }
    return changes;
}

namespace {

/// What no shape says, although the sizes depend on it.
std::string assumptionOf(const Value::Map& changes, const Config& config)
{
    const auto changed = [&changes](std::string_view ending) {
        return std::any_of(changes.begin(), changes.end(), [ending](const auto& change) { return change.first.ends_with(ending); });
    };
    if (const auto heads = configField(config, {"num_attention_heads", "n_head", "n_heads"}); configValue(config, heads))
        for (const std::string_view field : hiddenSizeField().fields)
            if (changed(field))
                return fmt::format("{} is {} also with the corrected hidden size", heads, shown(toJson(*configValue(config, heads)), 20));
    return changed("id2label") ? "The labels' names are not in the file and are numbered" : "";
}

} // namespace

namespace {

/// This field alone, and all that differ.
void trySizes(Finding& finding, const Facts& facts, JobContext& job)
{
    std::vector<Edit> edits;
    for (const auto& change : finding.fix.configChanges)
        if (finding.fix.configChanges.size() > 1 && change.second.isInt())
            edits.push_back({fmt::format("{} = {} alone", shown(change.first, 60), toJson(change.second)), {}, {change}});
    edits.push_back({finding.fix.configChanges.size() > 1 ? "all of these" : "the corrected config", {}, finding.fix.configChanges});
    takeBest(finding, facts, edits, job);
}

} // namespace

std::vector<Finding> checkSize(const SizeField& field, const Facts& facts, JobContext& job)
{
    if (!facts.expected || !facts.comparison || !differs(field, facts))
        return {};
    const int64_t expected = *(facts.expectedSizes.*field.size);
    const int64_t found = *(facts.fingerprint.sizes.*field.size);
    std::vector<std::string> tensors = tensorsWith(facts, expected, found);
    if (tensors.empty())
        return {};
    const char* side = facts.expectingSide();
    Finding finding;
    finding.rule = field.rule;
    finding.severity = Severity::Error;
    finding.title = fmt::format("The {} in the {} is {}, in the file {}", field.what, side, expected, found);
    finding.explanation = fmt::format("{} of the file {} {} where the {} asks for {}. A loader stops with \"size mismatch\".", tensorCount(tensors.size()), tensors.size() == 1 ? "has" : "have", found, side, expected);
    finding.evidence = {{side, expected}, {"file", found}};
    finding.tensors = std::move(tensors);
    finding.fix.text = "Take the config that belongs to this file, or the file that belongs to this config.";
    finding.fix.configChanges = sizeChanges(facts);
    if (!finding.fix.configChanges.empty() && prove(finding.fix, facts, job)) {
        finding.fix.python = configPython(finding.fix.configChanges);
        finding.fix.assumption = assumptionOf(finding.fix.configChanges, *facts.config);
        std::string list;
        for (const auto& [name, value] : finding.fix.configChanges)
            list += fmt::format("{}{}{}", list.empty() ? "" : ", ", shown(name, 60), value.isInt() ? " = " + toJson(value) : "");
        finding.fix.text = fmt::format("The shapes say {}: correct the config, or take the one that belongs to this file.", list);
        trySizes(finding, facts, job);
    } else {
        finding.fix.configChanges.clear();
    }
    return {finding};
}

} // namespace weighbridge
