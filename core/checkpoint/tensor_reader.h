// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <functional>
#include <span>

namespace weighbridge {

/// Takes the next block of a tensor's elements: contiguous, row-major, little-endian, whole elements (whole blocks for GGUF types).
/// Returning false stops the reading without an Error.
using BlockSink = std::function<bool(std::span<const std::byte>)>;

/// Streams the values of one tensor in blocks of limits::blockNbytes, whatever strides, byte order or packing the file has.
/// Errors: truncated, corrupt, checksum, resource-bomb, cancelled. Any thread; memory is bounded unless the tensor is a
/// permuted view (then its storage is held).
Result<void> readTensor(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink);

/// The whole tensor at once; refuses more than `maximum` bytes with resource-bomb.
Result<std::vector<std::byte>> readWhole(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, uint64_t maximum);

/// The elements lie one after another in row-major order: any range of them can be read as a tensor of its own.
[[nodiscard]] bool isContiguous(const TensorInfo& tensor);

/// Lower-case hexadecimal sha256 of the values as readTensor() gives them.
Result<std::string> sha256OfTensor(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job);

} // namespace weighbridge
