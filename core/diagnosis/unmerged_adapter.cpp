// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/fix.h"
#include "core/diagnosis/name_tells.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

void takeOut(std::string& name, std::string_view word)
{
    if (const size_t at = name.find(word); at != std::string::npos)
        name.erase(at, word.size());
}

/// The name without PEFT's wrapper: base_model.model.x.base_layer.weight -> x.weight.
std::string baseName(std::string name)
{
    if (name.starts_with("base_model.model."))
        name.erase(0, std::string_view("base_model.model.").size());
    takeOut(name, "base_layer.");
    takeOut(name, "modules_to_save.default.");
    return name;
}

class UnmergedAdapter final : public Rule {
public:
    RuleInfo info() const override { return {"unmerged-adapter", "Adapters are merged into the model", order::otherContent}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        std::vector<FoundTensor> base;
        size_t additions = 0;
        size_t wrapped = 0;
        for (const FoundTensor& tensor : facts.found) {
            if (isAdapterName(tensor.name)) {
                ++additions;
                continue;
            }
            FoundTensor edited = tensor;
            edited.name = baseName(tensor.name);
            wrapped += edited.name != tensor.name ? 1 : 0;
            if (edited.name.find(".original_module.") == std::string::npos)
                base.push_back(std::move(edited));
        }
        if (additions == 0 || wrapped == 0 || additions * 2 >= facts.found.size())
            return {};
        Finding finding;
        finding.rule = "unmerged-adapter";
        finding.severity = Severity::Error;
        finding.title = "The file holds a model with an adapter that is not merged";
        finding.explanation = fmt::format("{} have the names of PEFT's wrapper (base_model.model., base_layer) and {} are LoRA additions. Without PEFT no name fits; "
                                          "with the names of the base alone, the adapter's training is lost.",
                                          tensorCount(wrapped), additions);
        finding.evidence = {{"wrapped_tensors", static_cast<uint64_t>(wrapped)}, {"adapter_tensors", static_cast<uint64_t>(additions)}};
        finding.fix.text = "Load it as a PeftModel and save the result of merge_and_unload().";
        finding.fix.python = "merged = peft_model.merge_and_unload()\nmerged.save_pretrained(\"merged\")\n";
        finding.fix.keeps = keepsOf(base);
        finding.fix.assumption = fmt::format("The base model alone is wanted: the {} and what they learned are left out", tensorCount(additions));
        if (facts.expected && !prove(finding.fix, facts, job))
            finding.fix.keeps.clear();
        addTrials(finding, facts, "without PEFT's words and additions", job);
        return {finding};
    }
};

} // namespace

const Rule& unmergedAdapterRule()
{
    static const UnmergedAdapter rule;
    return rule;
}

} // namespace weighbridge
