// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/value_findings.h"

#include "core/architecture/config.h"
#include "core/base/files.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>

namespace weighbridge {
namespace {

constexpr uint64_t smallestMatrix = 64;   ///< smaller matrices may well be zero
constexpr uint64_t tinyParameters = 100'000; ///< models of this size are published for tests, with random weights

const char* plural(size_t count, const char* one, const char* many)
{
    return count == 1 ? one : many;
}

std::vector<std::string> namesWhere(const Checkpoint& checkpoint, const CheckpointStatistics& all, const std::function<bool(size_t)>& holds)
{
    std::vector<std::string> names;
    for (size_t i = 0; i < all.tensors.size(); ++i)
        if (all.tensors[i] && holds(i))
            names.push_back(checkpoint.tensors[i].name);
    return names;
}

/// Two dimensions of more than one: [1, N] and [1, 1, N] are vectors, and those often begin as zeros (biases, class tokens).
bool isMatrix(const Shape& shape)
{
    return std::count_if(shape.begin(), shape.end(), [](int64_t size) { return size > 1; }) >= 2;
}

/// Zeros and -inf alone: an attention mask that was saved with the model.
bool isMask(const TensorStatistics& statistics)
{
    return statistics.nan == 0 && statistics.inf > 0 && statistics.zeros == statistics.finite;
}

void findNotFinite(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::vector<Finding>& findings)
{
    uint64_t nan = 0;
    uint64_t inf = 0;
    const auto names = namesWhere(checkpoint, all, [&](size_t i) {
        const TensorStatistics& s = all.tensors[i]->statistics;
        if ((s.nan == 0 && s.inf == 0) || isMask(s))
            return false;
        nan += s.nan;
        inf += s.inf;
        return true;
    });
    if (names.empty())
        return;
    Finding finding;
    finding.rule = "nan-or-inf";
    finding.severity = Severity::Error;
    finding.title = fmt::format("{} {} values that are not finite", groupDigits(names.size()), plural(names.size(), "tensor holds", "tensors hold"));
    finding.explanation = fmt::format("{} NaN and {} infinite values, the first in {}. One of them makes every output that it reaches NaN. They come from a training that "
                                      "diverged, an overflow while converting to a smaller dtype, or damage to the file.",
                                      groupDigits(nan), groupDigits(inf), shown(names[0], 120));
    finding.evidence = {{"tensors", static_cast<uint64_t>(names.size())}, {"nan", nan}, {"inf", inf}};
    finding.tensors = names;
    finding.fix.text = "Go back to an earlier checkpoint, or convert again from the original with a dtype of a wider range (BF16 instead of F16).";
    findings.push_back(std::move(finding));
}

void findZeros(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::vector<Finding>& findings)
{
    size_t matrices = 0;
    const auto names = namesWhere(checkpoint, all, [&](size_t i) {
        const TensorFeatures& f = all.tensors[i]->features;
        if (!f.isFloat || !isMatrix(f.shape) || f.elements < smallestMatrix)
            return false;
        ++matrices;
        return f.isConstant && f.constant == 0;
    });
    if (names.empty())
        return;
    Finding finding;
    finding.rule = "all-zero";
    finding.severity = 2 * names.size() > matrices ? Severity::Error : Severity::Warning;
    finding.title = fmt::format("{} of {} matrices {} only zeros", groupDigits(names.size()), groupDigits(matrices), plural(names.size(), "holds", "hold"));
    finding.explanation = fmt::format("The first is {}. Zeros are what an untrained adapter (lora_B) or a zero-initialised residual starts with, and what a file of the right "
                                      "size without its content gives.", shown(names[0], 120));
    finding.evidence = {{"zero", static_cast<uint64_t>(names.size())}, {"matrices", static_cast<uint64_t>(matrices)}};
    finding.tensors = names;
    finding.fix.text = "If these were trained, the file was not written or copied completely: get it again and compare its sha256.";
    findings.push_back(std::move(finding));
}

Finding aboutRandom(const Checkpoint& checkpoint, const CheckpointStatistics& all)
{
    Finding finding;
    finding.tensors = namesWhere(checkpoint, all, [&all](size_t i) { return all.origin.tensors[i].verdict == OriginVerdict::Random; });
    finding.evidence = {{"random_tensors", static_cast<uint64_t>(finding.tensors.size())}, {"random_share", all.origin.randomShare}, {"moved_vectors", all.origin.movedShare}};
    finding.explanation = all.origin.summary;
    for (size_t i = 0; i < all.tensors.size(); ++i)
        if (!finding.tensors.empty() && checkpoint.tensors[i].name == finding.tensors[0])
            finding.explanation += fmt::format(" {}: {}", shown(finding.tensors[0], 120), all.origin.tensors[i].sentence);
    return finding;
}

/// Of sentence-transformers: what makes one vector of a text. None of its ways asks the model's own pooler.
/// https://www.sbert.net/docs/package_reference/sentence_transformer/models.html
bool poolsByItself(const Checkpoint& checkpoint)
{
    const std::string& weights = checkpoint.weightsPath.empty() ? checkpoint.path : checkpoint.weightsPath;
    const std::string path = (std::filesystem::path(weights).parent_path() / "1_Pooling" / "config.json").string();
    const auto source = isFile(path) ? openFile(path) : Result<SourcePtr>(SourcePtr());
    const auto config = source && *source ? loadConfig(**source) : Result<Config>(Config());
    const Value::Map* fields = config ? config->root.map() : nullptr;
    return fields && std::any_of(fields->begin(), fields->end(), [](const auto& field) { return field.first.starts_with("pooling_mode"); });
}

/// A model that was pretrained without a pooler has one all the same, as it was drawn.
void sayOfPooler(Finding& finding, const Checkpoint& checkpoint)
{
    const bool isPooler = std::all_of(finding.tensors.begin(), finding.tensors.end(),
                                      [](const std::string& name) { return name.find("pooler.") != std::string::npos; });
    if (!isPooler)
        return;
    if (poolsByItself(checkpoint)) {
        finding.severity = Severity::Note;
        finding.explanation += " 1_Pooling/config.json pools the tokens itself, so the pooler is not used. Safe to ignore.";
        finding.fix.text = "Nothing to do for sentence embeddings. To use pooler_output, train it first.";
    } else {
        finding.explanation += " Harmless where pooler_output is not used, as with mean pooling or hidden words.";
    }
}

void findRandom(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::vector<Finding>& findings)
{
    const ModelOrigin& origin = all.origin;
    if (origin.verdict == ModelVerdict::Trained || origin.verdict == ModelVerdict::Undecidable)
        return;
    Finding finding = aboutRandom(checkpoint, all);
    if (origin.verdict == ModelVerdict::Random) {
        finding.rule = "whole-model-random";
        const bool isTiny = checkpoint.parameters() < tinyParameters;
        finding.severity = isTiny ? Severity::Note : Severity::Error;
        finding.title = "The weights are those of an untrained model";
        if (isTiny)
            finding.explanation += fmt::format(" With {} parameters it may be a model for tests, which is random on purpose.", groupDigits(checkpoint.parameters()));
        finding.fix.text = "The model was saved before anything was loaded into it, or after a load that matched no name. Get the trained weights, check that they load (no missing "
                           "tensors), and save again.";
    } else if (origin.verdict == ModelVerdict::BarelyTrained) {
        finding.rule = "barely-trained";
        finding.severity = Severity::Warning;
        finding.title = "The weights are hardly trained";
        finding.fix.text = "Use a later checkpoint of the training.";
    } else {
        const bool wholeLayers = !origin.randomLayers.empty();
        const auto& where = wholeLayers ? origin.randomLayers : origin.randomModules;
        finding.rule = "never-loaded-layer";
        finding.severity = wholeLayers ? Severity::Error : Severity::Warning;
        finding.title = fmt::format("{} {} never loaded or trained: the values are random", where.empty() ? "A module" : shown(where[0], 80),
                                    where.size() > 1 ? fmt::format("and {} more were", where.size() - 1) : "was");
        finding.fix.text = "Load these tensors from the checkpoint that the rest comes from and save again; if they are a new head, fine-tune it before use.";
        sayOfPooler(finding, checkpoint);
    }
    findings.push_back(std::move(finding));
}

void findUntrainedRows(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::vector<Finding>& findings)
{
    uint64_t rows = 0;
    bool isDrawn = false;
    const auto names = namesWhere(checkpoint, all, [&](size_t i) {
        const RandomTail& tail = all.tensors[i]->features.tail;
        rows += tail.rows;
        isDrawn = isDrawn || (tail.rows > 0 && !tail.isMean);
        return tail.rows > 0;
    });
    if (names.empty())
        return;
    Finding finding;
    finding.rule = "untrained-rows";
    finding.severity = isDrawn ? Severity::Warning : Severity::Note;
    finding.title = fmt::format("The last {} of {} {} never trained", rows == 1 ? "row" : "rows", shown(names[0], 80),
                                names.size() > 1 ? fmt::format("and {} more were", names.size() - 1) : rows == 1 ? "was" : "were");
    for (size_t i = 0; i < all.tensors.size(); ++i)
        if (checkpoint.tensors[i].name == names[0])
            finding.explanation = all.origin.tensors[i].sentence;
    finding.evidence = {{"tensors", static_cast<uint64_t>(names.size())}, {"rows", rows}};
    finding.tensors = names;
    finding.fix.text = "Train with text that has the added tokens, or leave them unused. If they were trained, the table was not saved with the rest.";
    findings.push_back(std::move(finding));
}

} // namespace

std::vector<Finding> originFindings(const Checkpoint& checkpoint, const CheckpointStatistics& all)
{
    std::vector<Finding> findings;
    findNotFinite(checkpoint, all, findings);
    findZeros(checkpoint, all, findings);
    findRandom(checkpoint, all, findings);
    findUntrainedRows(checkpoint, all, findings);
    return findings;
}

} // namespace weighbridge
