// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/size_differences.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class VocabSize final : public Rule {
public:
    RuleInfo info() const override { return {"vocab-size", "The vocabulary fits", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        auto findings = checkSize(vocabSizeField(), facts, job);
        for (Finding& finding : findings) {
            const std::string expected = knownVocabulary(*facts.expectedSizes.vocab);
            const std::string found = knownVocabulary(*facts.fingerprint.sizes.vocab);
            if (!found.empty())
                finding.explanation += fmt::format(" {} is the vocabulary of {}.", *facts.fingerprint.sizes.vocab, found);
            if (!expected.empty())
                finding.explanation += fmt::format(" {} is the vocabulary of {}.", *facts.expectedSizes.vocab, expected);
            finding.fix.text += " The tokenizer must be of the same model.";
        }
        return findings;
    }
};

} // namespace

const Rule& vocabSizeRule()
{
    static const VocabSize rule;
    return rule;
}

} // namespace weighbridge
