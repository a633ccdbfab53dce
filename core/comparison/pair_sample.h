// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"
#include "core/statistics/tensor_statistics.h"

#include <vector>

namespace weighbridge {

/// Values of a pair side by side, for plots: all of them, or evenly spread runs of a large tensor.
struct PairSample {
    std::vector<float> a, b;
    uint64_t count = 0;          ///< values of the whole tensor
    [[nodiscard]] bool isWhole() const { return a.size() == count; }
};

/// Of a pair of tensors of `a` and `b`, at most about `most` values. Errors as reading; bad-shape for what compareValues() would not compare either.
Result<PairSample> samplePair(const Checkpoint& a, const Checkpoint& b, const TensorPair& pair, uint64_t most, JobContext& job);

/// Counts over the same bins for both sides (99.9 % of the values of both), and over bins of their own for B - A. NaN and infinities are left out.
struct PairHistograms {
    Histogram a, b, difference;
};
[[nodiscard]] PairHistograms histogramsOf(const PairSample& sample);

/// Counts over a square grid: column by A's value, row by B's, both from low to high.
struct PairDensity {
    double low = 0, high = 0;
    size_t bins = 0;
    std::vector<uint32_t> counts; ///< row by row, from low to high
};
[[nodiscard]] PairDensity densityOf(const PairSample& sample, size_t bins);

} // namespace weighbridge
