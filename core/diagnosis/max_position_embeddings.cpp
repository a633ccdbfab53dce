// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/size_differences.h"

namespace weighbridge {
namespace {

class MaxPositionEmbeddings final : public Rule {
public:
    RuleInfo info() const override { return {"max-position-embeddings", "The positions fit", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        auto findings = checkSize(positionsField(), facts, job);
        for (Finding& finding : findings)
            finding.explanation += facts.config && facts.config->root.find("image_size") ? " A vision model has one for each patch of the image, and one for the class token."
                                                                                         : " It bounds how long a text may be; RoBERTa counts two more than that.";
        return findings;
    }
};

} // namespace

const Rule& maxPositionEmbeddingsRule()
{
    static const MaxPositionEmbeddings rule;
    return rule;
}

} // namespace weighbridge
