// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/finding.h"

#include <string>
#include <utility>

namespace weighbridge {

/// A finding with the fields that a reader usually has to say.
[[nodiscard]] inline Finding newFinding(Severity severity, std::string rule, std::string title, std::string explanation, std::string fix = {}, Value::Map evidence = {})
{
    Finding out;
    out.rule = std::move(rule);
    out.severity = severity;
    out.title = std::move(title);
    out.explanation = std::move(explanation);
    out.evidence = std::move(evidence);
    out.fix.text = std::move(fix);
    return out;
}

[[nodiscard]] inline Finding warning(std::string rule, std::string title, std::string explanation, std::string fix = {}, Value::Map evidence = {})
{
    return newFinding(Severity::Warning, std::move(rule), std::move(title), std::move(explanation), std::move(fix), std::move(evidence));
}

} // namespace weighbridge
