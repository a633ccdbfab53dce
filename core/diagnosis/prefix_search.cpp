// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/prefix_search.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

namespace weighbridge {
namespace {

/// Written by DataParallel and DistributedDataParallel, torch.compile, FSDP and activation checkpointing; the last two stand anywhere in a name.
constexpr std::array wrappers{std::string_view("module."), std::string_view("_orig_mod."), std::string_view("_fsdp_wrapped_module."), std::string_view("_checkpoint_wrapped_module."),
                              std::string_view("_forward_module.")};
constexpr std::array insideWrappers{std::string_view("_orig_mod."), std::string_view("_fsdp_wrapped_module."), std::string_view("_checkpoint_wrapped_module.")};
constexpr size_t maximumParts = 4;
constexpr size_t maximumCandidates = 6;
constexpr size_t maximumTrials = 6;     ///< that are told
constexpr size_t sampledTensors = 4000; ///< of a very large checkpoint, candidates are tried on so many, evenly spread

std::string withoutInside(std::string name)
{
    for (const std::string_view word : insideWrappers)
        for (size_t at = name.find(word); at != std::string::npos; at = name.find(word, at))
            if (at == 0 || name[at - 1] == '.')
                name.erase(at, word.size());
            else
                ++at;
    return name;
}

bool hasInside(const std::string& name)
{
    return withoutInside(name) != name;
}

/// The starts of names, up to a dot, that a good part of them share; the most frequent first, and none twice.
std::vector<std::string> commonStarts(const std::vector<std::string>& names)
{
    std::map<std::string, size_t, std::less<>> counts;
    for (const std::string& name : names) {
        size_t dot = 0;
        for (size_t parts = 0; parts < maximumParts && (dot = name.find('.', dot)) != std::string::npos; ++parts)
            ++counts[name.substr(0, ++dot)];
    }
    std::vector<std::pair<size_t, std::string>> frequent;
    for (const auto& [start, count] : counts)
        if (count * 5 >= names.size())
            frequent.emplace_back(count, start);
    std::stable_sort(frequent.begin(), frequent.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    if (frequent.size() > maximumCandidates)
        frequent.resize(maximumCandidates);
    std::vector<std::string> out{""};
    for (auto& entry : frequent)
        out.push_back(std::move(entry.second));
    return out;
}

/// Expected shapes by name, and whether a found name would be taken for one of them (the loader adds or strips the base prefix).
class Lookup {
public:
    explicit Lookup(const ExpectedModel& expected) : m_base(expected.baseModelPrefix.empty() ? "" : expected.baseModelPrefix + ".")
    {
        for (const ExpectedTensor& tensor : expected.tensors)
            m_shapes.emplace(tensor.name, &tensor.shape);
    }
    [[nodiscard]] bool takes(const std::string& name, const Shape& shape) const
    {
        if (holds(name, shape))
            return true;
        return !m_base.empty() && (name.starts_with(m_base) ? holds(name.substr(m_base.size()), shape) : holds(m_base + name, shape));
    }

private:
    [[nodiscard]] bool holds(const std::string& name, const Shape& shape) const
    {
        const auto entry = m_shapes.find(name);
        return entry != m_shapes.end() && *entry->second == shape;
    }
    std::string m_base;
    std::unordered_map<std::string, const Shape*> m_shapes;
};

struct Candidate {
    std::string strip;
    std::string add;
    bool insideNames = false;
    [[nodiscard]] std::string of(const std::string& name) const
    {
        std::string out = name.starts_with(strip) ? name.substr(strip.size()) : name;
        if (insideNames)
            out = withoutInside(std::move(out));
        return add + out;
    }
    [[nodiscard]] size_t size() const { return strip.size() + 2 * add.size() + (insideNames ? 1 : 0); }
};

size_t countMatches(const Candidate& candidate, const Facts& facts, const Lookup& lookup)
{
    const size_t step = 1 + facts.found.size() / sampledTensors;
    size_t matches = 0;
    for (size_t i = 0; i < facts.found.size(); i += step)
        matches += lookup.takes(candidate.of(facts.found[i].name), facts.found[i].shape) ? step : 0;
    return std::min(matches, facts.found.size());
}

std::string describe(const Candidate& candidate)
{
    std::string out = candidate.strip.empty() ? "" : "strip " + shown(candidate.strip, 60);
    if (!candidate.add.empty())
        out += (out.empty() ? "add " : ", add ") + shown(candidate.add, 60);
    if (candidate.insideNames)
        out += std::string(out.empty() ? "" : ", ") + "take wrappers out of the middle";
    return out.empty() ? "as it is" : out;
}

struct Tried {
    Candidate candidate;
    size_t matches = 0;
};

/// As it is, the one that is taken, and the best of the others.
std::vector<Trial> trialsOf(std::vector<Tried> tried, const Candidate& taken, size_t before, size_t after, size_t of)
{
    std::vector<Trial> out{{describe(Candidate{}), before, of, false}, {describe(taken), after, of, true}};
    std::stable_sort(tried.begin(), tried.end(), [](const Tried& a, const Tried& b) { return std::pair(b.matches, a.candidate.size()) < std::pair(a.matches, b.candidate.size()); });
    for (const Tried& entry : tried) {
        const std::string text = describe(entry.candidate);
        if (out.size() >= maximumTrials)
            break;
        if (std::none_of(out.begin(), out.end(), [&text](const Trial& trial) { return trial.text == text; }))
            out.push_back({text, entry.matches, of, false});
    }
    return out;
}

std::vector<Candidate> candidates(const Facts& facts)
{
    std::vector<std::string> found;
    for (const FoundTensor& tensor : facts.found)
        found.push_back(tensor.name);
    std::vector<std::string> expected;
    for (const ExpectedTensor& tensor : facts.expected->tensors)
        expected.push_back(tensor.name);
    const bool inside = std::any_of(found.begin(), found.end(), hasInside);
    std::vector<Candidate> out;
    for (const std::string& strip : commonStarts(found))
        for (const std::string& add : commonStarts(expected))
            for (const bool insideNames : inside ? std::vector{false, true} : std::vector{false})
                out.push_back({strip, add, insideNames});
    return out;
}

} // namespace

std::optional<PrefixEdit> bestPrefixEdit(const Facts& facts)
{
    if (!facts.expected || facts.found.empty())
        return std::nullopt;
    const Lookup lookup(*facts.expected);
    const size_t before = countMatches({}, facts, lookup);
    if (before == facts.found.size())
        return std::nullopt;
    std::optional<Candidate> best;
    size_t after = before;
    std::vector<Tried> tried;
    for (const Candidate& candidate : candidates(facts)) {
        const size_t matches = countMatches(candidate, facts, lookup);
        tried.push_back({candidate, matches});
        if (matches > after || (matches == after && best && candidate.size() < best->size())) {
            after = matches;
            best = candidate;
        }
    }
    // A few tensors match by chance, or because two families share the names of their embeddings.
    const size_t enough = std::min(facts.found.size(), facts.expected->tensors.size()) / 2;
    if (!best || after < enough || after - before < std::max<size_t>(2, facts.found.size() / 20))
        return std::nullopt;
    PrefixEdit edit{best->strip, best->add, best->insideNames, 0, facts.found, before, after, trialsOf(std::move(tried), *best, before, after, facts.found.size())};
    for (FoundTensor& tensor : edit.edited) {
        edit.stripped += tensor.name.starts_with(best->strip) ? 1 : 0;
        tensor.name = best->of(tensor.name);
    }
    return edit;
}

std::string wrapperPrefix(const std::vector<FoundTensor>& tensors)
{
    if (tensors.empty())
        return {};
    std::string prefix;
    for (bool more = true; more;) {
        more = false;
        for (const std::string_view word : wrappers) {
            const std::string longer = prefix + std::string(word);
            if (std::all_of(tensors.begin(), tensors.end(), [&longer](const FoundTensor& tensor) { return tensor.name.starts_with(longer); })) {
                prefix = longer;
                more = true;
            }
        }
    }
    return prefix;
}

bool isContainerWord(std::string_view part)
{
    static const std::set<std::string_view> words{"model", "net", "network", "module", "ema", "model_ema", "ema_model", "params", "params_ema", "weights", "checkpoint", "generator", "model_state", "model_weights"};
    return part.ends_with("state_dict") || words.contains(part);
}

std::string prefixPython(const PrefixEdit& edit)
{
    std::string key = edit.strip.empty() ? "k" : fmt::format("k.removeprefix({})", toJson(Value(edit.strip)));
    if (edit.insideNames)
        for (const char* word : {"_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."})
            key += fmt::format(".replace(\"{}\", \"\")", word);
    if (!edit.add.empty())
        key = fmt::format("{} + {}", toJson(Value(edit.add)), key);
    return fmt::format("state_dict = {{{}: v for k, v in state_dict.items()}}\n", key);
}

} // namespace weighbridge
