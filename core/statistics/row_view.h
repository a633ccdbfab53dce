// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/decode.h"
#include "core/tensor/tensor_info.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// Values that the shape of a distribution is tested on, and the values at the front that generator traces are looked for in.
inline constexpr size_t sampleValues = 65536;
inline constexpr size_t fullVectors = 32; ///< rows or columns of full length that orthogonality is tested on: 496 pairs, whose rms is good to 3 %

/// The rows in which the statistics look at a tensor: of a matrix dimension 0 by the rest (by the last dimension where that is too wide), of
/// all else pieces of one length. Says which of them are sampled, and in which runs they are summed up: all of it follows from
/// the shape and the dtype alone, so results do not depend on threads.
struct RowView {
    bool isFloat = false;      ///< floats or blocks: what weights are stored as
    bool isMatrix = false;
    uint64_t values = 0;       ///< twice the elements of complex tensors
    uint64_t columns = 1;      ///< of a row; the last row of what is no matrix may be shorter
    uint64_t rows = 0;
    uint64_t positions = 0;    ///< of a convolution [height, width, in, out]: height * width; else 0
    uint64_t sampleStride = 1; ///< every so many values are sampled, sampleValues at most
    uint64_t gramRows = 0;     ///< evenly spread rows and columns whose products are looked at
    std::vector<size_t> gramColumns;
    size_t firstRows = 0;      ///< rows that are kept whole
    size_t firstColumns = 0;   ///< columns that are kept whole: of matrices with more rows than columns
    uint64_t blockRows = 1;    ///< read at once
    uint64_t segmentRows = 1;  ///< summed up by one thread; a multiple of blockRows

    [[nodiscard]] static RowView of(const TensorInfo& tensor, const Decoder& decoder);
    [[nodiscard]] uint64_t segments() const { return (rows + segmentRows - 1) / segmentRows; }
    /// Values of the rows [first, first + count).
    [[nodiscard]] uint64_t valuesIn(uint64_t first, uint64_t count) const;
    [[nodiscard]] bool isGramRow(uint64_t row) const;
};

/// The k-th of `count` positions spread evenly over [0, size), both ends included.
[[nodiscard]] constexpr uint64_t evenly(uint64_t k, uint64_t count, uint64_t size)
{
    return count < 2 ? 0 : k * (size - 1) / (count - 1);
}

} // namespace weighbridge
