// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/origin.h"
#include "core/statistics/tensor_pass.h"

#include <functional>
#include <span>

namespace weighbridge {

class AnalysisStore;

/// Takes the analysis of tensor `index` (into checkpoint.tensors), or why there is none. Called on the threads of the pool, one call at a time.
using AnalysisSink = std::function<void(size_t index, Result<TensorAnalysis> analysis)>;

/// Analyses these tensors, in their order, on `threads` threads (0: as many as the machine has).
/// Large tensors are shared by the threads; the results do not depend on their number.
/// Returns when all are done; with Error `cancelled` if it was stopped. Progress is counted in bytes, on the threads of the pool.
/// Of a checkpoint at an ssh address they are computed on that machine, whose threads count.
Result<void> computeStatisticsOf(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, unsigned threads, JobContext& job,
                                 const AnalysisSink& sink);

/// Everything that is known of a checkpoint's values, in the order of its tensors.
struct CheckpointStatistics {
    std::vector<Result<TensorAnalysis>> tensors;
    ModelOrigin origin;
};

/// The analyses of all tensors and modelOrigin() in one; those that the store has are not computed again (null: there is none).
/// Tensors that cannot be read hold their Error; Error only if it was stopped.
Result<CheckpointStatistics> analyseCheckpoint(const Checkpoint& checkpoint, const ConfigHints& hints, unsigned threads, JobContext& job, AnalysisStore* store = nullptr);

/// What the analyses of all tensors, in their order, say together.
[[nodiscard]] CheckpointStatistics judgeCheckpoint(const Checkpoint& checkpoint, std::vector<Result<TensorAnalysis>> analyses, const ConfigHints& hints);

} // namespace weighbridge
