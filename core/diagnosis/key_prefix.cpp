// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/prefix_search.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

std::string originOf(const std::string& prefix)
{
    if (prefix.find("_orig_mod.") != std::string::npos)
        return " torch.compile writes _orig_mod. when the compiled model is saved instead of the model.";
    if (prefix.find("_fsdp_wrapped_module.") != std::string::npos)
        return " FullyShardedDataParallel writes it when its wrapper is saved.";
    if (prefix.starts_with("module."))
        return " DataParallel and DistributedDataParallel write module. when the wrapper is saved instead of model.module.";
    return prefix.empty() ? "" : " The model was saved as a member of another module.";
}

std::string titleOf(const PrefixEdit& edit, size_t tensors)
{
    if (!edit.strip.empty() && edit.add.empty())
        return edit.stripped == tensors ? fmt::format("Every tensor name starts with {}", shown(edit.strip, 60))
                                        : fmt::format("{} of {} tensor names start with {}", edit.stripped, tensors, shown(edit.strip, 60));
    if (edit.strip.empty() && edit.add.empty())
        return "The names hold words of a wrapper in their middle";
    if (edit.strip.empty())
        return fmt::format("Every tensor name lacks {} at its start", shown(edit.add, 60));
    return fmt::format("Tensor names start with {} instead of {}", shown(edit.strip, 60), shown(edit.add, 60));
}

/// Without an expectation only the words that nothing but a wrapper writes can be named.
std::vector<Finding> unproved(const Facts& facts)
{
    const std::string prefix = wrapperPrefix(facts.found);
    if (prefix.empty())
        return {};
    Finding finding;
    finding.rule = "key-prefix";
    finding.severity = Severity::Warning;
    finding.title = fmt::format("Every tensor name starts with {}", prefix);
    finding.explanation = "Nothing but a wrapper writes this, so the plain model will not find its names." + originOf(prefix);
    finding.evidence = {{"strip", prefix}, {"tensors", static_cast<uint64_t>(facts.found.size())}};
    finding.fix.text = fmt::format("Take {} off every name.", prefix);
    finding.fix.python = prefixPython({prefix, "", false, facts.found.size(), {}, 0, 0, {}});
    std::vector<FoundTensor> edited = facts.found;
    for (FoundTensor& tensor : edited)
        tensor.name.erase(0, prefix.size());
    finding.fix.keeps = keepsOf(edited);
    return {finding};
}

class KeyPrefix final : public Rule {
public:
    RuleInfo info() const override { return {"key-prefix", "Names have no prefix of a wrapper", order::names}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (!facts.expected)
            return unproved(facts);
        const auto edit = bestPrefixEdit(facts);
        if (!edit)
            return {};
        Finding finding;
        finding.rule = "key-prefix";
        finding.severity = Severity::Error;
        finding.title = titleOf(*edit, facts.found.size());
        finding.evidence = {{"strip", edit->strip}, {"add", edit->add}, {"matched_before", static_cast<uint64_t>(edit->matchedBefore)},
                            {"matched_after", static_cast<uint64_t>(edit->matchedAfter)}, {"tensors", static_cast<uint64_t>(facts.found.size())}};
        finding.fix.text = edit->strip.empty() ? fmt::format("Put {} in front of every name.", shown(edit->add, 60)) : fmt::format("Take {} off every name.", shown(edit->strip, 60));
        finding.fix.python = prefixPython(*edit);
        finding.tried = edit->tried;
        finding.fix.keeps = keepsOf(edit->edited);
        prove(finding.fix, facts, job);
        finding.explanation = fmt::format("{} of {} tensors match as they are, {} after the names are edited.{}", edit->matchedBefore, facts.found.size(), edit->matchedAfter, originOf(edit->strip));
        return {finding};
    }
};

} // namespace

const Rule& keyPrefixRule()
{
    static const KeyPrefix rule;
    return rule;
}

} // namespace weighbridge
