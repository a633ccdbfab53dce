// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/diagnosis/check.h"
#include "core/repair/save_repaired.h"
#include "core/statistics/all_statistics.h"
#include "core/statistics/heat_map.h"
#include "core/statistics/quantile_plot.h"
#include "core/statistics/spectrum.h"
#include "core/statistics/value_block.h"

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace weighbridge {

/// A repaired copy and how it came about.
struct Repaired {
    RepairPlan plan;
    SavedCopy copy;
};

/// Statistics that were computed elsewhere, and are used here.
struct GivenStatistics {
    std::string path; ///< of the file, or of the first of its parts
    size_t tensors = 0;
};

/// The functions of core that a window calls, so that a test can put its own in their place. All of them run on pool threads.
struct CoreCalls {
    std::function<Result<CheckpointPtr>(const std::string& path, JobContext&)> openCheckpoint;
    std::function<Result<std::shared_ptr<const CheckResult>>(CheckpointPtr, const CheckOptions&, JobContext&)> checkCheckpoint;
    /// What a config asks for, when there is no checkpoint yet.
    std::function<Result<std::shared_ptr<const ExpectedModel>>(const std::string& configPath, const std::string& className, JobContext&)> expectedModel;
    /// Analyses these tensors (indices into Checkpoint::tensors) one after another and hands each to the sink.
    std::function<Result<void>(const Checkpoint&, const ConfigHints&, std::span<const size_t> tensors, JobContext&, const AnalysisSink&)> analyse;
    /// Takes the statistics of these files in place of what analyse() and the check would read, if they are of this checkpoint.
    std::function<Result<GivenStatistics>(CheckpointPtr, const ConfigHints&, const std::vector<std::string>& paths, JobContext&)> useStatistics;
    /// Plans a repaired copy and writes it to a new folder or file.
    std::function<Result<Repaired>(std::shared_ptr<const CheckResult>, const std::string& out, JobContext&)> repair;

    // What is looked at of one tensor.
    std::function<Result<Spectrum>(const Checkpoint&, const TensorInfo&, JobContext&)> spectrum;
    std::function<Result<QuantilePlot>(const Checkpoint&, const TensorInfo&, const Distribution&, size_t points, JobContext&)> quantiles;
    std::function<Result<HeatMap>(const Checkpoint&, const TensorInfo&, size_t mostRows, size_t mostColumns, JobContext&)> heatMap;
    std::function<Result<ValueBlock>(const Checkpoint&, const TensorInfo&, uint64_t firstRow, uint64_t firstColumn, size_t rows, size_t columns, JobContext&)> valueBlock;
};

/// The real ones. Values are analysed once, whoever asks; what was found is kept in this folder (empty: nowhere).
[[nodiscard]] CoreCalls coreCalls(const std::string& analysisFolder = {});

} // namespace weighbridge
