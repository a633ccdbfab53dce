// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class DeepspeedZero3 final : public Rule {
public:
    RuleInfo info() const override { return {"deepspeed-zero3", "Tensors hold values, not placeholders", order::otherContent}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        std::vector<std::string> empty;
        for (const FoundTensor& tensor : facts.found)
            if (tensor.shape.size() == 1 && tensor.shape[0] == 0)
                empty.push_back(tensor.name);
        if (empty.size() < 3 || empty.size() * 4 < facts.found.size())
            return {};
        Finding finding;
        finding.rule = "deepspeed-zero3";
        finding.severity = Severity::Error;
        finding.title = fmt::format("{} of {} tensors are empty placeholders of DeepSpeed ZeRO-3", empty.size(), facts.found.size());
        finding.explanation = "Their shape is [0]: under ZeRO stage 3 each process holds a part, and the model was saved without gathering them. The values are in the partition "
                              "files (global_step*/zero_pp_rank_*), not here.";
        finding.evidence = {{"empty_tensors", static_cast<uint64_t>(empty.size())}, {"tensors", static_cast<uint64_t>(facts.found.size())}};
        finding.tensors = std::move(empty);
        finding.fix.text = "Run zero_to_fp32.py, which lies in the training's output folder, or save again with stage3_gather_16bit_weights_on_model_save.";
        finding.fix.python = "from deepspeed.utils.zero_to_fp32 import get_fp32_state_dict_from_zero_checkpoint\n\n"
                             "state_dict = get_fp32_state_dict_from_zero_checkpoint(\"path/of/the/run\")\n";
        return {finding};
    }
};

} // namespace

const Rule& deepspeedZero3Rule()
{
    static const DeepspeedZero3 rule;
    return rule;
}

} // namespace weighbridge
