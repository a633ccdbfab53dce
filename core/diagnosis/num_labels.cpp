// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/size_differences.h"

namespace weighbridge {
namespace {

class NumLabels final : public Rule {
public:
    RuleInfo info() const override { return {"num-labels", "The number of labels fits", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        auto findings = checkSize(labelsField(), facts, job);
        for (Finding& finding : findings)
            finding.fix.text += " To train a new classifier instead, load with ignore_mismatched_sizes=True.";
        return findings;
    }
};

} // namespace

const Rule& numLabelsRule()
{
    static const NumLabels rule;
    return rule;
}

} // namespace weighbridge
