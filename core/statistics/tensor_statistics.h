// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/statistics/tensor_sums.h"
#include "core/statistics/value_bins.h"

#include <array>
#include <cstdint>

namespace weighbridge {

/// What one pass over the values gives. Moments are over finite values; std is the population's.
struct TensorStatistics {
    uint64_t count = 0;     ///< values: elements, or twice as many for complex ones
    uint64_t finite = 0;
    uint64_t nan = 0;
    uint64_t inf = 0;
    uint64_t zeros = 0;
    uint64_t denormals = 0;
    double mean = 0, std = 0, min = 0, max = 0, absmax = 0, skewness = 0, kurtosis = 0; ///< kurtosis 3 for a normal; both 0 for a constant
    static constexpr std::array<double, 9> quantileLevels{0.0005, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9995};
    std::array<double, 9> quantiles{};
    bool quantilesExact = true;   ///< false: interpolated within the bins of ValueBins
    Histogram histogram;
    double ulp = 0;         ///< relative spacing of the dtype's values (2^-23 for F32)
};

/// Everything but quantiles and histogram, which come from the values (setDistribution()) or from the bins.
[[nodiscard]] TensorStatistics momentsOf(const TensorSums& sums, double shift, double ulp);
/// Quantiles and histogram of `statistics` from counts of all its values.
void setDistribution(const ValueBins& bins, TensorStatistics& statistics);

/// Streams the tensor once, with bounded memory. Complex values count as their real and imaginary parts in turn; quantized blocks and
/// packed weights are dequantized. Quantiles are exact up to 262 144 values. The same bits on every machine.
/// Errors as readTensor(), bad-dtype for what are no numbers. Any thread; cancellable.
Result<TensorStatistics> computeStatistics(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job);

} // namespace weighbridge
