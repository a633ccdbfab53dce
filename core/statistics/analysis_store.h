// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/all_statistics.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weighbridge {

/// The analyses of the checkpoint that was asked about last, so that its values are read once however many ask: who comes second waits for what the
/// first is computing. Kept on the disk in `folder` too, where there is one: opening the same files again reads no values. A cache file is believed
/// only if it is whole and its key is that of the files' sizes, times and a sample of their bytes; it never causes an Error.
/// Any thread, several at a time.
class AnalysisStore {
public:
    static constexpr uint64_t fileMaximum = 16 << 20;    ///< bytes; larger ones are not written
    static constexpr uint64_t folderMaximum = 64 << 20;  ///< the oldest files go first

    /// Empty: nothing is kept on the disk.
    explicit AnalysisStore(std::string folder) : m_folder(std::move(folder)) {}

    /// As computeStatisticsOf().
    Result<void> analyse(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, unsigned threads, JobContext& job,
                         const AnalysisSink& sink);

    /// Takes what was computed elsewhere of all tensors, so that nobody reads their values for it. It is not kept on the disk.
    void give(const Checkpoint& checkpoint, const ConfigHints& hints, std::vector<Result<TensorAnalysis>> analyses);

private:
    using Analysis = Result<TensorAnalysis>;
    /// Tells checkpoints apart without a look at their bytes.
    struct Identity {
        const Checkpoint* checkpoint = nullptr; ///< compared only
        std::string path;
        std::vector<FileIdentity> files;
        ConfigHints hints;
        bool operator==(const Identity&) const = default;
    };
    struct Asked {
        std::vector<size_t> own;      ///< to be computed by the one who asks
        std::vector<size_t> others;   ///< that someone else is computing
    };

    static Identity identityOf(const Checkpoint& checkpoint, const ConfigHints& hints);
    void begin(const Checkpoint& checkpoint, Identity identity, bool isKept);
    void load();
    void save();
    Asked claim(std::span<const size_t> tensors, const AnalysisSink& sink);
    Result<void> compute(const Checkpoint& checkpoint, const Identity& identity, std::span<const size_t> tensors, unsigned threads, JobContext& job, const AnalysisSink& sink);
    void waitFor(std::span<const size_t> tensors, JobContext& job);

    std::string m_folder;
    std::mutex m_mutex;         ///< guards what follows
    std::condition_variable_any m_changed;
    Identity m_identity;                ///< of what the others are about
    std::string m_key;                  ///< empty: not to be kept on the disk
    size_t m_tensors = 0;
    std::unordered_map<size_t, Analysis> m_known;
    size_t m_stored = 0;                ///< of them on the disk
    std::unordered_set<size_t> m_computed; ///< by someone, now
};

/// Where analyses are kept: $XDG_CACHE_HOME/weighbridge/analyses, or in ~/.cache.
[[nodiscard]] std::string analysisFolder();

/// Lower-case hexadecimal of a sha256 over what the analyses depend on: names, dtypes and places of the tensors, sizes, times and sampled bytes of
/// the shards, and the hints. Empty where a shard cannot be read.
[[nodiscard]] std::string analysisKey(const Checkpoint& checkpoint, const ConfigHints& hints);

} // namespace weighbridge
