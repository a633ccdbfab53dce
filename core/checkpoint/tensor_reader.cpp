// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/tensor_reader.h"

#include "core/base/checked.h"
#include "core/base/inflate.h"
#include "core/base/interruptible_reads.h"
#include "core/base/limits.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/base/within_memory.h"
#include "core/checkpoint/next_step.h"
#include "core/format/format.h"
#include "core/packing/unpack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace weighbridge {
namespace {

using Bytes = std::vector<std::byte>;

/// Bytes of one element as it lies in the file (of a block for GGUF types) and of its byte-swapped part.
struct ElementSize {
    uint64_t nbytes = 0;
    uint64_t swapped = 0;
};

std::optional<ElementSize> elementSize(DType dtype)
{
    const DTypeInfo& row = info(dtype);
    if (row.bitsPerElement == 0 || row.bitsPerElement % 8 != 0)
        return std::nullopt;
    const uint64_t nbytes = row.bitsPerElement / 8;
    return ElementSize{nbytes, row.kind == DTypeKind::Complex ? nbytes / 2 : nbytes};
}

void swapBytes(std::span<std::byte> bytes, uint64_t width)
{
    for (size_t i = 0; width > 1 && i + width <= bytes.size(); i += width)
        std::reverse(bytes.begin() + static_cast<ptrdiff_t>(i), bytes.begin() + static_cast<ptrdiff_t>(i + width));
}

/// Flips the sign of each imaginary part: the values are the conjugates of what is stored.
void conjugate(std::span<std::byte> bytes, uint64_t width)
{
    for (size_t i = width; i + width <= bytes.size(); i += 2 * width)
        bytes[i + width - 1] ^= std::byte{0x80};
}

/// Flips the sign of each little-endian floating-point number, of both parts of complex ones.
void negate(std::span<std::byte> bytes, uint64_t width)
{
    for (size_t i = 0; i + width <= bytes.size(); i += width)
        bytes[i + width - 1] ^= std::byte{0x80};
}

/// Little-endian, conjugated where needed: the last step before the sink.
bool finish(const TensorInfo& tensor, std::span<std::byte> block, const BlockSink& sink)
{
    const auto size = elementSize(tensor.dtype);
    if (size && tensor.storage.bigEndian)
        swapBytes(block, size->swapped);
    if (size && tensor.isConjugated)
        conjugate(block, size->swapped);
    if (size && tensor.isNegated)
        negate(block, size->swapped);
    return sink(block);
}

Error outsideStorage(const Checkpoint& checkpoint, const TensorInfo& tensor)
{
    return Error("bad-shape", fmt::format("The tensor {} reaches past the end of its storage of {} bytes.", shown(tensor.name), tensor.storage.nbytes))
        .at(checkpoint.path);
}

Result<SourcePtr> sourceOf(const Checkpoint& checkpoint, const Storage& storage)
{
    if (storage.shard >= checkpoint.shards.size() || !checkpoint.shards[storage.shard].source) {
        const std::string path = storage.shard < checkpoint.shards.size() ? checkpoint.shards[storage.shard].path : checkpoint.path;
        return failure(Error("missing-shard", "The file that holds these values is not there.").at(path));
    }
    return checkpoint.shards[storage.shard].source;
}

/// Hands the range [from, from + nbytes) of a source out in blocks that hold whole multiples of `unit` bytes.
Result<void> streamRaw(const ByteSource& source, uint64_t from, uint64_t nbytes, uint64_t unit, JobContext& job,
                       const std::function<bool(std::span<std::byte>)>& take)
{
    const uint64_t step = std::max(unit, limits::blockNbytes / unit * unit);
    Bytes buffer(static_cast<size_t>(std::min(step, nbytes)));
    for (uint64_t done = 0; done < nbytes; done += step) {
        if (job.cancelled())
            return failure(cancelledError());
        const std::span<std::byte> block(buffer.data(), static_cast<size_t>(std::min(step, nbytes - done)));
        if (auto read = source.readAt(from + done, block); !read)
            return read;
        if (!take(block))
            return {};
    }
    return {};
}

/// Streams the bytes of a storage from `skip` on.
Result<void> streamStorage(const Checkpoint& checkpoint, const Storage& storage, uint64_t skip, uint64_t nbytes, uint64_t unit, JobContext& job,
                           const std::function<bool(std::span<std::byte>)>& take)
{
    if (storage.kind == StorageKind::Memory) {
        const Bytes& all = checkpoint.inlineStorages.at(static_cast<size_t>(storage.offset));
        Bytes copy(all.begin() + static_cast<ptrdiff_t>(skip), all.begin() + static_cast<ptrdiff_t>(skip + nbytes));
        take(copy);
        return {};
    }
    const auto source = sourceOf(checkpoint, storage);
    if (!source)
        return tl::unexpected(source.error());
    if (storage.kind == StorageKind::Raw)
        return streamRaw(**source, storage.offset + skip, nbytes, unit, job, take);
    uint64_t passed = 0;
    uint64_t given = 0;
    const DeflatedRange range{storage.offset, storage.packedNbytes, storage.nbytes, storage.key};
    return inflateRange(**source, range, 1, job, [&](std::span<std::byte> block) {
        if (passed + block.size() <= skip) {
            passed += block.size();
            return true;
        }
        const uint64_t start = skip > passed ? skip - passed : 0;
        const uint64_t count = std::min<uint64_t>(block.size() - start, nbytes - given);
        passed += block.size();
        given += count;
        return (count == 0 || take(block.subspan(static_cast<size_t>(start), static_cast<size_t>(count)))) && given < nbytes;
    });
}

/// The byte range of the storage that a strided tensor touches; nothing if it leaves the storage.
struct Extent {
    uint64_t first = 0;
    uint64_t nbytes = 0;
};

std::optional<Extent> extentOf(const TensorInfo& tensor, uint64_t width)
{
    int64_t last = 0;
    for (size_t i = 0; i < tensor.shape.size(); ++i) {
        if (tensor.strides[i] < 0)
            return std::nullopt;
        const auto reach = checkedMul(tensor.shape[i] - 1, tensor.strides[i]);
        const auto sum = reach ? checkedAdd(last, *reach) : std::nullopt;
        if (!sum)
            return std::nullopt;
        last = *sum;
    }
    const auto first = checkedMul(tensor.elementOffset, width);
    const auto span = checkedMul<uint64_t>(static_cast<uint64_t>(last) + 1, width);
    if (!first || !span || !fits(*first, *span, tensor.storage.nbytes))
        return std::nullopt;
    return Extent{*first, *span};
}

/// Walks a strided view in row-major order over its storage in memory, gathering blocks.
Result<void> gather(const TensorInfo& tensor, const Bytes& storage, uint64_t width, JobContext& job, const BlockSink& sink)
{
    const uint64_t perBlock = std::max<uint64_t>(1, limits::blockNbytes / width);
    Bytes block;
    block.reserve(static_cast<size_t>(std::min(perBlock, tensor.elements()) * width));
    std::vector<int64_t> index(tensor.shape.size(), 0);
    uint64_t offset = 0;
    for (uint64_t left = tensor.elements(); left > 0; --left) {
        const std::byte* from = storage.data() + offset * width;
        block.insert(block.end(), from, from + width);
        if (block.size() >= perBlock * width || left == 1) {
            if (job.cancelled())
                return failure(cancelledError());
            if (!finish(tensor, block, sink))
                return {};
            block.clear();
        }
        for (size_t d = tensor.shape.size(); d-- > 0;) {
            offset += static_cast<uint64_t>(tensor.strides[d]);
            if (++index[d] < tensor.shape[d])
                break;
            offset -= static_cast<uint64_t>(tensor.strides[d] * tensor.shape[d]);
            index[d] = 0;
        }
    }
    return {};
}

Result<void> readStrided(const Checkpoint& checkpoint, const TensorInfo& tensor, uint64_t width, JobContext& job, const BlockSink& sink)
{
    const auto extent = extentOf(tensor, width);
    if (!extent)
        return failure(outsideStorage(checkpoint, tensor));
    if (extent->nbytes > 16 * limits::GiB)
        return failure(Error("resource-bomb", fmt::format("The view {} spans {} of its storage, too much to be gathered in memory.", shown(tensor.name),
                                                          formatNbytes(extent->nbytes))).at(checkpoint.path));
    Bytes storage;
    storage.reserve(static_cast<size_t>(extent->nbytes));
    auto read = streamStorage(checkpoint, tensor.storage, extent->first, extent->nbytes, 1, job, [&storage](std::span<std::byte> block) {
        storage.insert(storage.end(), block.begin(), block.end());
        return true;
    });
    if (!read)
        return read;
    return gather(tensor, storage, width, job, sink);
}

/// Reads elements [from, from + count) of a piece into `out`.
Result<void> readPiece(const Checkpoint& checkpoint, const TensorPiece& piece, uint64_t from, uint64_t count, uint64_t width, JobContext& job, Bytes& out)
{
    out.clear();
    return streamStorage(checkpoint, piece.storage, from * width, count * width, width, job, [&out](std::span<std::byte> block) {
        out.insert(out.end(), block.begin(), block.end());
        return true;
    });
}

/// Puts a tensor together, some rows of its first dimension (of more than one element) at a time: those of a piece are contiguous in it.
class PieceReader {
public:
    PieceReader(const Checkpoint& checkpoint, const TensorInfo& tensor, const Assembly& assembly, uint64_t width)
        : m_checkpoint(checkpoint), m_tensor(tensor), m_assembly(assembly), m_width(width)
    {
        while (m_axis + 1 < assembly.shape.size() && assembly.shape[m_axis] == 1)
            ++m_axis;
        for (size_t d = m_axis + 1; d < assembly.shape.size(); ++d)
            m_rowElements *= static_cast<uint64_t>(assembly.shape[d]);
    }

