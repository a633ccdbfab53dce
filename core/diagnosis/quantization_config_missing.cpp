// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/fix.h"
#include "core/diagnosis/name_tells.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

/// Only GPTQ writes g_idx; AWQ's layout is otherwise the same by name.
bool hasGroupIndex(const std::vector<std::string>& names)
{
    return std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(".g_idx"); });
}

class QuantizationConfigMissing final : public Rule {
public:
    RuleInfo info() const override { return {"quantization-config-missing", "Quantized tensors have their config", order::otherContent}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        std::vector<std::string> quantized;
        std::string_view quantizer;
        for (const FoundTensor& tensor : facts.found) {
            const std::string_view by = quantizerOf(tensor.name);
            if (by.empty())
                continue;
            quantizer = quantizer.empty() ? by : quantizer;
            quantized.push_back(tensor.name);
        }
        const bool known = facts.config && facts.config->root.find("quantization_config");
        if (quantized.size() < 2 || !facts.config || known || quantizer == "torch-quantized")
            return {};
        const std::string title = quantizer == "gptq-awq" ? (hasGroupIndex(quantized) ? "GPTQ" : "GPTQ or AWQ") : quantizer == "fp8" ? "FP8" : std::string(quantizer);
        Finding finding;
        finding.rule = "quantization-config-missing";
        finding.severity = Severity::Error;
        finding.title = fmt::format("The tensors are quantized with {}, the config has no quantization_config", title);
        finding.explanation = fmt::format("{} exist only in quantized models (qweight, scales, absmax, ...). Without quantization_config a loader builds plain layers and finds no weight for them.",
                                          tensorCount(quantized.size()));
        finding.evidence = {{"quantized_tensors", static_cast<uint64_t>(quantized.size())}, {"quantizer", quantizer}};
        finding.tensors = std::move(quantized);
        finding.fix.text = "Take config.json from where the quantized model was published, with its quantization_config, and install the matching library.";
        return {finding};
    }
};

} // namespace

const Rule& quantizationConfigMissingRule()
{
    static const QuantizationConfigMissing rule;
    return rule;
}

} // namespace weighbridge
