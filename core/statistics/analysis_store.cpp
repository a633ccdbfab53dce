// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/analysis_store.h"

#include "core/base/new_file.h"
#include "core/base/sha256.h"
#include "core/remote/ssh_address.h"
#include "core/statistics/analysis_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t sampledBlocks = 64, sampledNbytes = 4096; ///< of each shard
constexpr const char* suffix = ".analyses";

/// Hashes values with their lengths, so that no two lists of them look the same.
class Digest {
public:
    template <typename T>
        requires std::is_arithmetic_v<T> || std::is_enum_v<T>
    void add(const T& value)
    {
        m_hash.update(std::as_bytes(std::span(&value, 1)));
    }
    template <typename T>
    void add(const std::vector<T>& values)
    {
        add(values.size());
        for (const T& value : values)
            add(value);
    }
    void add(std::string_view text)
    {
        add(text.size());
        m_hash.update(std::as_bytes(std::span(text)));
    }
    void add(std::span<const std::byte> bytes)
    {
        add(bytes.size());
        m_hash.update(bytes);
    }
    [[nodiscard]] std::string finish() { return m_hash.finish(); }

private:
    Sha256 m_hash;
};

bool addShard(Digest& digest, const Shard& shard)
{
    if (!shard.source)
        return false;
    const uint64_t nbytes = shard.source->nbytes();
    digest.add(std::string_view(shard.format));
    digest.add(nbytes);
    digest.add(shard.source->identity().modifiedNs);
    // what another machine says of a file tells its states apart; the sample would travel
    for (uint64_t k = 0; k < sampledBlocks && !isSshAddress(shard.path); ++k) {
        const auto block = shard.source->readUpTo(k * (nbytes / sampledBlocks), sampledNbytes);
        if (!block)
            return false;
        digest.add(std::span<const std::byte>(*block));
    }
    return true;
}

void addTensor(Digest& digest, const TensorInfo& tensor)
{
    digest.add(std::string_view(tensor.name));
    digest.add(tensor.dtype);
    digest.add(tensor.shape);
    digest.add(tensor.strides);
    digest.add(tensor.elementOffset);
    digest.add(tensor.isConjugated);
    digest.add(tensor.isNegated);
    digest.add(tensor.storage.kind);
    digest.add(tensor.storage.shard);
    digest.add(tensor.storage.offset);
    digest.add(tensor.storage.nbytes);
    digest.add(std::string_view(tensor.storage.key));
}

/// The newest first.
std::vector<fs::directory_entry> keptFiles(const std::string& folder)
{
    std::vector<fs::directory_entry> out;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        if (it->path().extension() == suffix && it->is_regular_file(error))
            out.push_back(*it);
    const auto time = [](const fs::directory_entry& entry) {
        std::error_code ignored;
        return entry.last_write_time(ignored);
    };
    std::sort(out.begin(), out.end(), [&time](const auto& a, const auto& b) { return time(a) > time(b); });
    return out;
}

void removeOldest(const std::string& folder)
{
    uint64_t nbytes = 0;
    for (const fs::directory_entry& entry : keptFiles(folder)) {
        std::error_code error;
        nbytes += entry.file_size(error);
        if (nbytes > AnalysisStore::folderMaximum)
            fs::remove(entry.path(), error);
    }
}

std::string fileOf(const std::string& folder, const std::string& key)
{
    return folder + "/" + key + suffix;
}

} // namespace

std::string analysisFolder()
{
    const char* given = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    if (given && *given)
        return std::string(given) + "/weighbridge/analyses";
    return home && *home ? std::string(home) + "/.cache/weighbridge/analyses" : std::string();
}

std::string analysisKey(const Checkpoint& checkpoint, const ConfigHints& hints)
{
    Digest digest;
    for (const Shard& shard : checkpoint.shards)
        if (!addShard(digest, shard))
            return {};
    for (const TensorInfo& tensor : checkpoint.tensors)
        addTensor(digest, tensor);
    digest.add(std::string_view(hints.modelType));
    for (const auto* list : {&hints.ranges, &hints.layers, &hints.hidden})
        digest.add(*list);
    digest.add(hints.factor);
    digest.add(hints.headSize.value_or(0));
    return checkpoint.shards.empty() ? std::string() : digest.finish();
}

AnalysisStore::Identity AnalysisStore::identityOf(const Checkpoint& checkpoint, const ConfigHints& hints)
{
    Identity out{&checkpoint, checkpoint.path, {}, hints};
    for (const Shard& shard : checkpoint.shards)
        out.files.push_back(shard.source ? shard.source->identity() : FileIdentity{});
    return out;
}

