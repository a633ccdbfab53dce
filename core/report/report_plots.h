// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/comparison/pair_sample.h"
#include "core/diagnosis/check.h"
#include "core/statistics/spectrum.h"

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

/// What the plots of a report need besides what was computed before: read from the files when the report is made.
namespace weighbridge {

/// Singular values, by index into Checkpoint::tensors.
using Spectra = std::map<size_t, Spectrum>;

/// Histograms of one pair of a comparison.
struct ReportedPair {
    size_t pair = 0;         ///< index into Difference::pairs
    PairHistograms histograms;
    size_t sampled = 0;      ///< values that were looked at
    uint64_t count = 0;
};

/// Whether a finding rests on values rather than on names and shapes.
[[nodiscard]] bool isAboutValues(const Finding& finding);

/// The tensors of a finding that are in the file. Indices into Checkpoint::tensors.
[[nodiscard]] std::vector<size_t> tensorsOf(const Checkpoint& checkpoint, const Finding& finding);

/// The tensors of a finding that are worth a plot, at most four, matrices first.
[[nodiscard]] std::vector<size_t> plottedTensors(const Checkpoint& checkpoint, const Finding& finding);

/// Of the plotted matrices of the first findings about values, and of the same matrices in other layers. Whatever cannot be read is left out; Error only `cancelled`.
[[nodiscard]] Result<Spectra> spectraOf(const CheckResult& check, JobContext& job);

/// Of the pairs that moved most; none if no values were compared. Error only `cancelled`.
[[nodiscard]] Result<std::vector<ReportedPair>> plotsOf(const Difference& difference, JobContext& job);

/// The same tensor in the other layers, where it is trained.
class Siblings {
public:
    Siblings(const Checkpoint& checkpoint, const CheckpointStatistics& values);
    /// Indices into Checkpoint::tensors, nearest layer first.
    [[nodiscard]] std::vector<size_t> of(size_t tensor) const;

private:
    const Checkpoint& m_checkpoint;
    std::unordered_map<std::string, std::vector<std::pair<int64_t, size_t>>> m_trained; ///< by the name without its layer: layer, tensor
};

} // namespace weighbridge
