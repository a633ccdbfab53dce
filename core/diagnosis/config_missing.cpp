// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <filesystem>

namespace weighbridge {
namespace {

class ConfigMissing final : public Rule {
public:
    RuleInfo info() const override { return {"config-missing", "There is a config", order::config}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (facts.config && facts.expected && !namesSizes(*facts.config))
            return {bare(facts, job)};
        if (facts.config || facts.configError || facts.expected)
            return {};
        const std::string file = std::filesystem::path(facts.checkpoint->weightsPath).filename().string();
        if (file.ends_with(".npy") || file.starts_with("adapter_") || facts.checkpoint->format == "tokenizer")
            return {}; // a folder of inputs, an adapter or a tokenizer's file: no model
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
        addInferred(finding, config, facts, job);
        return {finding};
    }

private:
    /// Written by hand: what is compared are the sizes that the library gives where a config is silent.
    static Finding bare(const Facts& facts, JobContext& job)
    {
        const Value config = inferredConfig(facts.fingerprint);
        Finding finding;
        finding.rule = "config-missing";
        finding.severity = Severity::Warning;
        finding.title = "The config names neither layers nor vocabulary";
        finding.explanation = fmt::format("For what it does not name, loaders take the sizes of {} that are built into them, which need not be those of this file.", shown(facts.expected->modelType, 60));
        finding.evidence = {{"inferred_config", config}};
        addInferred(finding, config, facts, job);
        return finding;
    }

    static void addInferred(Finding& finding, const Value& config, const Facts& facts, JobContext& job)
    {
        finding.fix.text = config.isNull() ? "Take config.json from where the weights were published, or compare with a reference checkpoint."
                                           : "Take config.json from where the weights were published. The shapes say the fields below; they cannot say the number of attention heads, "
                                             "the activation and the epsilon of the layer norms.";
        if (!config.isNull()) {
            finding.fix.python = fmt::format("import json\n\nconfig = json.loads(\"\"\"{}\"\"\")\nwith open(\"config.json\", \"w\") as file:\n    json.dump(config, file, indent=2)\n", toJson(config, 2));
            if (const auto expected = expectedBySizes(facts.fingerprint, job))
                finding.fix.coverageAfter = compareToExpected(*expected, facts.found, job).coverage();
        }
    }
};

} // namespace

const Rule& configMissingRule()
{
    static const ConfigMissing rule;
    return rule;
}

} // namespace weighbridge