Result<void> AnalysisStore::analyse(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, unsigned threads, JobContext& job,
                                    const AnalysisSink& sink)
{
    const Identity identity = identityOf(checkpoint, hints);
    std::vector<size_t> open(tensors.begin(), tensors.end());
    while (!open.empty()) {
        Asked asked;
        {
            const std::scoped_lock lock(m_mutex);
            if (!(m_identity == identity))
                begin(checkpoint, identity, true);
            asked = claim(open, sink);
        }
        if (auto computed = compute(checkpoint, identity, asked.own, threads, job, sink); !computed)
            return computed;
        waitFor(asked.others, job);
        if (job.cancelled())
            return failure(cancelledError());
        open = std::move(asked.others); // known by now, or given up by the one who computed them
    }
    return {};
}

void AnalysisStore::give(const Checkpoint& checkpoint, const ConfigHints& hints, std::vector<Result<TensorAnalysis>> analyses)
{
    const std::scoped_lock lock(m_mutex);
    begin(checkpoint, identityOf(checkpoint, hints), false);
    for (size_t i = 0; i < analyses.size(); ++i)
        m_known.insert_or_assign(i, std::move(analyses[i]));
}

void AnalysisStore::begin(const Checkpoint& checkpoint, Identity identity, bool isKept)
{
    m_known.clear();
    m_computed.clear();
    m_tensors = checkpoint.tensors.size();
    m_key = m_folder.empty() || !isKept ? std::string() : analysisKey(checkpoint, identity.hints);
    m_identity = std::move(identity);
    m_stored = 0;
    if (!m_key.empty())
        load();
    m_changed.notify_all();
}

void AnalysisStore::load()
{
    const auto source = openFile(fileOf(m_folder, m_key));
    if (!source || (*source)->nbytes() > fileMaximum)
        return;
    const auto bytes = (*source)->read(0, (*source)->nbytes());
    auto stored = bytes ? decodeAnalyses(*bytes, m_key, m_tensors) : std::nullopt;
    for (size_t i = 0; stored && i < stored->size(); ++i)
        if ((*stored)[i])
            m_stored += m_known.emplace(i, std::move(*(*stored)[i])).second;
}

/// Whether it succeeds or not: it is only a cache.
void AnalysisStore::save()
{
    StoredAnalyses all(m_tensors);
    size_t count = 0;
    for (const auto& [index, analysis] : m_known) {
        if (!analysis)
            continue;
        all[index] = *analysis;
        ++count;
    }
    if (count == std::exchange(m_stored, count))
        return;
    const std::vector<std::byte> bytes = encodeAnalyses(m_key, all);
    std::error_code error;
    fs::create_directories(m_folder, error);
    if (error || bytes.size() > fileMaximum)
        return;
    if (auto file = NewFile::create(fileOf(m_folder, m_key)); file && file->write(bytes) && file->finish())
        removeOldest(m_folder);
}

/// Hands out what is known; what nobody computes is the caller's.
AnalysisStore::Asked AnalysisStore::claim(std::span<const size_t> tensors, const AnalysisSink& sink)
{
    Asked asked;
    for (const size_t index : tensors) {
        if (const auto known = m_known.find(index); known != m_known.end())
            sink(index, known->second);
        else if (m_computed.insert(index).second)
            asked.own.push_back(index);
        else
            asked.others.push_back(index);
    }
    return asked;
}

Result<void> AnalysisStore::compute(const Checkpoint& checkpoint, const Identity& identity, std::span<const size_t> tensors, unsigned threads, JobContext& job,
                                    const AnalysisSink& sink)
{
    if (tensors.empty())
        return {};
    const auto done = computeStatisticsOf(checkpoint, identity.hints, tensors, threads, job, [&](size_t index, Analysis analysis) {
        {
            const std::scoped_lock lock(m_mutex);
            if (m_identity == identity && (analysis || !job.cancelled())) // what a stopped job says of its last tensor is no answer
                m_known.emplace(index, analysis);
        }
        sink(index, std::move(analysis));
    });
    const std::scoped_lock lock(m_mutex);
    if (!(m_identity == identity))
        return done;
    for (const size_t index : tensors)
        m_computed.erase(index);
    m_changed.notify_all();
    if (done && m_known.size() == m_tensors && !m_key.empty())
        save();
    return done;
}

void AnalysisStore::waitFor(std::span<const size_t> tensors, JobContext& job)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, job.stop, [&] { return std::none_of(tensors.begin(), tensors.end(), [this](size_t index) { return m_computed.contains(index); }); });
}

} // namespace weighbridge
