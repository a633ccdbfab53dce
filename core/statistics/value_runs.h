// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/tensor_reader.h"
#include "core/tensor/decode.h"

#include <functional>
#include <span>

namespace weighbridge {

/// The decoder of a tensor's values, or Error bad-dtype.
Result<const Decoder*> decoderFor(const Checkpoint& checkpoint, const TensorInfo& tensor);

/// Values of an element: 2 of a complex one, else 1.
[[nodiscard]] uint64_t valuesPerElement(DType dtype);

/// Some values that follow each other in row-major order.
struct ValueRun {
    uint64_t first = 0, count = 0;
};

/// Any range of the tensor's values can be read without what lies before it.
[[nodiscard]] bool isSeekable(const TensorInfo& tensor);

/// Reads the values [first, first + out.size()) of a seekable tensor, as float (where the decoder's exactAsFloat) or as double. Errors as readTensor().
Result<void> readValues(const Checkpoint& checkpoint, const TensorInfo& tensor, const Decoder& decoder, uint64_t first, std::span<float> out, JobContext& job);
Result<void> readValues(const Checkpoint& checkpoint, const TensorInfo& tensor, const Decoder& decoder, uint64_t first, std::span<double> out, JobContext& job);

/// `count` runs of `length` values at most, spread evenly over `values` values; one run of all where they would touch.
[[nodiscard]] std::vector<ValueRun> evenRuns(uint64_t values, uint64_t count, uint64_t length);

/// Hands out the values of all runs (ascending, not overlapping, inside the tensor) one after another, in spans of any length. Reads the
/// runs alone where the file has them as they are; else from the first run to the last. Errors as readTensor() and decoderFor().
Result<void> readRuns(const Checkpoint& checkpoint, const TensorInfo& tensor, std::span<const ValueRun> runs, JobContext& job,
                      const std::function<void(std::span<const double>)>& take);

} // namespace weighbridge
