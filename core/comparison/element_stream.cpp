// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/element_stream.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/tensor_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>

namespace weighbridge {
namespace {

using Bytes = std::vector<std::byte>;

constexpr uint64_t transposedNbytes = 128 * limits::MiB;

Error endsEarly(const Checkpoint& checkpoint, const TensorInfo& tensor)
{
    return Error("truncated", fmt::format("The values of {} end early.", shown(tensor.name))).at(checkpoint.path);
}

/// A storage that lies in its file as it is: each call reads its own range.
class RangeStream final : public ElementStream {
public:
    RangeStream(const Checkpoint& checkpoint, const TensorInfo& tensor, uint64_t first, JobContext& job)
        : m_checkpoint(checkpoint), m_tensor(tensor), m_position(first), m_job(job)
    {
    }

    Result<std::span<const std::byte>> next(uint64_t elements) override
    {
        const TensorInfo slice = sliceOf(m_tensor, m_position, elements);
        m_position += elements;
        if (const ByteSource* source = plainSource(); source && nbytesOf(slice.dtype, elements))
            return readPlain(*source, slice);
        m_bytes.clear();
        const auto read = readTensor(m_checkpoint, slice, m_job, [this](std::span<const std::byte> block) {
            m_bytes.insert(m_bytes.end(), block.begin(), block.end());
            return true;
        });
        if (!read)
            return tl::unexpected(read.error());
        return std::span<const std::byte>(m_bytes);
    }

private:
    /// Where the bytes need nothing but reading, which saves a copy of each.
    [[nodiscard]] const ByteSource* plainSource() const
    {
        const bool plain = m_tensor.storage.kind == StorageKind::Raw && !m_tensor.storage.bigEndian && !m_tensor.isConjugated && !m_tensor.isNegated;
        return plain && m_tensor.storage.shard < m_checkpoint.shards.size() ? m_checkpoint.shards[m_tensor.storage.shard].source.get() : nullptr;
    }

    Result<std::span<const std::byte>> readPlain(const ByteSource& source, const TensorInfo& slice)
    {
        const auto start = nbytesOf(slice.dtype, slice.elementOffset);
        const uint64_t nbytes = slice.nbytes();
        if (!start || *start > slice.storage.nbytes || nbytes > slice.storage.nbytes - *start)
            return failure(endsEarly(m_checkpoint, m_tensor));
        m_bytes.resize(static_cast<size_t>(nbytes));
        if (auto read = source.readAt(slice.storage.offset + *start, m_bytes); !read)
            return tl::unexpected(read.error());
        return std::span<const std::byte>(m_bytes);
    }

    const Checkpoint& m_checkpoint;
    const TensorInfo& m_tensor;
    uint64_t m_position;
    JobContext& m_job;
    Bytes m_bytes;
};

/// A tensor in memory whose elements are handed out in the order of `axes`.
class TransposedStream final : public ElementStream {
public:
    TransposedStream(Bytes bytes, const Shape& shape, const std::vector<int>& axes, size_t width) : m_bytes(std::move(bytes)), m_width(width), m_index(axes.size(), 0)
    {
        const auto strides = contiguousStrides(shape);
        for (const int axis : axes) {
            m_sizes.push_back(static_cast<uint64_t>(shape[static_cast<size_t>(axis)]));
            m_steps.push_back(static_cast<uint64_t>(strides[static_cast<size_t>(axis)]));
        }
    }

    Result<std::span<const std::byte>> next(uint64_t elements) override
    {
        m_out.resize(std::min<size_t>(elements * m_width, m_bytes.size() - m_given));
        m_given += m_out.size();
        for (size_t done = 0; done + m_width <= m_out.size(); done += m_width) {
            std::memcpy(m_out.data() + done, m_bytes.data() + m_at * m_width, m_width);
            advance();
        }
        return std::span<const std::byte>(m_out);
    }

private:
    void advance()
    {
        for (size_t d = m_index.size(); d-- > 0;) {
            m_at += m_steps[d];
            if (++m_index[d] < m_sizes[d])
                return;
            m_at -= m_steps[d] * m_sizes[d];
            m_index[d] = 0;
        }
    }

