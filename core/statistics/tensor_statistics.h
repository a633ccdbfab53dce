// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace weighbridge {

/// Counts over equal bins. The range covers 99.9 % of the finite values, or all of them where those are nearly equal;
/// a constant tensor has one bin without width, a tensor without finite values has none.
struct Histogram {
    double low = 0;
    double high = 0;
    std::vector<uint64_t> counts;
    uint64_t below = 0;   ///< finite values outside the range
    uint64_t above = 0;
    [[nodiscard]] double binWidth() const { return counts.empty() ? 0 : (high - low) / double(counts.size()); }
    [[nodiscard]] double edge(size_t i) const { return low + binWidth() * double(i); }
};

/// What one or two passes over the values give. Moments are over finite values; std is the population's.
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
    bool quantilesExact = true;   ///< false: from a strided sample
    Histogram histogram;
    double ulp = 0;         ///< relative spacing of the dtype's values (2^-23 for F32)
};

/// Streams the tensor once, or twice if its values take more than 16 MiB (range, then histogram), with bounded memory. Complex values
/// count as their real and imaginary parts in turn; quantized blocks are dequantized. The same bits on every machine.
/// Errors as readTensor(), bad-dtype for what are no numbers. Any thread; cancellable.
Result<TensorStatistics> computeStatistics(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job);

/// Takes the values of a tensor once, in order, as floats; the span is valid during the call only.
using ValueObserver = std::function<void(std::span<const float>)>;

/// The same, and `observer` sees all values on the way.
Result<TensorStatistics> computeStatistics(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const ValueObserver& observer);

} // namespace weighbridge