    Result<void> read(JobContext& job, const BlockSink& sink)
    {
        const uint64_t rowNbytes = m_rowElements * m_width;
        if (rowNbytes > limits::GiB)
            return failure(Error("resource-bomb", fmt::format("A row of {} has {}, too much to be put together in memory.", shown(m_tensor.name), formatNbytes(rowNbytes))).at(m_checkpoint.path));
        const uint64_t rows = m_assembly.shape.empty() ? 1 : static_cast<uint64_t>(m_assembly.shape[m_axis]);
        const uint64_t step = std::max<uint64_t>(1, limits::blockNbytes / rowNbytes);
        for (uint64_t first = 0; first < rows; first += step) {
            const uint64_t count = std::min(step, rows - first);
            m_block.assign(static_cast<size_t>(count * rowNbytes), std::byte{0});
            for (const TensorPiece& piece : m_assembly.pieces)
                if (auto copied = copyRows(piece, first, count, job); !copied)
                    return copied;
            if (!finish(m_tensor, m_block, sink))
                return {};
        }
        return {};
    }

private:
    /// Copies what a piece has of the rows [first, first + count) into the block.
    Result<void> copyRows(const TensorPiece& piece, uint64_t first, uint64_t count, JobContext& job)
    {
        if (piece.storage.nbytes == 0)
            return {};
        const uint64_t start = piece.start.empty() ? 0 : static_cast<uint64_t>(piece.start[m_axis]);
        const uint64_t size = piece.shape.empty() ? 1 : static_cast<uint64_t>(piece.shape[m_axis]);
        const uint64_t from = std::max(first, start);
        const uint64_t to = std::min(first + count, start + size);
        if (from >= to)
            return {};
        uint64_t pieceRow = 1;
        for (size_t d = m_axis + 1; d < piece.shape.size(); ++d)
            pieceRow *= static_cast<uint64_t>(piece.shape[d]);
        if (auto read = readPiece(m_checkpoint, piece, (from - start) * pieceRow, (to - from) * pieceRow, m_width, job, m_rows); !read)
            return read;
        scatter(piece, from - first, to - from);
        return {};
    }

