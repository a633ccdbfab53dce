// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/statistics/all_statistics.h"

#include <span>
#include <string>
#include <vector>

/// Statistics computed by several machines that share a checkpoint, and put together afterwards.
namespace weighbridge {

/// Part `number` of `of`, counted from 1.
struct PartNumber {
    size_t number = 1, of = 1;
    bool operator==(const PartNumber&) const = default;
};

inline constexpr size_t mostParts = 100'000;

/// "3/16". Error `usage`.
Result<PartNumber> parsePartNumber(const std::string& text);

/// The tensors of a part, ascending: whole ones, the largest first to the part that has fewest bytes so far. The same on every machine.
[[nodiscard]] std::vector<size_t> tensorsOfPart(const Checkpoint& checkpoint, PartNumber part);

/// Whose statistics they are.
struct StatisticsSubject {
    std::string key;    ///< checkpointKey()
    std::string sample; ///< sampledSha256(); empty: not known
    std::string path;   ///< where it was
    Value config;       ///< what hintsOf() was asked with; null if there is none
    bool operator==(const StatisticsSubject&) const = default;
};
/// Reads a sample of the values.
[[nodiscard]] StatisticsSubject subjectOf(const Checkpoint& checkpoint, const Value& config);

/// What a part's file holds: which checkpoint and part it is, and of each of its tensors the name, dtype, shape and analysis, to the last bit.
/// `analyses` are in the order of `tensors`.
Value partDocument(const StatisticsSubject& subject, const Checkpoint& checkpoint, PartNumber part, std::span<const size_t> tensors,
                   const std::vector<Result<TensorAnalysis>>& analyses);
/// Whether a file begins as such a document does. Reads a few bytes.
[[nodiscard]] bool isPartDocument(const std::string& path);

/// A checkpoint without values, and its statistics as analyseCheckpoint() gives them.
struct MergedStatistics {
    StatisticsSubject subject;
    Checkpoint checkpoint;
    CheckpointStatistics statistics;
};

/// All parts of one checkpoint, in any order. Errors: corrupt, unsupported-version, missing-part (names them), inconsistent-parts (of another checkpoint,
/// of another division, twice), and those of reading the files.
Result<MergedStatistics> mergeParts(std::span<const std::string> paths, JobContext& job);

/// The one part that all parts together are.
[[nodiscard]] Value mergedDocument(const MergedStatistics& merged);

/// The statistics in these files if they are of this checkpoint, wherever it lay when they were computed. Errors: those of mergeParts(),
/// other-checkpoint.
Result<MergedStatistics> statisticsFor(const Checkpoint& checkpoint, std::span<const std::string> paths, JobContext& job);

/// Where such a file is looked for: beside the checkpoint, by its name.
[[nodiscard]] std::string statisticsPathBeside(const std::string& checkpointPath);

} // namespace weighbridge
