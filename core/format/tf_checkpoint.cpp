// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// https://www.tensorflow.org/guide/checkpoint: x.index with x.data-00000-of-00001 (V2) or one file x (V1), and a text file `checkpoint`
// that names the newest.
#include "core/format/format.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/format/detail/sidecar.h"
#include "core/format/detail/sstable.h"
#include "core/format/detail/tf_bundle.h"
#include "core/format/detail/tf_slices.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view newestKey = "model_checkpoint_path:";

std::string_view textOf(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An index that is cut still begins as one: an entry without a key, whose value begins with the number of data files.
bool beginsAsIndex(std::span<const std::byte> head)
{
    return head.size() >= 4 && head[0] == std::byte{0} && head[1] == std::byte{0} && head[2] > std::byte{1} && head[2] < std::byte{64} && head[3] == std::byte{8};
}

/// The quoted text behind `model_checkpoint_path:`.
std::string newestOf(std::string_view text)
{
    const size_t start = text.find('"', text.find(newestKey));
    const size_t end = start == std::string_view::npos ? start : text.find('"', start + 1);
    return end == std::string_view::npos ? std::string() : std::string(text.substr(start + 1, end - start - 1));
}

class TfCheckpoint final : public Format {
public:
    FormatInfo info() const override { return {"tf-checkpoint", "TensorFlow checkpoint", {".index", ".ckpt"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || !candidate.source || candidate.nbytes == 0)
            return false;
        if (endsAsSortedTable(*candidate.source) || textOf(candidate.head).starts_with(newestKey))
            return true;
        if (candidate.path.ends_with(".index"))
            return beginsAsIndex(candidate.head);
        // neither data files nor graphs beside an index have a mark of their own
        return isTfDataFile(candidate.path) || (candidate.path.ends_with(".meta") && isFile(tfPrefixOf(candidate.path) + ".index"));
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        if (textOf(candidate.head).starts_with(newestKey))
            return openNewest(candidate, job);
        if (endsAsSortedTable(*candidate.source) && isTfSlices(*candidate.source))
            return openTfSlices(candidate.source, job);
        const std::string prefix = tfPrefixOf(candidate.path);
        if (!endsAsSortedTable(*candidate.source) && !candidate.path.ends_with(".index"))
            return openBeside(candidate, prefix, job);
        return openTfBundle(candidate.source, prefix.empty() ? candidate.path : prefix, job);
    }

    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override
    {
        const auto shard = std::find_if(checkpoint.shards.begin(), checkpoint.shards.end(),
                                        [](const Shard& part) { return part.format == "tf-checkpoint" && part.source; });
        if (shard == checkpoint.shards.end())
            return 0;
        if (isTfSlices(*shard->source))
            return verifySlices(checkpoint, job);
        const std::string prefix = tfPrefixOf(shard->path);
        return openFile(prefix + ".index").and_then([&](const SourcePtr& index) { return verifyTfBundle(index, prefix, job); });
    }

private:
    static Result<uint64_t> verifySlices(const Checkpoint& checkpoint, JobContext& job)
    {
        uint64_t nbytes = 0;
        for (const Shard& shard : checkpoint.shards) {
            if (shard.format != "tf-checkpoint" || !shard.source)
                continue;
            const auto verified = SortedTable::open(shard.source).and_then([&job](const SortedTable& table) { return table.verify(job); });
            if (!verified)
                return verified;
            nbytes += *verified;
        }
        return nbytes;
    }

    static Result<Checkpoint> openBeside(const Candidate& candidate, const std::string& prefix, JobContext& job)
    {
        const std::string name = fs::path(prefix).filename().string();
        const auto index = openFile(prefix + ".index");
        if (!index && !isFile(prefix + ".index"))
            return failure(Error("missing-shard", fmt::format("This is a data file of a TensorFlow checkpoint: bare values. The index, {}.index, which says what they are, is missing.", shown(name, 200)))
                               .at(candidate.path).expecting(shown(name, 200) + ".index").fixedBy(fmt::format("Copy {}.index into the same folder.", shown(name, 200))));
        if (!index)
            return tl::unexpected(index.error());
        return openTfBundle(*index, prefix, job);
    }

    /// The text file `checkpoint`. Training writes full paths into it, of a machine that is not this one: then the name alone counts.
    static Result<Checkpoint> openNewest(const Candidate& candidate, JobContext& job)
    {
        const std::string folder = fs::path(candidate.path).parent_path().string();
        std::string named = newestOf(textOf(candidate.head));
        if (named.empty())
            return failure(
                Error("truncated", "The file names no checkpoint: the name behind model_checkpoint_path is missing or cut.").at(candidate.path));
        const auto parts = tfSliceFiles(named);
        const std::string last = parts.empty() ? fs::path(named).filename().string() : parts[0];
        if (!last.empty() && (isFile((fs::path(folder) / last).string() + ".index") || isFile((fs::path(folder) / last).string())))
            named = last;
        auto index = openSidecar(folder, named + ".index", candidate.path);
        if (!index && index.error().rule == "missing-shard")
            if (auto single = openSidecar(folder, named, candidate.path))
                index = std::move(single);
        if (!index)
            return tl::unexpected(index.error());
        if (!endsAsSortedTable(**index))
            return failure(Error("corrupt", fmt::format("The file that it names, {}, is no checkpoint of TensorFlow.", shown((*index)->path(), 200))).at(candidate.path));
        auto opened = isTfSlices(**index) ? openTfSlices(*index, job) : openTfBundle(*index, tfPrefixOf((*index)->path()), job);
        return opened.map([&](Checkpoint checkpoint) {
            if (checkpoint.files.empty())
                checkpoint.files.push_back({(*index)->path(), (*index)->nbytes(), "tf-checkpoint"});
            checkpoint.files.push_back({candidate.path, candidate.nbytes, "other"});
            return checkpoint;
        });
    }
};

} // namespace

const Format& tfCheckpointFormat()
{
    static const TfCheckpoint format;
    return format;
}

} // namespace weighbridge