    /// Lays the rows that were read over the block, run by run: a run spans the dimensions that the piece has whole.
    void scatter(const TensorPiece& piece, uint64_t firstRow, uint64_t rows)
    {
        const size_t rank = piece.shape.size();
        size_t runAxis = rank; // the first dimension of a run
        uint64_t run = 1;
        while (runAxis > m_axis + 1 && (runAxis == rank || piece.shape[runAxis] == m_assembly.shape[runAxis]))
            run *= static_cast<uint64_t>(piece.shape[--runAxis]);
        uint64_t offset = 0; // of the piece's first element in a row
        uint64_t stride = 1;
        for (size_t d = rank; d-- > m_axis + 1;) {
            offset += static_cast<uint64_t>(piece.start[d]) * stride;
            stride *= static_cast<uint64_t>(m_assembly.shape[d]);
        }
        std::vector<uint64_t> index(rank, 0);
        const std::byte* from = m_rows.data();
        for (uint64_t row = firstRow; row < firstRow + rows; ++row)
            do {
                uint64_t at = row * m_rowElements + offset;
                uint64_t size = 1;
                for (size_t d = rank; d-- > m_axis + 1;) {
                    at += index[d] * size;
                    size *= static_cast<uint64_t>(m_assembly.shape[d]);
                }
                std::memcpy(m_block.data() + at * m_width, from, static_cast<size_t>(run * m_width));
                from += run * m_width;
            } while (advance(index, piece.shape, runAxis));
    }

