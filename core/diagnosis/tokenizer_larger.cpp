// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/tokenizer_files.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class TokenizerLarger final : public Rule {
public:
    RuleInfo info() const override { return {"tokenizer-larger-than-embedding", "Every token has a row in the embedding", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        const auto& sizes = facts.fingerprint.sizes;
        if (!sizes.vocab || facts.checkpoint->tokenizerPaths.empty())
            return {};
        const TokenizerFiles tokenizer = readTokenizerFiles(*facts.checkpoint, job);
        if (tokenizer.tokens <= *sizes.vocab)
            return {};
        const int64_t beyond = tokenizer.tokens - *sizes.vocab;
        Finding finding;
        finding.rule = "tokenizer-larger-than-embedding";
        finding.severity = Severity::Error;
        finding.title = fmt::format("The tokenizer has {} tokens, the embedding has {} rows", tokenizer.tokens, *sizes.vocab);
        finding.explanation = fmt::format("{} gives ids up to {}. The {} above {} have no row: the model stops with \"index out of range in self\" (on a GPU: device-side assert) when one occurs.",
                                          shown(tokenizer.source, 60), tokenizer.tokens - 1, beyond == 1 ? "one" : std::to_string(beyond), *sizes.vocab - 1);
        finding.evidence = {{"tokens", tokenizer.tokens}, {"rows", *sizes.vocab}};
        finding.tensors = {sizes.vocabTensor};
        finding.fix.text = "Use the tokenizer that the model was trained with, or resize the embedding and train the new rows.";
        finding.fix.python = fmt::format(
            "from transformers import AutoTokenizer, {0}\n\ntokenizer = AutoTokenizer.from_pretrained(\".\")\nmodel = {0}.from_pretrained(\".\")\n"
            "model.resize_token_embeddings(len(tokenizer))\nmodel.save_pretrained(\"resized\")\n",
            facts.config && facts.expected && !facts.expected->className.empty() ? facts.expected->className : "AutoModel");
        return {finding};
    }
};

} // namespace

const Rule& tokenizerLargerRule()
{
    static const TokenizerLarger rule;
    return rule;
}

} // namespace weighbridge
