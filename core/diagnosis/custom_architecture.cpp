// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace weighbridge {
namespace {

/// Heads and buffers of ordinary classes are left out on purpose; class-differs speaks of them.
bool isKnownPart(const std::string& name)
{
    static constexpr std::array<std::string_view, 10> starts{"cls.", "classifier", "qa_outputs.", "lm_head.", "pooler.", "score.", "pre_classifier.", "vocab_", "generator_predictions.", "discriminator_predictions."};
    static constexpr std::array<std::string_view, 7> endings{"position_ids", "token_type_ids", "inv_freq", "masked_bias", "attn.bias", "num_batches_tracked", "cos_cached"};
    return std::any_of(starts.begin(), starts.end(), [&name](std::string_view start) { return name.starts_with(start); })
        || std::any_of(endings.begin(), endings.end(), [&name](std::string_view ending) { return name.ends_with(ending); }) || name.find(".pooler.") != std::string::npos
        || name.find("encoder.layer.") != std::string::npos || name.find(".layers.") != std::string::npos || name.find("h.") == 0;
}

/// Takes out what some class of the model type has: class-differs speaks of that.
void takeOutKnown(std::vector<std::string>& names, const Facts& facts, JobContext& job)
{
    for (const std::string& className : knownClasses(facts.expected->modelType)) {
        if (names.empty() || job.cancelled())
            return;
        const auto other = expectedModel(*facts.config, className, job);
        if (!other)
            continue;
        std::unordered_set<std::string_view> known;
        for (const ExpectedTensor& tensor : other->tensors)
            known.insert(tensor.name);
        std::erase_if(names, [&known](const std::string& name) { return known.contains(name); });
    }
}

std::string moduleOf(const std::string& name)
{
    return name.substr(0, name.find('.'));
}

class CustomArchitecture final : public Rule {
public:
    RuleInfo info() const override { return {"custom-architecture", "Nothing in the file is of a module that the class does not have", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (!facts.config || !facts.expected || !facts.comparison || facts.isReference() || facts.coverage() < 0.9)
            return {};
        std::vector<std::string> strange;
        for (const std::string& name : unexpectedNames(facts))
            if (!isKnownPart(name))
                strange.push_back(name);
        takeOutKnown(strange, facts, job);
        if (strange.empty())
            return {};
        Finding finding;
        finding.rule = "custom-architecture";
        finding.severity = Severity::Warning;
        finding.title = fmt::format("The file has a module that {} does not have: {}", shown(facts.expected->className, 60), shown(moduleOf(strange.front()), 40));
        finding.explanation = fmt::format("{} of the file are used by no class of {}. A loader leaves them out and says that this can be ignored; the model then computes something else than it was trained to.",
                                          tensorCount(strange.size()), shown(facts.expected->modelType, 60));
        finding.evidence = {{"unexpected", static_cast<uint64_t>(strange.size())}};
        finding.tensors = std::move(strange);
        finding.fix.text = "Load it with the class that it was saved from; its code is with whoever trained it.";
        return {finding};
    }
};

} // namespace

const Rule& customArchitectureRule()
{
    static const CustomArchitecture rule;
    return rule;
}

} // namespace weighbridge
