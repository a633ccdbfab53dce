// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a folder is made of: huggingface.co/docs/transformers (from_pretrained looks for the weights in this order).
#include "core/format/format.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/folder_difference.h"
#include "core/format/detail/tf_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

/// Weights by name, in the loaders' order of preference.
constexpr std::array weightNames{
    std::string_view("model.safetensors"),       std::string_view("model.safetensors.index.json"),
    std::string_view("pytorch_model.bin"),       std::string_view("pytorch_model.bin.index.json"),
    std::string_view("adapter_model.safetensors"), std::string_view("adapter_model.bin"),
    std::string_view("tf_model.h5"),             std::string_view("tf_model.h5.index.json"),
    std::string_view("flax_model.msgpack"),      std::string_view("flax_model.msgpack.index.json"),
    std::string_view("saved_model.pb"),
};
/// Other files that may be weights, by ending; the first by name is taken.
constexpr std::array weightEndings{
    std::string_view(".safetensors"), std::string_view(".index.json"), std::string_view(".bin"), std::string_view(".pt"),  std::string_view(".pth"),
    std::string_view(".ckpt"),        std::string_view(".weights.json"), std::string_view(".h5"),         std::string_view(".keras"), std::string_view(".gguf"), std::string_view(".onnx"),
    std::string_view(".ckpt.index"),  std::string_view(".npz"),        std::string_view(".msgpack"),
    std::string_view(".index"),       std::string_view(".tflite"),
};
/// What a training run leaves beside its weights: never the model.
constexpr std::array trainingNames{
    std::string_view("optimizer"), std::string_view("scheduler"), std::string_view("rng_state"), std::string_view("training_args"), std::string_view("scaler"),
};
constexpr std::array tokenizerNames{
    std::string_view("tokenizer.json"),  std::string_view("tokenizer_config.json"), std::string_view("vocab.txt"),    std::string_view("vocab.json"),
    std::string_view("merges.txt"),      std::string_view("added_tokens.json"),     std::string_view("spiece.model"), std::string_view("tokenizer.model"),
    std::string_view("sentencepiece.bpe.model"), std::string_view("special_tokens_map.json"),
};
constexpr std::array configNames{
    std::string_view("config.json"), std::string_view("bert_config.json"), std::string_view("config.yaml"), std::string_view("config.yml"),
    std::string_view("hparams.yaml"),
};

constexpr size_t comparedFiles = 8; ///< weight files that are opened besides the first