    Bytes m_bytes, m_out;
    size_t m_width;
    std::vector<uint64_t> m_sizes, m_steps, m_index;
    uint64_t m_at = 0; ///< element that comes next
    size_t m_given = 0;
};

/// A storage that can only be read from front to back (compressed, chunked, permuted): a thread reads ahead, a little.
class PumpedStream final : public ElementStream {
public:
    PumpedStream(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job)
        : m_checkpoint(checkpoint), m_tensor(tensor), m_thread([this, stop = job.stop] { pump(stop); })
    {
    }
    ~PumpedStream() override
    {
        const std::scoped_lock lock(m_mutex);
        m_isAbandoned = true;
        m_moved.notify_all();
    }
    PumpedStream(const PumpedStream&) = delete;
    PumpedStream& operator=(const PumpedStream&) = delete;

    Result<std::span<const std::byte>> next(uint64_t elements) override
    {
        const size_t nbytes = static_cast<size_t>(nbytesOf(m_tensor.dtype, elements).value_or(0));
        m_out.clear();
        std::unique_lock lock(m_mutex);
        while (m_out.size() < nbytes) {
            m_moved.wait(lock, [this] { return m_taken < m_ahead.size() || m_isFinished; });
            if (m_taken == m_ahead.size())
                return failure(m_error ? *m_error : endsEarly(m_checkpoint, m_tensor));
            const size_t count = std::min(nbytes - m_out.size(), m_ahead.size() - m_taken);
            const auto from = m_ahead.begin() + static_cast<ptrdiff_t>(m_taken);
            m_out.insert(m_out.end(), from, from + static_cast<ptrdiff_t>(count));
            m_taken += count;
            m_moved.notify_all();
        }
        return std::span<const std::byte>(m_out);
    }

private:
    void pump(std::stop_token stop)
    {
        std::optional<Error> error;
        try {
            JobContext job{stop, {}};
            if (const auto read = readTensor(m_checkpoint, m_tensor, job, [this](std::span<const std::byte> block) { return put(block); }); !read)
                error = read.error();
        } catch (const std::bad_alloc&) {
            error = Error("memory", "There is not enough memory to read these values.").at(m_checkpoint.path);
        }
        const std::scoped_lock lock(m_mutex);
        m_error = std::move(error);
        m_isFinished = true;
        m_moved.notify_all();
    }

    /// Waits until what was put before is taken.
    bool put(std::span<const std::byte> block)
    {
        std::unique_lock lock(m_mutex);
        m_moved.wait(lock, [this] { return m_taken == m_ahead.size() || m_isAbandoned; });
        if (m_isAbandoned)
            return false;
        m_ahead.assign(block.begin(), block.end());
        m_taken = 0;
        m_moved.notify_all();
        return true;
    }

    const Checkpoint& m_checkpoint;
    const TensorInfo& m_tensor;
    Bytes m_out;
    std::mutex m_mutex; ///< guards all below but the thread
    std::condition_variable m_moved;
    Bytes m_ahead;
    size_t m_taken = 0;
    bool m_isFinished = false;
    bool m_isAbandoned = false;
    std::optional<Error> m_error;
    std::jthread m_thread; ///< last: it uses the others
};

} // namespace

bool canStartAnywhere(const TensorInfo& tensor)
{
    return isContiguous(tensor) && (tensor.storage.kind == StorageKind::Raw || tensor.storage.kind == StorageKind::Memory);
}

TensorInfo sliceOf(const TensorInfo& tensor, uint64_t first, uint64_t elements)
{
    TensorInfo out = tensor;
    out.shape = {static_cast<int64_t>(elements)};
    out.strides.clear();
    out.elementOffset += first;
    return out;
}

std::unique_ptr<ElementStream> streamElements(const Checkpoint& checkpoint, const TensorInfo& tensor, uint64_t first, JobContext& job)
{
    if (canStartAnywhere(tensor))
        return std::make_unique<RangeStream>(checkpoint, tensor, first, job);
    return std::make_unique<PumpedStream>(checkpoint, tensor, job);
}

Result<std::unique_ptr<ElementStream>> streamElements(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::vector<int>& axes, uint64_t first, JobContext& job)
{
    if (axes.empty())
        return streamElements(checkpoint, tensor, first, job);
    const DTypeInfo& dtype = info(tensor.dtype);
    if (dtype.bitsPerElement == 0 || dtype.bitsPerElement % 8 != 0 || dtype.blockElements != 1)
        return failure(Error("bad-dtype", fmt::format("{} is stored as {}, whose elements cannot be transposed one by one.", shown(tensor.name), tensor.dtypeName())).at(checkpoint.path));
    return readWhole(checkpoint, tensor, job, transposedNbytes).map([&](Bytes&& bytes) -> std::unique_ptr<ElementStream> {
        return std::make_unique<TransposedStream>(std::move(bytes), tensor.shape, axes, dtype.bitsPerElement / 8);
    });
}

} // namespace weighbridge
