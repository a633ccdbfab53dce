// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/size_differences.h"

namespace weighbridge {
namespace {

class HiddenSize final : public Rule {
public:
    RuleInfo info() const override { return {"hidden-size", "The hidden size fits", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        return checkSize(hiddenSizeField(), facts, job);
    }
};

} // namespace

const Rule& hiddenSizeRule()
{
    static const HiddenSize rule;
    return rule;
}

} // namespace weighbridge