template <size_t n>
bool isOneOf(const std::array<std::string_view, n>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

struct Listing {
    std::vector<FileEntry> files;    ///< by name
    std::string config;
    std::vector<std::string> weights; ///< the loaders' choice first
    std::vector<std::string> tokenizers;
    bool hasPreprocessor = false;     ///< a preprocessor_config.json
};

bool isTrainingFile(const std::string& name)
{
    return std::any_of(trainingNames.begin(), trainingNames.end(), [&name](std::string_view start) { return name.starts_with(start); });
}

/// A shard of an index (model-00001-of-00004.safetensors) is no checkpoint of its own; the only one, or the first part of a split GGUF file, stands for
/// all. TensorFlow's data files never do.
bool isNumberedShard(const std::string& name)
{
    const size_t of = name.find("-of-");
    if (of == std::string::npos || of < 5)
        return false;
    const std::string_view number = std::string_view(name).substr(of - 5, 5);
    const bool isNumber = std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
    const bool isOnly = name.compare(of + 4, 5, "00001") == 0 && name.find(".data-") == std::string::npos;
    const bool standsForAll = isOnly || (number == "00001" && name.ends_with(".gguf"));
    return isNumber && !standsForAll;
}

/// model.ckpt-1000: a step of a training run, without the .index and .data that TensorFlow's have.
bool isStepCheckpoint(const std::string& name)
{
    const size_t at = name.rfind(".ckpt-");
    return at != std::string::npos && at + 6 < name.size() && std::all_of(name.begin() + static_cast<ptrdiff_t>(at) + 6, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// m_00001.weights.h5 beside m.weights.json. Without the index the same name is that of an epoch.
bool isShardOfKeras(const std::string& path, const std::vector<std::string>& weights)
{
    constexpr std::string_view pattern = "_00000.weights.h5"; // 0: any digit
    if (path.size() <= pattern.size())
        return false;
    const std::string_view tail = std::string_view(path).substr(path.size() - pattern.size());
    const auto fits = [](char wanted, char c) { return wanted == '0' ? c >= '0' && c <= '9' : c == wanted; };
    return std::equal(pattern.begin(), pattern.begin() + 6, tail.begin(), fits) && tail.substr(6) == pattern.substr(6)
        && std::find(weights.begin(), weights.end(), path.substr(0, path.size() - pattern.size()) + ".weights.json") != weights.end();
}

size_t weightRank(const std::string& name)
{
    const auto known = std::find(weightNames.begin(), weightNames.end(), name);
    if (known != weightNames.end())
        return static_cast<size_t>(known - weightNames.begin());
    if (isTrainingFile(name) || isNumberedShard(name) || isOneOf(tokenizerNames, name))
        return SIZE_MAX;
    const std::string lower = lowered(name);
    if (isStepCheckpoint(lower))
        return weightNames.size() + weightEndings.size();
    const auto ending = std::find_if(weightEndings.begin(), weightEndings.end(), [&lower](std::string_view end) { return lower.ends_with(end); });
    return ending == weightEndings.end() ? SIZE_MAX : weightNames.size() + static_cast<size_t>(ending - weightEndings.begin());
}

std::string kindOf(const std::string& name)
{
    if (isOneOf(configNames, name) || name.ends_with("_config.json"))
        return isOneOf(tokenizerNames, name) ? "tokenizer" : "config";
    if (isOneOf(tokenizerNames, name))
        return "tokenizer";
    return weightRank(name) != SIZE_MAX || isNumberedShard(name) ? "weights" : isTrainingFile(name) ? "training" : "other";
}

/// What a folder may hold that cannot be listed.
std::vector<std::string_view> usualNames()
{
    std::vector<std::string_view> names(configNames.begin(), configNames.end());
    names.insert(names.end(), weightNames.begin(), weightNames.end());
    names.insert(names.end(), tokenizerNames.begin(), tokenizerNames.end());
    names.emplace_back("preprocessor_config.json");
    return names;
}

Listing listFolder(const std::string& folder)
{
    Listing listing;
    for (const FoundFile& file : filesIn(folder, usualNames()))
        listing.files.push_back({file.path, file.nbytes, kindOf(fs::path(file.path).filename().string())});
    std::sort(listing.files.begin(), listing.files.end(), [](const FileEntry& a, const FileEntry& b) { return a.path < b.path; });
    size_t configRank = configNames.size();
    std::vector<std::string> optimizers;
    std::vector<std::string> inputs;
    std::vector<std::string> others; // TensorFlow's text that names the newest; parts of a split file whose first is absent
    for (const FileEntry& file : listing.files) {
        const std::string name = fs::path(file.path).filename().string();
        const auto config = std::find(configNames.begin(), configNames.end(), name);
        if (const auto rank = static_cast<size_t>(config - configNames.begin()); rank < configRank) {
            configRank = rank;
            listing.config = file.path;
        }
        listing.hasPreprocessor = listing.hasPreprocessor || name == "preprocessor_config.json";
        if (isOneOf(tokenizerNames, name))
            listing.tokenizers.push_back(file.path);
        if (weightRank(name) != SIZE_MAX)
            listing.weights.push_back(file.path);
        else if (name.starts_with("optimizer"))
            optimizers.push_back(file.path);
        else if (name == "checkpoint" || (name.ends_with(".gguf") && isNumberedShard(name)))
            others.push_back(file.path);
        else if (lowered(name).ends_with(".npy"))
            inputs.push_back(file.path);
    }
    std::erase_if(listing.weights, [all = listing.weights](const std::string& path) { return isShardOfKeras(path, all); });
    if (listing.weights.empty() && !others.empty())
        listing.weights = {others.front()};
    // Nothing but an optimizer, or inputs beside an image processor's config: opened, so that it can be said what they are.
    if (listing.weights.empty())
        listing.weights = std::move(optimizers);
    if (listing.weights.empty() && listing.hasPreprocessor && !inputs.empty())
        listing.weights = {inputs.front()};
    std::stable_sort(listing.weights.begin(), listing.weights.end(),
                     [](const std::string& a, const std::string& b) { return weightRank(fs::path(a).filename()) < weightRank(fs::path(b).filename()); });
    return listing;
}

class ModelFolder final : public Format {
public:
    FormatInfo info() const override { return {"model-folder", "model folder", {}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (!candidate.isFolder)
            return false;
        const Listing listing = listFolder(candidate.path);
        return !listing.config.empty() || !listing.weights.empty() || !listing.tokenizers.empty()
            || listing.hasPreprocessor || std::any_of(listing.files.begin(), listing.files.end(), [](const FileEntry& file) { return file.format == "weights"; });
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        Listing listing = listFolder(candidate.path);
        if (listing.weights.empty())
            return failure(noWeights(candidate.path, listing));
        const auto opened = openWeights(listing, job);
        if (opened)
            return inFolder(*opened, std::move(listing), job);
        Error error = asOfFolder(opened.error(), listing);
        if (error.partial) {
            Checkpoint partial = *error.partial;
            partial.weightsPath = partial.path;
            error.partial = std::make_shared<const Checkpoint>(inFolder(std::move(partial), std::move(listing), job));
        }
        return failure(std::move(error));
    }

private:
    /// The weights' checkpoint as that of the whole folder.
    static Checkpoint inFolder(Checkpoint checkpoint, Listing listing, JobContext& job)
    {
        checkpoint.metadata = Value::Map{{"weights", Value::Map{{"format", checkpoint.format}, {"metadata", std::move(checkpoint.metadata)}}}};
        checkpoint.format = "model-folder";
        checkpoint.configPath = listing.config;
        checkpoint.tokenizerPaths = listing.tokenizers;
        checkpoint.files = std::move(listing.files);
        noteOtherWeights(checkpoint, listing.weights, job);
        return checkpoint;
    }

    /// The loaders' first choice. An Error of it is the answer, unless it is not a checkpoint at all and another file is.
    static Result<Checkpoint> openWeights(const Listing& listing, JobContext& job)
    {
        Result<Checkpoint> first = failure("not-a-checkpoint", "");
        for (size_t i = 0; i < listing.weights.size(); ++i) {
            auto opened = openCheckpoint(listing.weights[i], job).map([](const CheckpointPtr& checkpoint) {
                Checkpoint copy = *checkpoint;
                copy.weightsPath = checkpoint->path;
                return copy;
            });
            if (opened)
                return opened;
            if (i == 0)
                first = std::move(opened);
            const bool isNamedWeights = weightRank(fs::path(listing.weights[i]).filename().string()) < weightNames.size();
            if (isNamedWeights || first.error().rule == "cancelled")
                break;
        }
        return first;
    }

    /// An index of TensorFlow without any data file in the whole folder is told from one of several that is absent.
    static Error asOfFolder(Error error, const Listing& listing)
    {
        const bool isIndex = error.path.ends_with(".index") && error.rule == "missing-shard";
        if (isIndex && std::none_of(listing.files.begin(), listing.files.end(), [](const FileEntry& file) { return isTfDataFile(file.path); }))
            error.rule = "missing-data-shard";
        return error;
    }

    static Error noWeights(const std::string& path, const Listing& listing)
    {
        const auto shards = std::count_if(listing.files.begin(), listing.files.end(), [](const FileEntry& file) { return isNumberedShard(fs::path(file.path).filename().string()); });
        if (shards > 0)
            return Error("missing-index", fmt::format("The folder holds {} numbered shards, but not the index (…index.json) that says which tensor is in which.", shards))
                .at(path).fixedBy("Download the index file into the same folder, or open a shard by itself.");
        return Error("not-a-checkpoint", fmt::format("The folder holds {} but no weights.", !listing.config.empty() ? "a config" : listing.hasPreprocessor ? "an image processor's config" : "a tokenizer"))
            .at(path).fixedBy("Download the weights (model.safetensors, pytorch_model.bin, ...) into the same folder.");
    }

    /// Each of the other weight files against the one that was taken: the same model in another format, or another model?
    static void noteOtherWeights(Checkpoint& checkpoint, const std::vector<std::string>& weights, JobContext& job)
    {
        Value::Map files;
        std::string sentences;
        bool isOther = false;
        for (const std::string& path : weights) {
            if (path == checkpoint.weightsPath || files.size() >= comparedFiles)
                continue;
            const std::string name = fs::path(path).filename().string();
            const auto opened = openCheckpoint(path, job);
            const FolderDifference difference = opened ? differenceOf(checkpoint, **opened, job) : FolderDifference{};
            isOther = isOther || !opened || difference.isOther();
            sentences += fmt::format(" {} {}", shown(name, 120), opened ? difference.sentence() : "cannot be opened: " + opened.error().message);
            files.emplace_back(name, opened ? difference.evidence() : Value(Value::Map{{"error", opened.error().message}}));
        }
        if (files.empty())
            return;
        checkpoint.findings.push_back(newFinding(isOther ? Severity::Warning : Severity::Note, "several-weights",
                                                 fmt::format("The folder holds {} more weight file{}", weights.size() - 1, weights.size() == 2 ? "" : "s"),
                                                 fmt::format("{} is shown, as loaders take it first.{}", shown(fs::path(checkpoint.weightsPath).filename().string()), sentences),
                                                 isOther ? "Keep the file that is meant and remove the other, so that every loader takes the same; to see all differences, compare the two." : "Open the other file by itself if that is the one you mean.",
                                                 {{"files", std::move(files)}}));
    }
};

} // namespace

const Format& modelFolderFormat()
{
    static const ModelFolder format;
    return format;
}

} // namespace weighbridge
