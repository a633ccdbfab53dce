// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class UnknownModelType final : public Rule {
public:
    RuleInfo info() const override { return {"unknown-model-type", "The architecture is known", order::config}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.expectedError)
            return {};
        const Error& error = *facts.expectedError;
        Finding finding;
        finding.rule = error.rule;
        // What is not known here may still load elsewhere; what a config gets wrong does not.
        const bool isUnknown = error.rule == "unknown-model-type" || error.rule == "unknown-class" || error.rule == "remote-code";
        finding.severity = isUnknown ? Severity::Warning : Severity::Error;
        const std::string type = shown(facts.config->modelType(), 60);
        finding.title = error.rule == "unknown-model-type" ? (type.empty() ? "The config names no model_type" : fmt::format("The model type {} is not known", type))
                      : error.rule == "unknown-class"      ? "The class that the config names is not known"
                      : error.rule == "remote-code"        ? "The model needs code that comes with it"
                                                           : "The config does not describe a model";
        finding.explanation = error.message;
        if (const std::string looksLike = describe(facts.fingerprint); !looksLike.empty())
            finding.explanation += fmt::format(" The names look like {}.", looksLike);
        finding.evidence = {{"model_type", type}, {"looks_like", facts.fingerprint.family}};
        finding.fix.text = !error.fix.empty() ? error.fix : "Update transformers if the model is newer than it, or compare with a reference checkpoint.";
        return {finding};
    }
};

} // namespace

const Rule& unknownModelTypeRule()
{
    static const UnknownModelType rule;
    return rule;
}

} // namespace weighbridge
