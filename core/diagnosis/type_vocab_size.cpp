// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/size_differences.h"

namespace weighbridge {
namespace {

class TypeVocabSize final : public Rule {
public:
    RuleInfo info() const override { return {"type-vocab-size", "The segment types fit", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        return checkSize(typeVocabField(), facts, job);
    }
};

} // namespace

const Rule& typeVocabSizeRule()
{
    static const TypeVocabSize rule;
    return rule;
}

} // namespace weighbridge
