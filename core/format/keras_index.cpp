// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Weights of Keras 3 in several files: NAME.weights.json whose weight_map gives, for a group of variables, the list of its files.
// https://github.com/keras-team/keras/blob/master/keras/src/saving/saving_lib.py (ShardedH5IOStore)
#include "core/format/format.h"

#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/shards.h"
#include "core/format/detail/sidecar.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace weighbridge {
namespace {

class KerasShards {
public:
    KerasShards(const Candidate& candidate, JobContext& job)
        : m_candidate(candidate), m_job(job), m_folder(std::filesystem::path(candidate.path).parent_path().string())
    {
    }

    Result<Checkpoint> read()
    {
        return readIndex().and_then([this] { return readFiles(); }).map([this] {
            checkGroups();
            return std::move(m_checkpoint);
        });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const { return Error(std::move(rule), std::move(message)).at(m_candidate.path); }

    Result<void> readIndex()
    {
        const auto document = readShardIndex(m_candidate, "groups");
        if (!document)
            return tl::unexpected(document.error());
        for (const auto& [group, files] : *document->value.find("weight_map")->map()) {
            if (!files.isList())
                return failure(error("corrupt", fmt::format("The index gives no list of files for {}.", shown(group, 120))));
            m_groups.push_back(group.substr(group.find_first_not_of('/') == std::string::npos ? group.size() : group.find_first_not_of('/')));
            for (const Value& file : *files.list())
                if (std::find(m_files.begin(), m_files.end(), file.stringOr("")) == m_files.end())
                    m_files.push_back(file.stringOr(""));
        }
        const Value* metadata = document->value.find("metadata");
        m_checkpoint.metadata = Value::Map{{"index", metadata ? *metadata : Value(Value::Map{})}};
        m_checkpoint.files.push_back({m_candidate.path, m_candidate.nbytes, "index"});
        return {};
    }

    Result<void> readFiles()
    {
        std::vector<std::string> absent;
        for (const std::string& file : m_files)
            if (const auto path = sidecarPath(m_folder, file, m_candidate.path); !path && path.error().rule == "missing-shard")
                absent.push_back(shown(file, 200));
            else if (!path)
                return tl::unexpected(path.error());
        if (!absent.empty())
            return failure(missingShards(m_candidate, absent, m_files.size(), {}));
        for (const std::string& file : m_files) {
            m_job.report({"shards", m_checkpoint.shards.size(), m_files.size()});
            if (m_job.cancelled())
                return failure(cancelledError());
            if (auto read = readFile(file); !read)
                return read;
        }
        return {};
    }

    Result<void> readFile(const std::string& file)
    {
        const auto source = openSidecar(m_folder, file, m_candidate.path);
        if (!source)
            return tl::unexpected(source.error());
        if ((*source)->path() == m_candidate.path)
            return failure(error("corrupt", "The index names itself as a shard."));
        auto opened = openShard(*source, file, m_job);
        if (!opened)
            return tl::unexpected(opened.error());
        if (opened->format != "keras-h5" && opened->format != "hdf5")
            return failure(error("wrong-format", fmt::format("The shard {} is no HDF5 file but {}.", shown(file, 120), opened->format)));
        for (TensorInfo& tensor : opened->tensors) {
            tensor.storage.shard = static_cast<uint32_t>(m_checkpoint.shards.size());
            m_checkpoint.tensors.push_back(std::move(tensor));
        }
        m_checkpoint.shards.push_back(std::move(opened->shards.at(0)));
        m_checkpoint.files.push_back({(*source)->path(), (*source)->nbytes(), opened->format});
        std::move(opened->findings.begin(), opened->findings.end(), std::back_inserter(m_checkpoint.findings));
        m_checkpoint.metadata.set(file, std::move(opened->metadata));
        return {};
    }

    /// Each group of the index must hold at least one tensor.
    void checkGroups()
    {
        std::vector<std::string> absent;
        for (const std::string& group : m_groups) {
            const auto inside = [&group](const TensorInfo& tensor) { return tensor.name.starts_with(group) && tensor.name.size() > group.size() && tensor.name[group.size()] == '/'; };
            if (std::none_of(m_checkpoint.tensors.begin(), m_checkpoint.tensors.end(), inside))
                absent.push_back(group);
        }
        if (absent.empty())
            return;
        m_checkpoint.findings.push_back(warning("inconsistent-index", fmt::format("{} groups of the index are in no shard", absent.size()),
                                                fmt::format("The index lists {}, the shards do not hold it.", shown(absent[0], 120)),
                                                "Download the index and its shards again, from one revision.", {{"groups", static_cast<uint64_t>(absent.size())}}));
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    std::string m_folder;
    std::vector<std::string> m_groups;
    std::vector<std::string> m_files;
    Checkpoint m_checkpoint;
};

class KerasIndex final : public Format {
public:
    FormatInfo info() const override { return {"keras-index", "Keras weights in several files", {".weights.json"}}; }
    bool probe(const Candidate& candidate) const override { return isShardIndex(candidate, {".weights.h5"}); }
    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return KerasShards(candidate, job).read(); }
};

} // namespace

const Format& kerasIndexFormat()
{
    static const KerasIndex format;
    return format;
}

} // namespace weighbridge
