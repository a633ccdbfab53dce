// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/infer_config.h"

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
        const bool isFolder = facts.checkpoint->format == "model-folder" && (isPublishedName(file) || !facts.checkpoint->tokenizerPaths.empty());
        Finding finding;
        finding.rule = "config-missing";
        finding.severity = isFolder ? Severity::Error : Severity::Note;
        finding.title = isFolder ? "config.json is missing" : "There is no config beside the file";
        finding.explanation = fmt::format("Without a config nothing says which tensors there should be. {}", looks(facts));
        addInferred(finding, facts, job);
        return {finding};
    }

private:
    /// A folder that a library of models reads. Someone's own network in a model.pt never has a config.
    static bool isPublishedName(std::string_view file)
    {
        return file == "model.safetensors" || file.ends_with(".index.json") || file.starts_with("pytorch_model") || file.starts_with("tf_model") ||
               file.starts_with("flax_model");
    }
    /// Written by hand: what is compared are the sizes that the library gives where a config is silent.
    static Finding bare(const Facts& facts, JobContext& job)
    {
        Finding finding;
        finding.rule = "config-missing";
        finding.severity = Severity::Warning;
        finding.title = "The config names neither layers nor vocabulary";
        finding.explanation = fmt::format("For what it does not name, loaders take the sizes of {} that are built into them, which need not be those of this file.", shown(facts.expected->modelType, 60));
        addInferred(finding, facts, job);
        return finding;
    }

    static std::string looks(const Facts& facts)
    {
        const InferredConfig* inferred = facts.inferred;
        if (inferred && inferred->isExact)
            return fmt::format("By names and shapes it is {} of model type {}: with the config below each of its {} tensors is there, and none besides.{}", inferred->className, inferred->modelType, inferred->expected,
                               inferred->alternatives.empty() ? "" : fmt::format(" So it would be as {}.", fmt::join(inferred->alternatives, ", ")));
        if (inferred)
            return fmt::format("The names look like {} of model type {}: {} of its {} tensors are there.", inferred->className, inferred->modelType, inferred->matched, inferred->expected);
        const std::string looksLike = describe(facts.fingerprint);
        return looksLike.empty() ? "The names are of no model that is known here." : fmt::format("The names look like {}.", looksLike);
    }

    static void addInferred(Finding& finding, const Facts& facts, JobContext& job)
    {
        finding.fix.text = "Take config.json from where the weights were published, or compare with a reference checkpoint.";
        const InferredConfig* inferred = facts.inferred;
        finding.evidence = {{"inferred_config", inferred ? inferred->config : Value()}};
        if (!inferred)
            return;
        finding.evidence.emplace_back("exact", inferred->isExact);
        finding.evidence.emplace_back("matched", static_cast<uint64_t>(inferred->matched));
        finding.evidence.emplace_back("expected", static_cast<uint64_t>(inferred->expected));
        finding.evidence.emplace_back("told", inferred->told);
        finding.evidence.emplace_back("not_told", inferred->untold);
        finding.evidence.emplace_back("also", Value::List(inferred->alternatives.begin(), inferred->alternatives.end()));
        finding.fix.text = fmt::format("Take config.json from where the weights were published. The shapes say the fields below; they cannot say {}the activation and the epsilon of the norms.",
                                       inferred->untold.empty() ? "" : inferred->untoldFields() + ", ");
        finding.fix.python = fmt::format("import json\n\nconfig = json.loads(\"\"\"{}\"\"\")\nwith open(\"config.json\", \"w\") as file:\n    json.dump(config, file, indent=2)\n", toJson(inferred->config, 2));
        Config config;
        config.root = inferred->config;
        if (const auto expected = expectedModel(config, inferred->className, job))
            finding.fix.coverageAfter = compareToExpected(*expected, facts.found, job).coverage();
    }
};

} // namespace

const Rule& configMissingRule()
{
    static const ConfigMissing rule;
    return rule;
}

} // namespace weighbridge
