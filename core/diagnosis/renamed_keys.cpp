// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weighbridge {
namespace {

/// "prefix bert. added": every head and its base are so; nothing was renamed.
bool isBasePrefix(const std::string& rule)
{
    return rule.starts_with("prefix ");
}

class RenamedKeys final : public Rule {
public:
    RuleInfo info() const override { return {"renamed-keys", "Names that a loader maps by itself", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.comparison)
            return {};
        std::map<std::string, std::vector<std::string>> byRule;
        for (const Match& match : facts.comparison->matches)
            if (!match.rule.empty() && !isBasePrefix(match.rule) && match.expected >= 0 && match.found >= 0)
                byRule[match.rule].push_back(facts.checkpoint->tensors[static_cast<size_t>(match.found)].name);
        std::vector<Finding> findings;
        for (auto& [rule, renamed] : byRule) {
            const size_t names = renamed.size();
            Finding finding;
            finding.rule = "renamed-keys";
            finding.title = fmt::format("{} renamed by the loader: {}", names == 1 ? "1 tensor is" : fmt::format("{} tensors are", names), shown(rule, 60));
            finding.explanation = "Names of an older version, which from_pretrained maps by itself; a plain load_state_dict does not. Safe to ignore.";
            finding.evidence = {{"tensors", static_cast<uint64_t>(names)}, {"rename", rule}};
            finding.tensors = std::move(renamed);
            const size_t matched = facts.comparison->matchedTensors;
            finding.tried = {{"a plain load_state_dict", matched - std::min(matched, names), facts.comparison->expectedTensors, false},
                             {fmt::format("with the rename {}", shown(rule, 60)), matched, facts.comparison->expectedTensors, true}};
            finding.fix.text = "Nothing to do for from_pretrained. Save the model again to write today's names.";
            findings.push_back(std::move(finding));
        }
        return findings;
    }
};

} // namespace

const Rule& renamedKeysRule()
{
    static const RenamedKeys rule;
    return rule;
}

} // namespace weighbridge
