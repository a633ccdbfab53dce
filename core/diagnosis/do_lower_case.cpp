// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/tokenizer_files.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class DoLowerCase final : public Rule {
public:
    RuleInfo info() const override { return {"do-lower-case", "The tokenizer keeps the case that the vocabulary has", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (facts.checkpoint->tokenizerPaths.empty())
            return {};
        const TokenizerFiles tokenizer = readTokenizerFiles(*facts.checkpoint, job);
        if (!tokenizer.doLowerCase || tokenizer.words < 20)
            return {};
        const bool cased = tokenizer.capitals * 20 > tokenizer.words;
        const bool uncased = tokenizer.capitals == 0 && tokenizer.latinWords * 2 > tokenizer.words;
        if (*tokenizer.doLowerCase ? !cased : !uncased)
            return {};
        Finding finding;
        finding.rule = "do-lower-case";
        finding.severity = Severity::Warning;
        finding.title = cased ? "The vocabulary has capitals, the tokenizer lower-cases every text" : "The vocabulary has no capitals, the tokenizer keeps them";
        finding.explanation = cased ? fmt::format("{} of {} words of {} begin with or hold a capital; with do_lower_case = true none of them is ever used. Nothing fails, the results are worse.",
                                                  tokenizer.capitals, tokenizer.words, shown(tokenizer.source, 60))
                                    : fmt::format("None of {} words of {} holds a capital; with do_lower_case = false every word with one becomes [UNK]. Nothing fails, the results are worse.",
                                                  tokenizer.words, shown(tokenizer.source, 60));
        finding.evidence = {{"capitals", static_cast<uint64_t>(tokenizer.capitals)}, {"words", static_cast<uint64_t>(tokenizer.words)}, {"do_lower_case", *tokenizer.doLowerCase}};
        finding.fix.text = fmt::format("Set do_lower_case to {} in tokenizer_config.json.", cased ? "false" : "true");
        finding.fix.python =
            fmt::format("from transformers import AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained(\".\", do_lower_case={})\n",
                        cased ? "False" : "True");
        return {finding};
    }
};

} // namespace

const Rule& doLowerCaseRule()
{
    static const DoLowerCase rule;
    return rule;
}

} // namespace weighbridge
