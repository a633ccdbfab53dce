// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/shards.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/partial.h"
#include "core/format/detail/sidecar.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace weighbridge {
namespace {

/// What the index says of one shard, and what was found in it.
struct IndexedShard {
    std::string file;
    std::set<std::string> listed;   ///< tensors that the index puts there
    std::vector<std::string> absent;   ///< listed, but not in the shard
    std::vector<std::string> unlisted; ///< in the shard, but not listed
};

class ShardedReader {
public:
    ShardedReader(const Candidate& candidate, JobContext& job)
        : m_candidate(candidate), m_job(job), m_folder(std::filesystem::path(candidate.path).parent_path().string())
    {
    }

    Result<Checkpoint> read()
    {
        return readIndex()
            .and_then([this] { return findFiles(); })
            .and_then([this]() -> Result<void> {
                auto shards = readShards();
                return shards || !m_missing || shards.error().rule == "cancelled" ? shards : failure(std::move(*m_missing));
            })
            .and_then([this]() -> Result<Checkpoint> {
                checkAgainstIndex();
                if (!m_missing)
                    checkSize();
                if (auto& why = m_missing ? m_missing : m_cut)
                    return failure(withPartial(std::move(*why), std::move(m_checkpoint)));
                return std::move(m_checkpoint);
            });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const { return Error(std::move(rule), std::move(message)).at(m_candidate.path); }

    Result<void> readIndex()
    {
        const auto document = readShardIndex(m_candidate, "tensors");
        if (!document)
            return tl::unexpected(document.error());
        std::unordered_map<std::string_view, size_t> places;
        for (const auto& [tensor, file] : *document->value.find("weight_map")->map()) {
            if (!file.isString())
                return failure(error("corrupt", fmt::format("The index gives no file for the tensor {}.", shown(tensor, 120))));
            const auto [place, isNew] = places.try_emplace(*file.string(), m_shards.size());
            if (isNew)
                m_shards.push_back({*file.string(), {}, {}, {}});
            m_shards[place->second].listed.insert(tensor);
        }
        for (const std::string& key : document->duplicateKeys)
            note("duplicate-key", Severity::Warning, "The index holds a key twice", fmt::format("{} is duplicated; the last one counts.", shown(key, 200)), {}, {});
        const Value* metadata = document->value.find("metadata");
        m_checkpoint.metadata = Value::Map{{"index", metadata ? *metadata : Value(Value::Map{})}};
        return {};
    }

    /// One message names every shard that is absent; the others are read all the same.
    Result<void> findFiles()
    {
        std::vector<std::string> absent;
        std::vector<IndexedShard> there;
        size_t lost = 0;
        for (IndexedShard& shard : m_shards) {
            const auto path = sidecarPath(m_folder, shard.file, m_candidate.path);
            if (path && shard.file == std::filesystem::path(m_candidate.path).filename().string())
                return failure(error("corrupt", "The index names itself as a shard."));
            if (path) {
                there.push_back(std::move(shard));
                continue;
            }
            if (path.error().rule != "missing-shard")
                return tl::unexpected(path.error());
            absent.push_back(shown(shard.file, 200));
            lost += shard.listed.size();
        }
        const size_t shards = std::exchange(m_shards, std::move(there)).size();
        if (absent.empty())
            return {};
        size_t readable = 0;
        for (const IndexedShard& shard : m_shards)
            readable += shard.listed.size();
        const size_t all = readable + lost;
        m_missing = missingShards(m_candidate, absent, shards, fmt::format("{} of {} tensors are in {}.", lost, all, absent.size() == 1 ? "it" : "them"))
                        .stillReadable(fmt::format("{} of {} tensors", readable, all));
        return m_shards.empty() ? failure(std::move(*m_missing)) : Result<void>();
    }

    Result<void> readShards()
    {
        m_checkpoint.files.push_back({m_candidate.path, m_candidate.nbytes, "index"});
        for (size_t i = 0; i < m_shards.size(); ++i) {
            m_job.report({"shards", i, m_shards.size()});
            if (m_job.cancelled())
                return failure(cancelledError());
            if (auto read = readShard(m_shards[i]); !read)
                return read;
            if (m_checkpoint.tensors.size() > limits::tensors)
                return failure(error("resource-bomb", fmt::format("The shards hold more than {} tensors.", limits::tensors)));
        }
        return {};
    }

    Result<void> readShard(IndexedShard& shard)
    {
        const auto source = openSidecar(m_folder, shard.file, m_candidate.path);
        if (!source)
            return tl::unexpected(source.error());
        auto opened = openShard(*source, shard.file, m_job);
        if (!opened) {
            Error why = opened.error();
            if (!why.partial)
                return failure(std::move(why));
            opened = *why.partial;
            opened->findings.clear();
            m_cut = m_cut ? m_cut : why;
        }
        if (opened->shards.size() != 1)
            return failure(error("corrupt", fmt::format("The shard {} is itself made of several files.", shown(shard.file, 120))));
        const auto index = static_cast<uint32_t>(m_checkpoint.shards.size());
        const size_t inlineStart = m_checkpoint.inlineStorages.size();
        std::set<std::string> present;
        for (TensorInfo& tensor : opened->tensors) {
            tensor.storage.shard = index;
            if (tensor.storage.kind == StorageKind::Memory)
                tensor.storage.offset += inlineStart;
            if (tensor.storage.kind == StorageKind::Pieces)
                tensor.storage.offset += m_checkpoint.assemblies.size();
            present.insert(tensor.name);
            if (shard.listed.count(tensor.name) == 0)
                shard.unlisted.push_back(tensor.name);
            m_checkpoint.tensors.push_back(std::move(tensor));
        }
        std::set_difference(shard.listed.begin(), shard.listed.end(), present.begin(), present.end(), std::back_inserter(shard.absent));
        m_checkpoint.shards.push_back(std::move(opened->shards[0]));
        m_checkpoint.files.push_back({(*source)->path(), (*source)->nbytes(), opened->format});
        for (Assembly& assembly : opened->assemblies) {
            for (TensorPiece& piece : assembly.pieces) {
                piece.storage.shard = index;
                if (piece.storage.kind == StorageKind::Memory)
                    piece.storage.offset += inlineStart;
            }
            m_checkpoint.assemblies.push_back(std::move(assembly));
        }
        std::move(opened->inlineStorages.begin(), opened->inlineStorages.end(), std::back_inserter(m_checkpoint.inlineStorages));
        std::move(opened->findings.begin(), opened->findings.end(), std::back_inserter(m_checkpoint.findings));
        if (opened->metadata.isMap() && !opened->metadata.map()->empty())
            m_checkpoint.metadata.set(shard.file, std::move(opened->metadata));
        return {};
    }

    void note(std::string rule, Severity severity, std::string title, std::string explanation, Value::Map evidence, std::vector<std::string> tensors)
    {
        Finding finding = newFinding(severity, std::move(rule), std::move(title), std::move(explanation), {}, std::move(evidence));
        finding.tensors = std::move(tensors);
        m_checkpoint.findings.push_back(std::move(finding));
    }

    void checkAgainstIndex()
    {
        for (const IndexedShard& shard : m_shards) {
            Value::Map evidence{{"file", shard.file}, {"absent", static_cast<uint64_t>(shard.absent.size())}, {"unlisted", static_cast<uint64_t>(shard.unlisted.size())}};
            if (!shard.absent.empty() && !shard.unlisted.empty()) {
                note("shard-revision", Severity::Error, fmt::format("{} comes from another revision", shown(shard.file, 120)),
                     fmt::format("The index puts {} into it, which it does not hold; it holds {} instead, which the index does not know. The other shards agree with the index.",
                                 shown(shard.absent[0], 120), shown(shard.unlisted[0], 120)),
                     std::move(evidence), shard.absent);
                m_checkpoint.findings.back().fix.text = fmt::format("Download {} again, from the same revision as the index.", shown(shard.file, 120));
            } else if (!shard.absent.empty()) {
                note("inconsistent-index", Severity::Warning, fmt::format("{} of the index are not in {}", count(shard.absent.size()), shown(shard.file, 120)),
                     fmt::format("The index puts {} there, the shard does not hold it.", shown(shard.absent[0], 120)), std::move(evidence), shard.absent);
                m_checkpoint.findings.back().fix.text = "Download the index and this shard again, from one revision.";
            } else if (!shard.unlisted.empty()) {
                note("inconsistent-index", Severity::Warning,
                     fmt::format("{} of {} {} not in the index", count(shard.unlisted.size()), shown(shard.file, 120),
                                 shard.unlisted.size() == 1 ? "is" : "are"),
                     fmt::format("{} is in the shard, but the index does not list it. transformers loads it all the same; loaders that go by the "
                                 "index do not.",
                                 shown(shard.unlisted[0], 120)),
                     std::move(evidence), shard.unlisted);
                m_checkpoint.findings.back().fix.text = "Download the index again, or save the model anew.";
            }
        }
        checkDuplicates();
    }

    static std::string count(size_t tensors) { return tensors == 1 ? "1 tensor" : fmt::format("{} tensors", tensors); }

    void checkDuplicates()
    {
        std::unordered_map<std::string_view, uint32_t> shardOf;
        std::vector<std::string> twice;
        for (const TensorInfo& tensor : m_checkpoint.tensors)
            if (const auto [place, isNew] = shardOf.try_emplace(tensor.name, tensor.storage.shard); !isNew)
                twice.push_back(tensor.name);
        if (!twice.empty())
            note("duplicate-key", Severity::Warning, fmt::format("{} in two shards", twice.size() == 1 ? "1 tensor is" : fmt::format("{} tensors are", twice.size())),
                 fmt::format("{} is duplicated. Which one a loader takes depends on its order of reading.", shown(twice[0], 120)),
                 {{"tensors", static_cast<uint64_t>(twice.size())}}, twice);
    }

    /// total_size counts shared storages once or twice, depending on the writer: both are right.
    void checkSize()
    {
        const Value* declared = m_checkpoint.metadata.find("index")->find("total_size");
        if (!declared || !declared->isNumber())
            return;
        uint64_t all = 0;
        uint64_t unique = 0;
        std::set<std::tuple<StorageKind, uint32_t, uint64_t>> storages;
        for (const TensorInfo& tensor : m_checkpoint.tensors) {
            all += tensor.nbytes();
            if (storages.emplace(tensor.storage.kind, tensor.storage.shard, tensor.storage.offset).second)
                unique += tensor.nbytes();
        }
        const double wanted = declared->number();
        if (wanted == static_cast<double>(all) || wanted == static_cast<double>(unique))
            return;
        note("inconsistent-index", Severity::Warning, "The index gives another total size than the shards have",
             fmt::format("total_size is {:.0f} bytes, the tensors of all shards have {} bytes. Loaders do not check this; one file may come from another revision.", wanted, all),
             {{"total_size", *declared}, {"nbytes", all}}, {});
        m_checkpoint.findings.back().fix.text = "Compare the shards' checksums with those of their source.";
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    std::string m_folder;
    std::vector<IndexedShard> m_shards;
    Checkpoint m_checkpoint;
    std::optional<Error> m_missing; ///< the shards that are not there
    std::optional<Error> m_cut; ///< of the first shard that is cut; the others are read all the same
};

} // namespace

Result<JsonDocument> readShardIndex(const Candidate& candidate, std::string_view entries)
{
    const auto error = [&candidate](std::string rule, std::string message) { return failure(Error(std::move(rule), std::move(message)).at(candidate.path)); };
    if (candidate.nbytes > limits::jsonNbytes)
        return error("resource-bomb", fmt::format("The index has {}, more than the limit of {}.", formatNbytes(candidate.nbytes), formatNbytes(limits::jsonNbytes)));
    const auto bytes = candidate.source->read(0, candidate.nbytes);
    if (!bytes)
        return tl::unexpected(bytes.error());
    auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, candidate.path);
    if (!document)
        return document;
    const Value* map = document->value.find("weight_map");
    if (!map || !map->isMap())
        return error("corrupt", fmt::format("The index has no weight_map that is an object of {} and their files.", entries));
    if (map->map()->size() > limits::tensors)
        return error("resource-bomb", fmt::format("The index names more than {} {}.", limits::tensors, entries));
    return document;
}

Error missingShards(const Candidate& candidate, const std::vector<std::string>& absent, size_t shards, const std::string& loss)
{
    const std::string names = fmt::format("{}", fmt::join(absent, ", "));
    return Error("missing-shard", fmt::format("{} of {} shards {} missing: {}.{}{}", absent.size(), shards, absent.size() == 1 ? "is" : "are", names, loss.empty() ? "" : " ", loss))
        .at(candidate.path)
        .expecting(fmt::format("{} shards", shards))
        .finding(fmt::format("{} shards", shards - absent.size()))
        .fixedBy(fmt::format("Download {} into the same folder.", names));
}

Result<Checkpoint> openShard(const SourcePtr& source, const std::string& file, JobContext& job)
{
    return openSource(source, job).map_error([&file](Error error) {
        error.message = fmt::format("Shard {}: {}", shown(file, 120), error.message);
        return error;
    });
}

Result<Checkpoint> openSharded(const Candidate& candidate, JobContext& job)
{
    return ShardedReader(candidate, job).read();
}

bool isShardIndex(const Candidate& candidate, std::initializer_list<std::string_view> extensions)
{
    const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
    const size_t start = head.find_first_not_of(" \t\r\n");
    if (candidate.isFolder || start == std::string_view::npos || head[start] != '{')
        return false;
    const size_t map = head.find("\"weight_map\"");
    if (map == std::string_view::npos)
        return false;
    const auto firstOf = [&](std::string_view extension) { return head.find(std::string(extension) + "\"", map); };
    return std::any_of(extensions.begin(), extensions.end(), [&](std::string_view extension) { return firstOf(extension) != std::string_view::npos; });
}

} // namespace weighbridge
