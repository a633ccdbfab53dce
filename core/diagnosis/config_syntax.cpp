// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <filesystem>

namespace weighbridge {
namespace {

class ConfigSyntax final : public Rule {
public:
    RuleInfo info() const override { return {"config-syntax", "The config can be read", order::config}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.configError)
            return {};
        const Error& error = *facts.configError;
        Finding finding;
        // A config that is cut in the middle is as unreadable as one with a comma too many; other causes (git-lfs-pointer, html-page) keep their word.
        finding.rule = error.rule == "truncated" || error.rule == "corrupt" ? "config-syntax" : error.rule;
        finding.severity = Severity::Error;
        finding.title = fmt::format("{} cannot be read", shown(std::filesystem::path(error.path.empty() ? "config.json" : error.path).filename().string(), 60));
        finding.explanation = error.message;
        if (error.offset)
            finding.evidence = {{"offset", *error.offset}};
        finding.fix.text = error.fix.empty() ? "Mend the config at that place, or take it again from where the weights were published." : error.fix;
        return {finding};
    }
};

} // namespace

const Rule& configSyntaxRule()
{
    static const ConfigSyntax rule;
    return rule;
}

} // namespace weighbridge
