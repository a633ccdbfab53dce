// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/tensor_box.h"

#include "core/comparison/element_stream.h"

#include <algorithm>
#include <cstring>

namespace weighbridge {
namespace {

using Bytes = std::vector<std::byte>;

constexpr uint64_t runElements = 1024;         ///< 4 KiB of F32, a page
constexpr uint64_t boxElements = 1024 * 1024;  ///< that a box is filled up to
constexpr size_t tileSide = 32;                ///< of what is transposed at a time: its lines stay in the first cache

/// Grows a box along these axes, the innermost first, until its runs are long enough.
void lengthenRuns(std::vector<uint64_t>& count, const std::vector<uint64_t>& shape, const std::vector<size_t>& innermostFirst)
{
    uint64_t run = 1;
    for (const size_t axis : innermostFirst) {
        count[axis] = std::max(count[axis], std::min(shape[axis], std::max<uint64_t>(1, runElements / run)));
        run *= count[axis];
        if (count[axis] < shape[axis] || run >= runElements)
            return;
    }
}

uint64_t product(const std::vector<uint64_t>& sizes)
{
    uint64_t out = 1;
    for (const uint64_t size : sizes)
        out *= size;
    return out;
}

template <size_t width>
void transposePlane(const std::byte* from, size_t rows, size_t columns, size_t rowStep, size_t columnStep, std::byte* to)
{
    for (size_t top = 0; top < rows; top += tileSide)
        for (size_t left = 0; left < columns; left += tileSide)
            for (size_t row = top; row < std::min(rows, top + tileSide); ++row)
                for (size_t column = left; column < std::min(columns, left + tileSide); ++column)
                    std::memcpy(to + (row * columns + column) * width, from + (row * rowStep + column * columnStep) * width, width);
}

using TransposePlane = void (*)(const std::byte*, size_t, size_t, size_t, size_t, std::byte*);

TransposePlane transposePlaneOf(size_t width)
{
    switch (width) {
    case 1: return &transposePlane<1>;
    case 2: return &transposePlane<2>;
    case 4: return &transposePlane<4>;
    case 8: return &transposePlane<8>;
    default: return &transposePlane<16>;
    }
}

/// Puts the axes of a dense array into another order: axis i of what comes out is axis axes[i]. The plane of the innermost axis of either
/// side is transposed in tiles, the other axes are gone through one by one.
Bytes permuted(const Bytes& from, const std::vector<uint64_t>& shape, const std::vector<int>& axes, size_t width)
{
    const size_t rank = axes.size();
    std::vector<uint64_t> sizes(rank), steps(rank);
    uint64_t step = 1;
    std::vector<uint64_t> strides(rank);
    for (size_t d = rank; d-- > 0; step *= shape[d])
        strides[d] = step;
    for (size_t i = 0; i < rank; ++i) {
        sizes[i] = shape[static_cast<size_t>(axes[i])];
        steps[i] = strides[static_cast<size_t>(axes[i])];
    }
    const TransposePlane transpose = transposePlaneOf(width);
    const uint64_t rows = sizes[rank - 2], columns = sizes[rank - 1];
    Bytes out(from.size());
    std::vector<uint64_t> index(rank, 0);
    uint64_t at = 0;
    for (size_t done = 0; done < out.size(); done += rows * columns * width) {
        transpose(from.data() + at * width, rows, columns, steps[rank - 2], steps[rank - 1], out.data() + done);
        for (size_t d = rank - 2; d-- > 0;) {
            at += steps[d];
            if (++index[d] < sizes[d])
                break;
            at -= steps[d] * sizes[d];
            index[d] = 0;
        }
    }
    return out;
}

} // namespace

uint64_t Box::elements() const
{
    return product(count);
}

bool canReadBoxes(const TensorInfo& tensor)
{
    const DTypeInfo& dtype = info(tensor.dtype);
    return canStartAnywhere(tensor) && dtype.bitsPerElement > 0 && dtype.bitsPerElement % 8 == 0 && dtype.blockElements == 1;
}

BoxGrid::BoxGrid(const Shape& a, const std::vector<int>& axes) : m_shape(a.begin(), a.end()), m_count(a.size(), 1)
{
    const size_t rank = a.size();
    std::vector<size_t> ofA, ofB(rank); // innermost first
    for (size_t i = rank; i-- > 0;) {
        ofA.push_back(i);
        ofB[rank - 1 - static_cast<size_t>(axes[i])] = i;
    }
    lengthenRuns(m_count, m_shape, ofA);
    lengthenRuns(m_count, m_shape, ofB);
    for (const size_t axis : ofA)
        m_count[axis] = std::clamp<uint64_t>(boxElements / (product(m_count) / m_count[axis]), m_count[axis], m_shape[axis]);
    for (size_t i = 0; i < rank; ++i)
        m_boxes *= (m_shape[i] + m_count[i] - 1) / m_count[i];
}

Box BoxGrid::at(uint64_t index) const
{
    Box out{std::vector<uint64_t>(m_shape.size()), m_count};
    for (size_t i = m_shape.size(); i-- > 0;) {
        const uint64_t along = (m_shape[i] + m_count[i] - 1) / m_count[i];
        out.start[i] = index % along * m_count[i];
        out.count[i] = std::min(m_count[i], m_shape[i] - out.start[i]);
        index /= along;
    }
    return out;
}

Box leadingBox(const Shape& shape, uint64_t elements)
{
    Box out{std::vector<uint64_t>(shape.size(), 0), std::vector<uint64_t>(shape.size(), 1)};
    for (size_t i = shape.size(); i-- > 0 && elements > 1;) {
        out.count[i] = std::min(static_cast<uint64_t>(shape[i]), elements);
        elements = (elements + out.count[i] - 1) / out.count[i];
    }
    return out;
}

uint64_t elementOf(const Box& box, const Shape& shape, uint64_t index)
{
    uint64_t out = 0, step = 1;
    for (size_t i = shape.size(); i-- > 0; step *= static_cast<uint64_t>(shape[i])) {
        out += (box.start[i] + index % box.count[i]) * step;
        index /= box.count[i];
    }
    return out;
}

Result<Bytes> readBox(const Checkpoint& checkpoint, const TensorInfo& tensor, const Box& box, JobContext& job)
{
    size_t axis = box.count.size(); // the outermost that a run reaches over
    uint64_t run = 1;
    while (axis > 0) {
        run *= box.count[--axis];
        if (box.count[axis] < static_cast<uint64_t>(tensor.shape[axis]))
            break;
    }
    Bytes out;
    out.reserve(static_cast<size_t>(nbytesOf(tensor.dtype, box.elements()).value_or(0)));
    const uint64_t elements = box.elements();
    for (uint64_t done = 0; done < elements; done += run) {
        if (job.cancelled())
            return failure(cancelledError());
        const auto stream = streamElements(checkpoint, tensor, elementOf(box, tensor.shape, done), job);
        const auto bytes = stream->next(run);
        if (!bytes)
            return tl::unexpected(bytes.error());
        out.insert(out.end(), bytes->begin(), bytes->end());
    }
    return out;
}

Result<Bytes> readBox(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::vector<int>& axes, const Box& box, JobContext& job)
{
    Box own{std::vector<uint64_t>(axes.size()), std::vector<uint64_t>(axes.size())};
    for (size_t i = 0; i < axes.size(); ++i) {
        own.start[static_cast<size_t>(axes[i])] = box.start[i];
        own.count[static_cast<size_t>(axes[i])] = box.count[i];
    }
    return readBox(checkpoint, tensor, own, job).map([&](const Bytes& bytes) { return permuted(bytes, own.count, axes, info(tensor.dtype).bitsPerElement / 8); });
}

} // namespace weighbridge