    /// The next combination of the dimensions between the rows and the runs; false (and back at zero) after the last.
    bool advance(std::vector<uint64_t>& index, const Shape& shape, size_t runAxis) const
    {
        for (size_t d = runAxis; d-- > m_axis + 1;) {
            if (++index[d] < static_cast<uint64_t>(shape[d]))
                return true;
            index[d] = 0;
        }
        return false;
    }

    const Checkpoint& m_checkpoint;
    const TensorInfo& m_tensor;
    const Assembly& m_assembly;
    uint64_t m_width;
    size_t m_axis = 0;
    uint64_t m_rowElements = 1;
    Bytes m_block;
    Bytes m_rows;
};

} // namespace

bool isContiguous(const TensorInfo& tensor)
{
    if (tensor.strides.empty())
        return true;
    const auto dense = contiguousStrides(tensor.shape);
    for (size_t i = 0; i < tensor.shape.size(); ++i)
        if (tensor.shape[i] != 1 && tensor.strides[i] != dense[i])
            return false;
    return true;
}

namespace {

Result<void> readValues(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink)
{
    const InterruptibleReads reads(job);
    if (tensor.elements() == 0)
        return {};
    if (tensor.storage.kind == StorageKind::Absent)
        return failure(Error("unreadable", fmt::format("The tensor {} has no values in this file.", shown(tensor.name))).at(checkpoint.path));
    if (tensor.storage.kind == StorageKind::Packed)
        return readPacked(checkpoint, tensor, job, sink);
    if (tensor.storage.kind == StorageKind::Format) {
        const bool hasShard = tensor.storage.shard < checkpoint.shards.size();
        const Format* format = formatById(hasShard ? std::string_view(checkpoint.shards[tensor.storage.shard].format) : std::string_view(checkpoint.format));
        if (!format)
            return failure(Error("unreadable", "No format is known that reads these values.").at(checkpoint.path));
        return format->readStorage(checkpoint, tensor, job, sink);
    }
    const auto size = elementSize(tensor.dtype);
    if (tensor.storage.kind == StorageKind::Pieces && size)
        return PieceReader(checkpoint, tensor, checkpoint.assemblies.at(static_cast<size_t>(tensor.storage.offset)), size->nbytes).read(job, sink);
    const auto total = packedNbytesOf(tensor.dtype, tensor.elements());
    if (!total)
        return failure(Error("bad-dtype", fmt::format("Elements of type {} have no fixed size, so {} cannot be read as numbers.", tensor.dtypeName(), shown(tensor.name))).at(checkpoint.path));
    if (size && !isContiguous(tensor))
        return readStrided(checkpoint, tensor, size->nbytes, job, sink);
    const auto start = nbytesOf(tensor.dtype, tensor.elementOffset);
    if (!start || !fits(*start, *total, tensor.storage.nbytes))
        return failure(outsideStorage(checkpoint, tensor));
    return streamStorage(checkpoint, tensor.storage, *start, *total, size ? size->nbytes : 1, job,
                         [&](std::span<std::byte> block) { return finish(tensor, block, sink); });
}

} // namespace

Result<void> readTensor(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink)
{
    return withinMemory([&] { return readValues(checkpoint, tensor, job, sink); }).map_error([](Error error) {
        if (error.fix.empty())
            error.fix = nextStep(error.rule);
        return error;
    });
}

Result<std::vector<std::byte>> readWhole(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, uint64_t maximum)
{
    if (tensor.nbytes() > maximum)
        return failure(Error("resource-bomb", fmt::format("{} has {}, more than the {} that are read at once.", shown(tensor.name),
                                                          formatNbytes(tensor.nbytes()), formatNbytes(maximum))).at(checkpoint.path));
    Bytes out;
    auto read = readTensor(checkpoint, tensor, job, [&](std::span<const std::byte> block) {
        out.insert(out.end(), block.begin(), block.end());
        return out.size() <= maximum;
    });
    if (!read)
        return tl::unexpected(read.error());
    return out;
}

Result<std::string> sha256OfTensor(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job)
{
    Sha256 hash;
    auto read = readTensor(checkpoint, tensor, job, [&hash](std::span<const std::byte> block) {
        hash.update(block);
        return true;
    });
    if (!read)
        return tl::unexpected(read.error());
    return hash.finish();
}

} // namespace weighbridge
