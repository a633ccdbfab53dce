// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// Singular values of a matrix, and where those of independent draws with the same standard deviation would end.
struct Spectrum {
    std::vector<double> values;                ///< descending
    uint64_t rows = 0, columns = 0;            ///< of the matrix: dimension 0 by all others
    uint64_t sampledRows = 0, sampledColumns = 0; ///< that were looked at, evenly spread
    double std = 0;                            ///< of the values looked at, around their mean
    double lowerEdge = 0, upperEdge = 0;       ///< std * |sqrt(sampledRows) -+ sqrt(sampledColumns)| (V. A. Marchenko and L. A. Pastur, 1967)
    size_t beyondEdge = 0;                     ///< values above upperEdge by more than it scatters (5 deviations of the Tracy-Widom law)
    [[nodiscard]] bool isWhole() const { return sampledRows == rows && sampledColumns == columns; }
};

inline constexpr size_t largestSpectrum = 1024; ///< rows and columns that are looked at

/// Of at most `side` x `side` values, rows and columns evenly spread; values that are not finite count as the mean. Takes about a second
/// for 1024 x 1024; is cancelled between its steps, none of which takes longer than half a second. Any thread.
/// Errors as readTensor(); bad-shape for what is no matrix (a side of one), bad-dtype for what are no numbers.
Result<Spectrum> computeSpectrum(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, size_t side = largestSpectrum);

} // namespace weighbridge
