// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/distribution_fit.h"

#include <vector>

namespace weighbridge {

/// Quantiles of a tensor against those of a distribution: a straight line along the diagonal if the values are draws of it.
struct QuantilePlot {
    struct Point {
        double theoretical = 0;
        double empirical = 0;
        double low = 0, high = 0; ///< where the empirical one stays, for all points at once, in 95 % of true samples
    };
    Distribution distribution;
    std::vector<Point> points;    ///< ascending; denser towards both ends
    uint64_t values = 0;          ///< finite values that were looked at
    uint64_t count = 0;           ///< values of the tensor
    [[nodiscard]] bool isWhole() const { return values == count; }
};

/// Reads at most 2^18 values, in runs evenly spread over the tensor, and compares them with `distribution` (see fitted(), distributionFit()).
/// Errors as readTensor(), bad-dtype for what are no numbers, bad-shape where no value is finite. Any thread; cancellable.
Result<QuantilePlot> computeQuantilePlot(const Checkpoint& checkpoint, const TensorInfo& tensor, const Distribution& distribution, size_t points, JobContext& job);

} // namespace weighbridge
