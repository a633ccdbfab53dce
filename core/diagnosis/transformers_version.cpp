// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

namespace weighbridge {
namespace {

/// The release that resources/architectures/ was made from.
constexpr std::pair<int, int> known{5, 23};

/// Major and minor of "4.49.0.dev0".
std::optional<std::pair<int, int>> parse(std::string_view text)
{
    const auto parts = split(text, '.');
    std::pair<int, int> out;
    if (parts.size() < 2)
        return std::nullopt;
    const auto read = [](std::string_view part, int& number) { return std::from_chars(part.data(), part.data() + part.size(), number).ec == std::errc(); };
    return read(parts[0], out.first) && read(parts[1], out.second) ? std::optional(out) : std::nullopt;
}

class TransformersVersion final : public Rule {
public:
    RuleInfo info() const override { return {"transformers-version", "The config is of a version that is known here", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        const Value* value = facts.config ? facts.config->root.find("transformers_version") : nullptr;
        const std::string text = value ? value->stringOr("") : "";
        const auto version = parse(text);
        if (!version || *version <= known)
            return {};
        Finding finding;
        finding.rule = "transformers-version";
        finding.severity = Severity::Warning;
        finding.title = fmt::format("The config was written by transformers {}, newer than {}.{}", shown(text, 30), known.first, known.second);
        finding.explanation = fmt::format("What a config expects is known here up to version {}.{}. A newer one may have renamed fields or tensors; older loaders may not read it.", known.first, known.second);
        finding.evidence = {{"config", text}, {"known", fmt::format("{}.{}", known.first, known.second)}};
        finding.fix.text = fmt::format("Use transformers {} or newer.", shown(text, 30));
        finding.fix.python = "# pip install --upgrade transformers\n";
        return {finding};
    }
};

} // namespace

const Rule& transformersVersionRule()
{
    static const TransformersVersion rule;
    return rule;
}

} // namespace weighbridge
