// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/fix.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class NumAttentionHeads final : public Rule {
public:
    RuleInfo info() const override { return {"num-attention-heads", "The heads divide the hidden size", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.config)
            return {};
        const Value* heads = configValue(*facts.config, configField(*facts.config, {"num_attention_heads", "n_head", "n_heads", "num_heads"}));
        const Value* hidden = configValue(*facts.config, configField(*facts.config, {"hidden_size", "n_embd", "d_model", "dim"}));
        const bool ownHeadSize = facts.config->root.find("head_dim") || facts.config->root.find("d_kv") || facts.config->root.find("embedding_size");
        if (!heads || !hidden || !heads->isInt() || !hidden->isInt() || *heads->integer() <= 0 || *hidden->integer() <= 0 || ownHeadSize || *hidden->integer() % *heads->integer() == 0)
            return {};
        Finding finding;
        finding.rule = "num-attention-heads";
        finding.severity = Severity::Error;
        finding.title = fmt::format("{} attention heads do not divide the hidden size {}", *heads->integer(), *hidden->integer());
        finding.explanation = "Each head takes an equal share of the hidden size, so no model can be built. The shapes do not tell how many heads there were.";
        finding.evidence = {{"num_attention_heads", *heads->integer()}, {"hidden_size", *hidden->integer()}};
        finding.fix.text = *hidden->integer() % 64 == 0 ? fmt::format("Take the number from the config that the model was published with; heads of 64, the usual size, would be {}.", *hidden->integer() / 64)
                                                        : "Take the number from the config that the model was published with.";
        return {finding};
    }
};

} // namespace

const Rule& numAttentionHeadsRule()
{
    static const NumAttentionHeads rule;
    return rule;
}

} // namespace weighbridge
