// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"

#include <fmt/format.h>

#include <filesystem>
#include <unordered_map>

namespace weighbridge
{
namespace
{

constexpr size_t maximumFiles = 4;                        ///< of a folder, that are looked into
constexpr uint64_t maximumTensorNbytes = limits::MiB / 4; ///< larger tensors are not compared: a difference shows in the small ones too
constexpr uint64_t maximumNbytes = 4 * limits::MiB;       ///< of values compared

/// Where two files of one folder deviate. Values are compared in small tensors of the same dtype only.
struct Deviations {
    std::vector<std::string> names; ///< in one of them only, or of another shape
    std::vector<std::string> values;
    size_t compared = 0; ///< tensors whose values were compared
};

bool sameValues(const Checkpoint& a, const TensorInfo& x, const Checkpoint& b, const TensorInfo& y, JobContext& job)
{
    const auto left = readWhole(a, x, job, maximumTensorNbytes);
    const auto right = readWhole(b, y, job, maximumTensorNbytes);
    return !left || !right || *left == *right; // what cannot be read is another rule's
}

Deviations compare(const Checkpoint& a, const Checkpoint& b, JobContext& job)
{
    Deviations out;
    std::unordered_map<std::string_view, const TensorInfo*> there;
    for (const TensorInfo& tensor : b.tensors)
        there.emplace(tensor.name, &tensor);
    uint64_t nbytes = 0;
    for (const TensorInfo& tensor : a.tensors) {
        const auto other = there.find(tensor.name);
        if (other == there.end() || other->second->shape != tensor.shape) {
            out.names.push_back(tensor.name);
        } else if (other->second->dtype == tensor.dtype && tensor.nbytes() <= maximumTensorNbytes && nbytes + tensor.nbytes() <= maximumNbytes &&
                   !job.cancelled()) {
            nbytes += tensor.nbytes();
            ++out.compared;
            if (!sameValues(a, tensor, b, *other->second, job))
                out.values.push_back(tensor.name);
        }
        if (other != there.end())
            there.erase(other);
    }
    for (const TensorInfo& tensor : b.tensors)
        if (there.contains(tensor.name))
            out.names.push_back(tensor.name);
    return out;
}

/// The other weight files of the folder that are of PyTorch too; TensorFlow's and Flax's have names of their own.
std::vector<std::string> othersOf(const Checkpoint& checkpoint)
{
    std::vector<std::string> out;
    for (const FileEntry& file : checkpoint.files) {
        const std::string name = std::filesystem::path(file.path).filename().string();
        const bool isModel = name == "model.safetensors" || name == "pytorch_model.bin" || name == "model.safetensors.index.json" ||
                             name == "pytorch_model.bin.index.json";
        if (isModel && file.path != checkpoint.weightsPath && out.size() < maximumFiles)
            out.push_back(file.path);
    }
    return out;
}

Finding findingFor(const std::string& used, const std::string& other, Deviations deviations)
{
    Finding finding;
    finding.rule = "several-weights";
    finding.severity = Severity::Warning;
    finding.title = fmt::format("{} and {} do not hold the same model", used, other);
    finding.explanation = deviations.names.empty()
                              ? fmt::format("Names and shapes are the same, but {} of {} small tensors that were compared have other values.",
                                            deviations.values.size(), deviations.compared)
                              : fmt::format("{} tensors are in one of them only, or have another shape.", deviations.names.size());
    finding.explanation += fmt::format(" Loaders take {} and say nothing of the other; which of them was meant, the files cannot tell.", used);
    finding.evidence = {{"names", static_cast<uint64_t>(deviations.names.size())},
                        {"values", static_cast<uint64_t>(deviations.values.size())},
                        {"compared", static_cast<uint64_t>(deviations.compared)}};
    finding.fix.text = "Compare the two, and take the one that is out of date out of the folder.";
    finding.tensors = deviations.names.empty() ? std::move(deviations.values) : std::move(deviations.names);
    return finding;
}

class SeveralWeights final : public Rule
{
public:
    RuleInfo info() const override { return {"several-weights", "All weight files of the folder hold the same model", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        std::vector<Finding> findings;
        const Checkpoint& checkpoint = *facts.checkpoint;
        for (const std::string& path : checkpoint.weightsPath.empty() ? std::vector<std::string>{} : othersOf(checkpoint)) {
            const auto other = openCheckpoint(path, job);
            if (!other)
                continue;
            Deviations deviations = compare(checkpoint, **other, job);
            const auto fileName = [](const std::string& name) { return shown(std::filesystem::path(name).filename().string(), 60); };
            if (!deviations.names.empty() || !deviations.values.empty())
                findings.push_back(findingFor(fileName(checkpoint.weightsPath), fileName(path), std::move(deviations)));
        }
        return findings;
    }
};

} // namespace

const Rule& severalWeightsRule()
{
    static const SeveralWeights rule;
    return rule;
}

} // namespace weighbridge
