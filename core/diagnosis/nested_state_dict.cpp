// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/name_tells.h"
#include "core/diagnosis/prefix_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr size_t maximumContainers = 4; ///< that are tried

/// Formats in which values can be nested.
bool canNest(const Checkpoint& checkpoint)
{
    static constexpr std::array<std::string_view, 4> formats{"torch-zip", "torch-legacy", "torch-dcp", "flax-msgpack"};
    const std::string& format = checkpoint.shards.empty() ? checkpoint.format : checkpoint.shards.front().format;
    return std::find(formats.begin(), formats.end(), format) != formats.end();
}

/// Whether the reader lists it as a state dict of its own beside other things (metadata: state_dicts [{path, ...}]).
bool isStateDict(const Checkpoint& checkpoint, const std::string& container)
{
    const Value* list = findInMetadata(checkpoint, "state_dicts");
    const Value::List* entries = list ? list->list() : nullptr;
    return entries && std::any_of(entries->begin(), entries->end(), [&container](const Value& entry) {
        const Value* path = entry.find("path");
        return path && path->stringOr("") + "." == container;
    });
}

/// Whether anything but tensors of the container is at the same level: then it is a dict in a dict, not a prefix.
bool hasNeighbours(const Facts& facts, const std::string& container)
{
    return findInMetadata(*facts.checkpoint, std::string_view(container).substr(0, container.size() - 1)) != nullptr
        || std::any_of(facts.found.begin(), facts.found.end(), [&container](const FoundTensor& tensor) { return !tensor.name.starts_with(container); });
}

/// How many names are of expected tensors, whatever their shapes.
size_t named(const Comparison& comparison)
{
    return static_cast<size_t>(std::count_if(comparison.matches.begin(), comparison.matches.end(), [](const Match& match) { return match.expected >= 0 && match.found >= 0; }));
}

/// "model_state_dict.", "ema.": what may hold the state dict, in the file's order; empty if nothing is nested.
std::vector<std::string> containersOf(const Facts& facts)
{
    std::vector<std::string> containers;
    if (facts.found.empty() || !canNest(*facts.checkpoint))
        return containers;
    for (const FoundTensor& tensor : facts.found) {
        const size_t dot = tensor.name.find('.');
        if (dot == std::string::npos || isOptimizerName(tensor.name) || !isContainerWord(std::string_view(tensor.name).substr(0, dot)) || containers.size() >= maximumContainers)
            continue;
        const std::string container = tensor.name.substr(0, dot + 1);
        if (std::find(containers.begin(), containers.end(), container) == containers.end())
            containers.push_back(container);
    }
    // By what the reader says it is a dict; by its names alone it may be a module of that name.
    std::erase_if(containers, [&facts](const std::string& container) {
        return !isStateDict(*facts.checkpoint, container) && (facts.coverage() > 0.5 || (!container.ends_with("state_dict.") && !hasNeighbours(facts, container)));
    });
    return containers;
}

std::vector<FoundTensor> inside(const std::string& container, const std::vector<FoundTensor>& found)
{
    std::vector<FoundTensor> inner;
    for (const FoundTensor& tensor : found) {
        if (!tensor.name.starts_with(container))
            continue;
        inner.push_back(tensor);
        inner.back().name.erase(0, container.size());
    }
    return inner;
}

/// What can be taken out of one container: its tensors, the same without a wrapper's words, and with the best edit of their prefix.
std::vector<Edit> editsOf(const std::string& container, const Facts& facts)
{
    const std::string take = fmt::format("take {}", shown(std::string_view(container).substr(0, container.size() - 1), 60));
    const std::string python = fmt::format("state_dict = state_dict[{}]\n", toJson(Value(container.substr(0, container.size() - 1))));
    std::vector<Edit> edits{{take, inside(container, facts.found), {}, python}};
    if (const std::string wrapper = wrapperPrefix(edits.front().tensors); !wrapper.empty())
        edits.push_back({fmt::format("{}, strip {}", take, wrapper),
                         inside(wrapper, edits.front().tensors),
                         {},
                         python + prefixPython({wrapper, "", false, 0, {}, 0, 0, {}})});
    Facts unwrapped = facts;
    unwrapped.found = edits.front().tensors;
    if (const auto prefix = bestPrefixEdit(unwrapped)) {
        const auto taken = std::find_if(prefix->tried.begin(), prefix->tried.end(), [](const Trial& trial) { return trial.isTaken; });
        edits.push_back({fmt::format("{}, {}", take, taken->text), prefix->edited, {}, python + prefixPython(*prefix)});
    }
    return edits;
}

class NestedStateDict final : public Rule {
public:
    RuleInfo info() const override { return {"nested-state-dict", "The state dict is the file, not a part of it", order::names}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        const std::vector<std::string> containers = containersOf(facts);
        if (containers.empty())
            return {};
        Finding finding;
        std::string container = containers.front();
        if (!facts.expected)
            takeUnproved(finding, editsOf(container, facts).back());
        else if (container = takeBestContainer(finding, facts, containers, job); container.empty())
            return {};
        const size_t nested = inside(container, facts.found).size();
        const std::string key = container.substr(0, container.size() - 1);
        finding.rule = "nested-state-dict";
        finding.severity = facts.expected ? Severity::Error : Severity::Warning;
        finding.title = fmt::format("The state dict lies inside the file, at {}", shown(key, 60));
        finding.explanation = fmt::format("{} of {} are under {}; the rest of the file is what a training script keeps beside them. Loaders that take the file as a state dict find none of "
                                          "their names, and only warn.", nested, tensorCount(facts.found.size()), shown(key, 60));
        finding.evidence = {{"nested_tensors", static_cast<uint64_t>(nested)}, {"tensors", static_cast<uint64_t>(facts.found.size())}};
        finding.fix.text = fmt::format("Take checkpoint[{}] and load or save that.", toJson(Value(key)));
        return {finding};
    }

private:
    static void takeUnproved(Finding& finding, const Edit& edit)
    {
        finding.fix.keeps = keepsOf(edit.tensors);
        finding.fix.python = edit.python;
    }
    /// The container whose tensors fit best, with the fix; empty if none has more names than the file as it is.
    static std::string takeBestContainer(Finding& finding, const Facts& facts, const std::vector<std::string>& containers, JobContext& job)
    {
        std::vector<Edit> edits;
        std::vector<std::string> containerOf;
        for (const std::string& container : containers) {
            for (Edit& edit : editsOf(container, facts)) {
                edits.push_back(std::move(edit));
                containerOf.push_back(container);
            }
        }
        const size_t after = takeBest(finding, facts, edits, job);
        const auto taken = std::find_if(finding.tried.begin(), finding.tried.end(), [](const Trial& trial) { return trial.isTaken; });
        if (taken == finding.tried.end())
            return {};
        const std::string container = containerOf[static_cast<size_t>(taken - finding.tried.begin()) - 1]; // the first is the file as it is
        const bool isDict = isStateDict(*facts.checkpoint, container);
        if (isDict) // the file's keys are those of the dict, not of the tensors in it
            finding.tried.front().matched = 0;
        const size_t before = isDict ? 0 : named(*facts.comparison);
        return after > before || (after == 0 && container.ends_with("state_dict.")) ? container : std::string();
    }
};

} // namespace

const Rule& nestedStateDictRule()
{
    static const NestedStateDict rule;
    return rule;
}

} // namespace weighbridge
