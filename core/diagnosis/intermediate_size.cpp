// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/size_differences.h"

namespace weighbridge {
namespace {

class IntermediateSize final : public Rule {
public:
    RuleInfo info() const override { return {"intermediate-size", "The intermediate size fits", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        return checkSize(intermediateSizeField(), facts, job);
    }
};

} // namespace

const Rule& intermediateSizeRule()
{
    static const IntermediateSize rule;
    return rule;
}

} // namespace weighbridge
