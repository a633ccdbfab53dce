// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/name_tells.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace weighbridge {
namespace {

/// The base model that an adapter_config.json beside the adapter names, maybe empty; nothing if there is none, or if the file has a model's name.
std::optional<std::string> baseOf(const Checkpoint& checkpoint, JobContext& job)
{
    if (!std::filesystem::path(checkpoint.weightsPath).filename().string().starts_with("adapter_"))
        return std::nullopt;
    for (const FileEntry& file : checkpoint.files) {
        if (std::filesystem::path(file.path).filename() != "adapter_config.json")
            continue;
        const auto config = loadConfig(file.path, job);
        const Value* base = config ? config->root.find("base_model_name_or_path") : nullptr;
        return base ? base->stringOr("") : std::string();
    }
    return std::nullopt;
}

class Adapter final : public Rule {
public:
    RuleInfo info() const override { return {"adapter", "The file is a whole model, not an adapter", order::otherContent}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        std::vector<std::string> additions;
        int64_t rank = 0;
        size_t baseLayers = 0;
        for (const FoundTensor& tensor : facts.found) {
            baseLayers += tensor.name.find(".base_layer.") != std::string::npos ? 1 : 0;
            if (!isAdapterName(tensor.name))
                continue;
            additions.push_back(tensor.name);
            if (rank == 0 && tensor.shape.size() == 2)
                rank = std::min(tensor.shape[0], tensor.shape[1]);
        }
        // modules_to_save puts whole heads and embeddings beside the additions.
        if (additions.empty() || baseLayers > 0 || additions.size() * 2 < facts.found.size())
            return {};
        const auto base = baseOf(*facts.checkpoint, job);
        Finding finding;
        finding.rule = "adapter";
        // Beside its own config it is what it should be; in the place of a model it is not.
        finding.severity = base ? Severity::Warning : Severity::Error;
        finding.title = base ? "This is a LoRA adapter: it needs its base model" : "The file is a LoRA adapter, not a model";
        finding.explanation = fmt::format("{} of its {} are additions to a base model (rank {}). The base model's weights are not in it: used as a model, everything starts random.",
                                          additions.size(), tensorCount(facts.found.size()), rank);
        finding.evidence = {{"adapter_tensors", static_cast<uint64_t>(additions.size())}, {"tensors", static_cast<uint64_t>(facts.found.size())}, {"rank", rank}};
        finding.tensors = std::move(additions);
        finding.fix.text = base && !base->empty() ? fmt::format("Load the base model first ({}), then the adapter on top of it.", shown(*base, 120))
                                                  : "Load the base model first (adapter_config.json names it), then the adapter on top of it.";
        finding.fix.python = fmt::format("from peft import PeftModel\nfrom transformers import AutoModel\n\nbase = "
                                         "AutoModel.from_pretrained({})\nmodel = PeftModel.from_pretrained(base, \".\")\n",
                                         toJson(Value(base && !base->empty() ? *base : std::string("name/of-the-base-model"))));
        return {finding};
    }
};

} // namespace

const Rule& adapterRule()
{
    static const Adapter rule;
    return rule;
}

} // namespace weighbridge
