// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace weighbridge {
namespace {

/// The names that TensorFlow's own scripts write: bert_model.ckpt, model.ckpt-1000.
bool isTensorFlowFileName(std::string_view file)
{
    return file.ends_with("_model.ckpt") || file.find("model.ckpt-") != std::string_view::npos;
}

class WrongFormat final : public Rule {
public:
    RuleInfo info() const override { return {"wrong-format", "A TensorFlow name belongs to a TensorFlow file", order::file}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        static constexpr std::array<std::string_view, 4> torch{"torch-zip", "torch-legacy", "torchscript", "safetensors"};
        const Checkpoint& checkpoint = *facts.checkpoint;
        const std::string path = checkpoint.weightsPath.empty() ? checkpoint.path : checkpoint.weightsPath;
        const std::string file = std::filesystem::path(path).filename().string();
        const std::string format = checkpoint.shards.empty() ? checkpoint.format : checkpoint.shards.front().format;
        if (!isTensorFlowFileName(file) || std::find(torch.begin(), torch.end(), format) == torch.end())
            return {};
        Finding finding;
        finding.rule = "wrong-format";
        finding.severity = Severity::Error;
        finding.title = fmt::format("{} is named as a TensorFlow checkpoint, its content is PyTorch's", shown(file, 60));
        finding.explanation = "TensorFlow's converters take the name for a checkpoint in .index and .data files and stop (\"not an sstable\"). The content was read as what it is.";
        finding.evidence = {{"found_format", format}};
        finding.fix.text = "Open it with torch.load (or PyTorch Lightning), not with a TensorFlow converter.";
        finding.fix.python =
            fmt::format("import torch\n\nstate_dict = torch.load({}, map_location=\"cpu\", weights_only=True)\n", toJson(Value(file)));
        return {finding};
    }
};

} // namespace

const Rule& wrongFormatRule()
{
    static const WrongFormat rule;
    return rule;
}

} // namespace weighbridge
