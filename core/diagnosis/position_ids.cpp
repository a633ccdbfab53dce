// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class PositionIds final : public Rule {
public:
    RuleInfo info() const override { return {"position-ids", "Buffers that are no longer saved", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.comparison)
            return {};
        for (const size_t row : facts.comparison->rows(Status::Unexpected, true)) {
            const TensorInfo& tensor = facts.checkpoint->tensors[static_cast<size_t>(facts.comparison->matches[row].found)];
            const bool isBuffer = tensor.name.ends_with("position_ids") && tensor.dtype == DType::I64 && tensor.shape.size() == 2 && tensor.shape[0] == 1;
            if (!isBuffer)
                continue;
            Finding finding;
            finding.rule = "position-ids";
            finding.title = fmt::format("{} is a buffer that is no longer saved", shown(tensor.name, 80));
            finding.explanation = fmt::format("It holds the numbers 0 to {}. Versions of transformers before 4.31 wrote it; today's make it themselves. Safe to ignore.", tensor.shape[1] - 1);
            finding.evidence = {{"positions", tensor.shape[1]}};
            finding.tensors = {tensor.name};
            finding.fix.text = "Nothing to do; load_state_dict needs strict=False or the key taken out.";
            finding.fix.python = fmt::format("state_dict.pop({}, None)\n", toJson(Value(tensor.name)));
            return {finding};
        }
        return {};
    }
};

} // namespace

const Rule& positionIdsRule()
{
    static const PositionIds rule;
    return rule;
}

} // namespace weighbridge
