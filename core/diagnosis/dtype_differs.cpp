// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weighbridge {
namespace {

DType configuredDType(const Config* config)
{
    if (!config)
        return DType::Unknown;
    const Value* value = config->root.find("dtype") ? config->root.find("dtype") : config->root.find("torch_dtype");
    std::string word = value ? value->stringOr("") : "";
    if (word.starts_with("torch."))
        word.erase(0, 6);
    return word == "float32" ? DType::F32 : word == "float16" ? DType::F16 : word == "bfloat16" ? DType::BF16 : word == "float64" ? DType::F64 : DType::Unknown;
}

std::string_view torchName(DType dtype)
{
    return dtype == DType::F16 ? "torch.float16" : dtype == DType::BF16 ? "torch.bfloat16" : dtype == DType::F64 ? "torch.float64" : "torch.float32";
}

class DtypeDiffers final : public Rule {
public:
    RuleInfo info() const override { return {"dtype", "The dtype is the one that the config names", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        std::map<DType, uint64_t> elements;
        std::map<DType, size_t> tensors;
        size_t floating = 0;
        for (const FoundTensor& tensor : facts.found) {
            if (!isFloating(tensor.dtype))
                continue;
            elements[tensor.dtype] += numel(tensor.shape).value_or(0);
            ++tensors[tensor.dtype];
            ++floating;
        }
        const auto most = std::max_element(elements.begin(), elements.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
        const DType configured = configuredDType(facts.config);
        if (most == elements.end() || configured == DType::Unknown || configured == most->first)
            return {};
        Finding finding;
        finding.rule = "dtype";
        finding.title = fmt::format("The file is {}, the config says {}", name(most->first), name(configured));
        finding.explanation = "Loaders convert without a word: to the config's dtype or to the one that the caller names. The values keep the precision of the file. Not an error.";
        finding.evidence = {{"config", name(configured)}, {"file", name(most->first)}};
        finding.tried = {{fmt::format("{}, as the config says", name(configured)), tensors[configured], floating, false}, {std::string(name(most->first)), tensors[most->first], floating, true}};
        finding.fix.text = "Pass the dtype that you want when loading.";
        finding.fix.python = fmt::format("import torch\nfrom transformers import AutoModel\n\nmodel = AutoModel.from_pretrained(\".\", dtype={})\n",
                                         torchName(most->first));
        return {finding};
    }
};

} // namespace

const Rule& dtypeDiffersRule()
{
    static const DtypeDiffers rule;
    return rule;
}

} // namespace weighbridge
