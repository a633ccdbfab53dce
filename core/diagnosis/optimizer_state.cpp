// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/fix.h"
#include "core/diagnosis/name_tells.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class OptimizerState final : public Rule {
public:
    RuleInfo info() const override { return {"optimizer-state", "The file is a model, not an optimizer", order::otherContent}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        size_t moments = 0;
        for (const FoundTensor& tensor : facts.found)
            moments += isOptimizerName(tensor.name) ? 1 : 0;
        const bool groups = findInMetadata(*facts.checkpoint, "param_groups") != nullptr;
        if (moments == 0 && !(groups && facts.found.empty()))
            return {};
        Finding finding;
        finding.rule = "optimizer-state";
        finding.evidence = {{"optimizer_tensors", static_cast<uint64_t>(moments)}, {"tensors", static_cast<uint64_t>(facts.found.size())}};
        if (moments * 10 >= facts.found.size() * 9) {
            finding.severity = Severity::Error;
            finding.title = "The file holds an optimizer's state, not a model";
            finding.explanation = fmt::format("{} of its {} are moments of an optimizer (exp_avg, momentum_buffer, ...). A model's weights are in another file of the same training run.",
                                              moments, tensorCount(facts.found.size()));
            finding.fix.text = "Open the model's file: model.safetensors or pytorch_model.bin beside it, not optimizer.pt.";
            return {finding};
        }
        finding.title = "An optimizer's state lies beside the model";
        finding.explanation = fmt::format("{} of {} tensors are moments of an optimizer. Inference does not need them. Safe to ignore.", moments, facts.found.size());
        finding.fix.text = "Save the model's state dict alone to make the file smaller.";
        return {finding};
    }
};

} // namespace

const Rule& optimizerStateRule()
{
    static const OptimizerState rule;
    return rule;
}

} // namespace weighbridge
