// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class ConfigMissing final : public Rule {
public:
    RuleInfo info() const override { return {"config-missing", "There is a config", order::config}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (facts.config || facts.configError || facts.expected)
            return {};
        if (facts.checkpoint->weightsPath.ends_with(".npy") || facts.checkpoint->format == "tokenizer")
            return {}; // a folder of inputs, or a tokenizer's file: no model
        const bool isFolder = facts.checkpoint->format == "model-folder";
        const std::string looksLike = describe(facts.fingerprint);
        const Value config = inferredConfig(facts.fingerprint);
        Finding finding;
        finding.rule = "config-missing";
        finding.severity = isFolder ? Severity::Error : Severity::Note;
        finding.title = isFolder ? "config.json is missing" : "There is no config beside the file";
        finding.explanation = looksLike.empty() ? "Without a config nothing says which tensors there should be. The names are of no model that is known here."
                                                : fmt::format("Without a config nothing says which tensors there should be. The names look like {}.", looksLike);
        finding.evidence = {{"inferred_config", config}};
        finding.fix.text = config.isNull() ? "Take config.json from where the weights were published, or compare with a reference checkpoint."
                                           : "Take config.json from where the weights were published. The shapes say the fields below; they cannot say the number of attention heads, "
                                             "the activation and the epsilon of the layer norms.";
        if (!config.isNull()) {
            finding.fix.python = fmt::format("import json\n\nconfig = json.loads(\"\"\"{}\"\"\")\nwith open(\"config.json\", \"w\") as file:\n    json.dump(config, file, indent=2)\n", toJson(config, 2));
            Config inferred;
            inferred.root = config;
            if (const auto expected = expectedModel(inferred, "", job))
                finding.fix.coverageAfter = compareToExpected(*expected, facts.found, job).coverage();
        }
        return {finding};
    }
};

} // namespace

const Rule& configMissingRule()
{
    static const ConfigMissing rule;
    return rule;
}

} // namespace weighbridge
