// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <memory>
#include <span>
#include <vector>

namespace weighbridge {

/// Hands out the elements of a tensor in order, as many at a time as asked for: readTensor() the other way round, so that two tensors
/// can be gone through side by side. Belongs to one thread.
class ElementStream {
public:
    virtual ~ElementStream() = default;
    /// The next `elements` as contiguous, little-endian bytes; valid until the next call. `elements` fill whole bytes and blocks.
    virtual Result<std::span<const std::byte>> next(uint64_t elements) = 0;
};

/// Whether streams of a tensor may start anywhere: its bytes lie in the file as they are.
[[nodiscard]] bool canStartAnywhere(const TensorInfo& tensor);

/// From element `first` on; anything but 0 only where canStartAnywhere(). The checkpoint outlives the stream.
std::unique_ptr<ElementStream> streamElements(const Checkpoint& checkpoint, const TensorInfo& tensor, uint64_t first, JobContext& job);

/// The elements with their axes in another order: axis i of what comes out is axis axes[i] of the tensor; in their own order if `axes` is empty, else
/// from the first on. Holds a transposed tensor in memory: Error resource-bomb above 128 MiB, bad-dtype for elements that are no whole bytes. Those that
/// lie in the file as they are can be read in boxes instead (tensor_box.h).
Result<std::unique_ptr<ElementStream>> streamElements(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::vector<int>& axes, uint64_t first, JobContext& job);

/// A range of the tensor as a tensor of its own, with one dimension; only where canStartAnywhere().
[[nodiscard]] TensorInfo sliceOf(const TensorInfo& tensor, uint64_t first, uint64_t elements);

} // namespace weighbridge
