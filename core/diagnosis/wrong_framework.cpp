// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/diagnosis/name_tells.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

std::string weightsFormat(const Checkpoint& checkpoint)
{
    return checkpoint.shards.empty() ? checkpoint.format : checkpoint.shards.front().format;
}

class WrongFramework final : public Rule {
public:
    RuleInfo info() const override { return {"wrong-framework", "The file is of the framework that the config is for", order::otherContent}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        static constexpr std::array<std::string_view, 5> formats{"keras-h5", "keras-v3", "tf-checkpoint", "tf-savedmodel", "tf-graphdef"};
        size_t names = 0;
        for (const FoundTensor& tensor : facts.found)
            names += isTensorFlowName(tensor.name) ? 1 : 0;
        const std::string format = weightsFormat(*facts.checkpoint);
        const bool isTensorFlow = std::find(formats.begin(), formats.end(), format) != formats.end() || (!facts.found.empty() && names * 2 > facts.found.size());
        // An old bert_config.json is TensorFlow's own; one that names a class of transformers is read by PyTorch, which cannot read these.
        const bool isForPyTorch = facts.config && (facts.config->root.find("architectures") || facts.config->root.find("transformers_version"));
        if (!isTensorFlow || !facts.config || (facts.coverage() > 0.5 && (!isForPyTorch || format != "tf-checkpoint")))
            return {};
        Finding finding;
        finding.rule = "wrong-framework";
        finding.severity = Severity::Warning; // in TensorFlow they are what they should be
        finding.title = "The weights are of TensorFlow or Keras: PyTorch loaders cannot read them";
        finding.explanation = fmt::format("{} of {} tensors have TensorFlow's names (with /, kernel, gamma). PyTorch loaders look for model.safetensors or pytorch_model.bin and cannot read these; "
                                          "kernels are also transposed.", names, facts.found.size());
        finding.evidence = {{"tensorflow_names", static_cast<uint64_t>(names)}, {"tensors", static_cast<uint64_t>(facts.found.size())}, {"format", format}};
        finding.fix.text = "Convert it with transformers 4.x (from_tf=True; version 5 has no TensorFlow), or download the PyTorch weights.";
        finding.fix.python = "# pip install \"transformers<5\" tensorflow\nfrom transformers import AutoModel\n\n"
                             "AutoModel.from_pretrained(\".\", from_tf=True).save_pretrained(\"converted\")\n";
        return {finding};
    }
};

} // namespace

const Rule& wrongFrameworkRule()
{
    static const WrongFramework rule;
    return rule;
}

} // namespace weighbridge
