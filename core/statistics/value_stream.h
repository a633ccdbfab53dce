// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/tensor_reader.h"
#include "core/tensor/decode.h"

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

namespace weighbridge {

/// Values are handed out in chunks of this many, whatever blocks the file is read in, so that sums over chunks come out the same
/// to the last bit. A multiple of every decoder's unitValues.
inline constexpr size_t chunkValues = 4096;

/// Streams the values of a tensor as float or double in chunks of chunkValues; only the last one may be shorter.
/// Errors as readTensor(). The span is valid during the call only.
template <typename T>
Result<void> streamValues(const Checkpoint& checkpoint, const TensorInfo& tensor, const Decoder& decoder, JobContext& job,
                          const std::function<void(std::span<const T>)>& take)
{
    std::vector<T> chunk(chunkValues);
    size_t filled = 0;
    const auto read = readTensor(checkpoint, tensor, job, [&](std::span<const std::byte> block) {
        while (block.size() >= decoder.unitNbytes) {
            const size_t units = std::min(block.size() / decoder.unitNbytes, (chunkValues - filled) / decoder.unitValues);
            const auto bytes = block.first(units * decoder.unitNbytes);
            filled += decode(decoder, bytes, std::span(chunk).subspan(filled));
            block = block.subspan(bytes.size());
            if (filled == chunkValues) {
                take(chunk);
                filled = 0;
            }
        }
        return true;
    });
    if (read && filled > 0)
        take(std::span<const T>(chunk).first(filled));
    return read;
}

/// The same as double whatever the dtype is.
template <typename Take>
Result<void> streamDoubles(const Checkpoint& checkpoint, const TensorInfo& tensor, const Decoder& decoder, JobContext& job, const Take& take)
{
    if (!decoder.exactAsFloat)
        return streamValues<double>(checkpoint, tensor, decoder, job, take);
    std::vector<double> wide(chunkValues);
    return streamValues<float>(checkpoint, tensor, decoder, job, [&](std::span<const float> values) {
        std::copy(values.begin(), values.end(), wide.begin());
        take(std::span<const double>(wide).first(values.size()));
    });
}

} // namespace weighbridge
