// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A .nemo of NVIDIA NeMo: a tar archive of model_config.yaml, a file of torch.save and what the tokenizer needs.
// https://docs.nvidia.com/nemo-framework/user-guide/latest/nemotoolkit/checkpoints/intro.html
#include "core/format/format.h"

#include "core/architecture/config.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/tar.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr std::string_view configName = "model_config.yaml";
constexpr std::string_view weightsName = "model_weights.ckpt";
constexpr std::string_view weightsFolder = "model_weights/";

const TarEntry* find(const std::vector<TarEntry>& entries, std::string_view name)
{
    const auto found = std::find_if(entries.begin(), entries.end(), [name](const TarEntry& entry) { return entry.name == name; });
    return found == entries.end() ? nullptr : &*found;
}

SourcePtr contentOf(const SourcePtr& archive, const TarEntry& entry)
{
    return subSource(archive, entry.offset, entry.end - entry.offset, archive->path() + "/" + entry.name);
}

class Nemo final : public Format {
public:
    FormatInfo info() const override { return {"nemo", "NVIDIA NeMo", {".nemo"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || !candidate.source || !isUstar(candidate.head))
            return false;
        if (lowered(candidate.path).ends_with(".nemo"))
            return true;
        const auto directory = readTar(*candidate.source);
        return directory && find(directory->entries, configName) && find(directory->entries, weightsName);
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const auto directory = readTar(*candidate.source);
        if (!directory)
            return tl::unexpected(directory.error());
        const TarEntry* weights = find(directory->entries, weightsName);
        if (!weights)
            return failure(noWeights(candidate, directory->entries));
        return openWeights(contentOf(candidate.source, *weights), job).map([&](Checkpoint checkpoint) {
            describe(candidate, directory->entries, checkpoint);
            if (!directory->isEnded)
                checkpoint.findings.push_back(warning(
                    "truncated", "The archive has no end mark",
                    "The two blocks of zeros with which a tar archive ends are not there: what stood behind the last entry that is seen is lost.",
                    "Copy or download the file again."));
            return checkpoint;
        });
    }

private:
    /// By the two forms of torch.save alone: an archive in the archive is not followed.
    static Result<Checkpoint> openWeights(const SourcePtr& source, JobContext& job)
    {
        const auto head = source->readUpTo(0, 4096);
        if (!head)
            return tl::unexpected(head.error());
        const Candidate weights{source->path(), false, *head, source->nbytes(), source};
        for (const char* id : {"torch-zip", "torch-legacy"})
            if (const Format* format = formatById(id); format->probe(weights))
                return format->open(weights, job);
        return failure(Error("corrupt", fmt::format("{} in the archive is no file of torch.save.", weightsName)).at(source->path()));
    }

    static Error noWeights(const Candidate& candidate, const std::vector<TarEntry>& entries)
    {
        const bool isDistributed =
            std::any_of(entries.begin(), entries.end(), [](const TarEntry& entry) { return entry.name.starts_with(weightsFolder); });
        if (isDistributed)
            return Error("unsupported-version",
                         fmt::format("The archive keeps the weights as a distributed checkpoint, in its folder {}.", weightsFolder))
                .at(candidate.path)
                .fixedBy(fmt::format("Unpack the archive (tar xf) and open the folder {} that comes out.", weightsFolder));
        return Error("missing-shard", fmt::format("The archive holds no {}: the model's weights are missing.", weightsName))
            .at(candidate.path)
            .expecting(std::string(weightsName));
    }

    /// The shards stay where they are: ranges of the archive.
    static void describe(const Candidate& candidate, const std::vector<TarEntry>& entries, Checkpoint& checkpoint)
    {
        Value::List names;
        for (const TarEntry& entry : entries)
            names.emplace_back(shown(entry.name, 200));
        Value metadata = Value::Map{{"weights", std::move(checkpoint.metadata)}, {"entries", std::move(names)}};
        if (const TarEntry* entry = find(entries, configName))
            if (auto config = loadConfig(*contentOf(candidate.source, *entry)))
                metadata.set("model_config", std::move(config->root));
        checkpoint.metadata = std::move(metadata);
        checkpoint.format = "nemo";
        checkpoint.files.clear();
    }
};

} // namespace

const Format& nemoFormat()
{
    static const Nemo format;
    return format;
}

} // namespace weighbridge
