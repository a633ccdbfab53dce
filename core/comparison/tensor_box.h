// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <cstdint>
#include <vector>

/// Two tensors that hold the same in different orders of their axes, read side by side in parts: whichever order a part is taken in,
/// one of the two lies scattered. Boxes keep the pieces of both sides long, and the memory bounded.
namespace weighbridge {

/// A range along each axis of a tensor.
struct Box {
    std::vector<uint64_t> start;
    std::vector<uint64_t> count;
    [[nodiscard]] uint64_t elements() const;
};

/// Whether parts of a tensor can be read as boxes: its elements lie in the file as they are, and are whole bytes.
[[nodiscard]] bool canReadBoxes(const TensorInfo& tensor);

/// Covers a tensor of shape `a` whose other side has a's axis i as its axis axes[i]. A box has at most about four million elements, and is made of
/// runs of 512 to 1024 elements on both sides where the tensor is large enough.
class BoxGrid {
public:
    BoxGrid(const Shape& a, const std::vector<int>& axes);
    [[nodiscard]] uint64_t boxes() const { return m_boxes; }
    /// In a's axes; boxes come in row-major order.
    [[nodiscard]] Box at(uint64_t index) const;

private:
    std::vector<uint64_t> m_shape;
    std::vector<uint64_t> m_count;   ///< of a box that is not cut at the tensor's end
    uint64_t m_boxes = 1;
};

/// A box that begins with a tensor's first `elements`: whole along all axes but the outermost that it needs.
[[nodiscard]] Box leadingBox(const Shape& shape, uint64_t elements);

/// Where element `index` of a box, in row-major order, stands in the tensor.
[[nodiscard]] uint64_t elementOf(const Box& box, const Shape& shape, uint64_t index);

/// The elements of a box as contiguous, row-major, little-endian bytes. Only where canReadBoxes(); errors as readTensor().
Result<std::vector<std::byte>> readBox(const Checkpoint& checkpoint, const TensorInfo& tensor, const Box& box, JobContext& job);

/// The same for a box that is given in the other side's order of axes, which is also the order of what comes out.
Result<std::vector<std::byte>> readBox(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::vector<int>& axes, const Box& box, JobContext& job);

} // namespace weighbridge
