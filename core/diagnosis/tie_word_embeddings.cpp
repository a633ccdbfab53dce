// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

class TieWordEmbeddings final : public Rule {
public:
    RuleInfo info() const override { return {"tie-word-embeddings", "Output and input embeddings are tied as the file needs it", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (!facts.expected || !facts.comparison || !facts.config || facts.isReference())
            return {};
        const std::string field = configField(*facts.config, {"tie_word_embeddings"});
        const Value* tie = configValue(*facts.config, field);
        if (!tie || !tie->boolean() || *tie->boolean())
            return {};
        Finding finding;
        finding.fix.configChanges = {{field, true}};
        FactsAfter after;
        if (!makeFactsAfter(after, finding.fix, facts, job))
            return {};
        const auto still = missingNames(after.facts);
        for (const std::string& name : missingNames(facts))
            if (std::find(still.begin(), still.end(), name) == still.end())
                finding.tensors.push_back(name);
        if (finding.tensors.empty())
            return {};
        finding.rule = "tie-word-embeddings";
        finding.severity = Severity::Error;
        finding.title = "The output embedding is not in the file, and the config does not tie it to the input embedding";
        finding.explanation = fmt::format("With tie_word_embeddings = false the model expects {} of its own. It starts random, and so does every word that the model says.", tensorCount(finding.tensors.size()));
        finding.evidence = {{"tie_word_embeddings", false}, {"tensors", static_cast<uint64_t>(finding.tensors.size())}};
        finding.fix.text = "Set tie_word_embeddings to true if the model was trained so, or supply the output embedding.";
        finding.fix.python = configPython(finding.fix.configChanges);
        finding.fix.assumption = "The model was trained with its output embedding tied to the input embedding";
        finding.fix.coverageAfter = after.comparison.coverage();
        addTrials(finding, facts, fmt::format("{} = true", field), job);
        return {finding};
    }
};

} // namespace

const Rule& tieWordEmbeddingsRule()
{
    static const TieWordEmbeddings rule;
    return rule;
}

} // namespace weighbridge
