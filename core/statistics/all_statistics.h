// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/origin.h"
#include "core/statistics/tensor_statistics.h"

#include <functional>
#include <span>

namespace weighbridge {

/// What one reading of a tensor gives.
struct TensorAnalysis {
    TensorStatistics statistics;
    TensorFeatures features;
};

/// Takes the analysis of tensor `index` (into checkpoint.tensors), or why there is none. Called on the threads of the pool, one call at a time.
using AnalysisSink = std::function<void(size_t index, Result<TensorAnalysis> analysis)>;

/// Analyses the tensors `order` names, in that order, then all others, on `threads` threads (0: as many as the machine has).
/// Returns when all are done; with Error `cancelled` if it was stopped. Progress is counted in bytes, on the threads of the pool.
Result<void> computeAllStatistics(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> order, unsigned threads, JobContext& job,
                                  const AnalysisSink& sink);

/// The same for these tensors only, with nothing after them.
Result<void> computeStatisticsOf(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, unsigned threads, JobContext& job,
                                 const AnalysisSink& sink);

/// Everything that is known of a checkpoint's values, in the order of its tensors.
struct CheckpointStatistics {
    std::vector<Result<TensorAnalysis>> tensors;
    ModelOrigin origin;
};

/// computeAllStatistics() and modelOrigin() in one. Tensors that cannot be read hold their Error; Error only if it was stopped.
Result<CheckpointStatistics> analyseCheckpoint(const Checkpoint& checkpoint, const ConfigHints& hints, unsigned threads, JobContext& job);

} // namespace weighbridge
