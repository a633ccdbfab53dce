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

/// Formats in which values can be nested.
bool canNest(const Checkpoint& checkpoint)
{
    static constexpr std::array<std::string_view, 4> formats{"torch-zip", "torch-legacy", "torch-dcp", "flax-msgpack"};
    const std::string& format = checkpoint.shards.empty() ? checkpoint.format : checkpoint.shards.front().format;
    return std::find(formats.begin(), formats.end(), format) != formats.end();
}

/// Whether anything but tensors of the container is at the same level: then it is a dict in a dict, not a prefix.
bool hasNeighbours(const Facts& facts, const std::string& container)
{
    return metadataHolds(*facts.checkpoint, std::string_view(container).substr(0, container.size() - 1))
        || std::any_of(facts.found.begin(), facts.found.end(), [&container](const FoundTensor& tensor) { return !tensor.name.starts_with(container); });
}

/// "model_state_dict." if the names fit no expectation and most of the model is there; empty if nothing is nested.
std::string containerOf(const Facts& facts)
{
    if (facts.found.empty() || facts.coverage() > 0.5 || !canNest(*facts.checkpoint))
        return {};
    std::string container;
    for (const FoundTensor& tensor : facts.found) {
        const size_t dot = tensor.name.find('.');
        if (dot != std::string::npos && isContainerWord(tensor.name.substr(0, dot)) && !isOptimizerName(tensor.name)) {
            container = tensor.name.substr(0, dot + 1);
            break;
        }
    }
    if (container.empty())
        return {};
    return container.ends_with("state_dict.") || hasNeighbours(facts, container) ? container : std::string();
}

class NestedStateDict final : public Rule {
public:
    RuleInfo info() const override { return {"nested-state-dict", "The state dict is the file, not a part of it", order::names}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        const std::string container = containerOf(facts);
        if (container.empty())
            return {};
        std::vector<FoundTensor> inner;
        for (const FoundTensor& tensor : facts.found) {
            if (!tensor.name.starts_with(container))
                continue;
            inner.push_back(tensor);
            inner.back().name.erase(0, container.size());
        }
        if (const std::string wrapper = wrapperPrefix(inner); !wrapper.empty())
            for (FoundTensor& tensor : inner)
                tensor.name.erase(0, wrapper.size());
        const std::string key = container.substr(0, container.size() - 1);
        Finding finding;
        finding.rule = "nested-state-dict";
        finding.severity = facts.expected ? Severity::Error : Severity::Warning;
        finding.title = fmt::format("The state dict lies inside the file, at {}", shown(key, 60));
        finding.explanation = fmt::format("{} of {} are under {}; the rest of the file is what a training script keeps beside them. Loaders that take the file as a state dict find none of "
                                          "their names, and only warn.", inner.size(), tensorCount(facts.found.size()), shown(key, 60));
        finding.evidence = {{"nested_tensors", static_cast<uint64_t>(inner.size())}, {"tensors", static_cast<uint64_t>(facts.found.size())}};
        finding.fix.text = fmt::format("Take checkpoint[{}] and load or save that.", toJson(Value(key)));
        finding.fix.python = fmt::format("checkpoint = torch.load(\"pytorch_model.bin\", map_location=\"cpu\", weights_only=True)\nstate_dict = checkpoint[{}]\n", toJson(Value(key)));
        finding.fix.keeps = keepsOf(inner);
        prove(finding.fix, facts, job);
        return {finding};
    }
};

} // namespace

const Rule& nestedStateDictRule()
{
    static const NestedStateDict rule;
    return rule;
}

} // namespace weighbridge
