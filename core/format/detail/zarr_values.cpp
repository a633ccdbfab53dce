// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/zarr_array.h"

#include "core/base/blosc.h"
#include "core/base/byte_reader.h"
#include "core/base/crc32c.h"
#include "core/base/inflate.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/base/zstandard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace weighbridge {
namespace {

using Bytes = std::vector<std::byte>;

constexpr uint64_t bandNbytes = 4 * limits::GiB; ///< of a row of chunks, unpacked
constexpr uint64_t absentNbytes = 1 * limits::GiB; ///< of chunks that are not there and so cost nothing to declare
constexpr uint64_t slackNbytes = 64 * limits::MiB; ///< by which packed bytes may be longer than unpacked ones

Error damaged(const ByteSource& source, std::string rule, std::string message)
{
    return Error(std::move(rule), std::move(message)).at(source.path()).fixedBy("Copy the checkpoint again.");
}

Result<Bytes> withoutChecksum(Bytes bytes, const ByteSource& source)
{
    if (bytes.size() < sizeof(uint32_t))
        return failure(damaged(source, "truncated", "A chunk ends before its checksum."));
    const auto stored = *ByteReader(std::span(bytes).last(sizeof(uint32_t))).little<uint32_t>();
    bytes.resize(bytes.size() - sizeof(uint32_t));
    if (checksumsCount && crc32c(bytes) != stored)
        return failure(damaged(source, "checksum", "The checksum (CRC-32C) of a chunk does not fit: its bytes were changed."));
    return bytes;
}

/// Undoes the packings of a chunk, the last one first.
Result<Bytes> unpacked(const ZarrArray& array, const ByteSource& source, uint64_t offset, uint64_t nbytes, uint64_t wanted)
{
    if (nbytes > wanted + slackNbytes)
        return failure(damaged(source, "corrupt", fmt::format("A chunk of {} takes {}.", formatNbytes(wanted), formatNbytes(nbytes))));
    auto bytes = source.read(offset, nbytes);
    for (size_t i = array.packings.size(); i-- > 0 && bytes;) {
        switch (array.packings[i]) {
        case ZarrArray::Packing::Crc32c:
            bytes = withoutChecksum(std::move(*bytes), source);
            break;
        case ZarrArray::Packing::Zstandard:
            bytes = unpackZstandard(*bytes, wanted + sizeof(uint32_t));
            break;
        case ZarrArray::Packing::Blosc:
            bytes = unpackBlosc(*bytes, wanted + sizeof(uint32_t));
            break;
        case ZarrArray::Packing::Deflate:
            bytes = unpackDeflated(*bytes, wanted + sizeof(uint32_t));
            break;
        }
    }
    if (!bytes)
        return bytes.map_error([&source](Error error) { return error.path.empty() ? std::move(error).at(source.path()) : error; });
    if (bytes->size() != wanted)
        return failure(damaged(source, bytes->size() < wanted ? "truncated" : "corrupt", fmt::format("A chunk holds {} bytes, {} are needed.", bytes->size(), wanted)));
    return bytes;
}

class ChunkReader {
public:
    ChunkReader(const ZarrArray& array, const ZarrValues& values) : m_array(array), m_values(values)
    {
        m_chunkNbytes = array.elementNbytes();
        for (const int64_t size : array.chunk)
            m_chunkNbytes = checkedMul(m_chunkNbytes, static_cast<uint64_t>(size)).value_or(UINT64_MAX);
    }

    [[nodiscard]] uint64_t chunkNbytes() const { return m_chunkNbytes; }

    /// The unpacked elements of a chunk; empty if it is absent.
    Result<Bytes> read(const std::vector<uint64_t>& index)
    {
        if (m_array.sharding)
            return readInner(index);
        const auto source = m_values.value(keyOf(index));
        if (!source || !*source)
            return source ? Result<Bytes>(Bytes()) : tl::unexpected(source.error());
        return unpacked(m_array, **source, 0, (*source)->nbytes(), m_chunkNbytes);
    }

private:
    [[nodiscard]] std::string keyOf(const std::vector<uint64_t>& index) const
    {
        if (index.empty()) // one chunk: "0" in version 2, "c" in version 3
            return m_array.version == 3 && !m_array.keyStart.empty() ? "c" : "0";
        return m_array.keyStart + fmt::format("{}", fmt::join(index, std::string(1, m_array.separator)));
    }

    Result<Bytes> readInner(const std::vector<uint64_t>& index)
    {
        std::vector<uint64_t> outer(index.size());
        uint64_t place = 0; // of the inner chunk in the shard
        for (size_t d = 0; d < index.size(); ++d) {
            const auto inShard = static_cast<uint64_t>(m_array.sharding->shape[d] / m_array.chunk[d]);
            outer[d] = index[d] / inShard;
            place = place * inShard + index[d] % inShard;
        }
        if (auto opened = openShard(outer); !opened)
            return tl::unexpected(opened.error());
        if (!m_shard)
            return Bytes();
        const std::span<const std::byte> places(m_index);
        ByteReader reader(places.subspan(static_cast<size_t>(place * 2 * sizeof(uint64_t))));
        const uint64_t offset = *reader.little<uint64_t>();
        const uint64_t nbytes = *reader.little<uint64_t>();
        if (offset == UINT64_MAX && nbytes == UINT64_MAX)
            return Bytes();
        if (!fits(offset, nbytes, m_shard->nbytes()))
            return failure(damaged(*m_shard, "truncated", fmt::format("A chunk ends at byte {} of a shard of {} bytes.", offset + nbytes, m_shard->nbytes())));
        return unpacked(m_array, *m_shard, offset, nbytes, m_chunkNbytes);
    }

    /// Makes a shard and its index the current ones.
    Result<void> openShard(const std::vector<uint64_t>& outer)
    {
        const std::string key = keyOf(outer);
        if (key == m_shardKey)
            return {};
        const auto source = m_values.value(key);
        if (!source)
            return tl::unexpected(source.error());
        m_shard = *source;
        m_shardKey = key;
        if (!m_shard)
            return {};
        std::optional<uint64_t> nbytes = 2 * sizeof(uint64_t);
        for (size_t d = 0; d < outer.size() && nbytes; ++d)
            nbytes = checkedMul(*nbytes, static_cast<uint64_t>(m_array.sharding->shape[d] / m_array.chunk[d]));
        const uint64_t all = nbytes.value_or(UINT64_MAX / 2) + (m_array.sharding->indexHasChecksum ? sizeof(uint32_t) : 0);
        if (all > m_shard->nbytes())
            return failure(damaged(*m_shard, "truncated", fmt::format("A shard of {} bytes ends before its index of {}.", m_shard->nbytes(), all)));
        auto index = m_shard->read(m_array.sharding->indexAtStart ? 0 : m_shard->nbytes() - all, all);
        if (index && m_array.sharding->indexHasChecksum)
            index = withoutChecksum(std::move(*index), *m_shard);
        if (!index)
            return tl::unexpected(index.error());
        m_index = std::move(*index);
        return {};
    }

    const ZarrArray& m_array;
    const ZarrValues& m_values;
    uint64_t m_chunkNbytes = 0;
    std::string m_shardKey;
    SourcePtr m_shard;
    Bytes m_index;
};

/// Puts the chunks of one row of chunks after the other together.
class BandReader {
public:
    BandReader(const ZarrArray& array, const ZarrValues& values) : m_array(array), m_chunks(array, values), m_width(array.elementNbytes())
    {
        for (size_t d = 0; d < array.shape.size(); ++d)
            m_grid.push_back((static_cast<uint64_t>(array.shape[d]) + static_cast<uint64_t>(array.chunk[d]) - 1) / static_cast<uint64_t>(array.chunk[d]));
        for (size_t d = 1; d < array.shape.size(); ++d)
            m_rowElements *= static_cast<uint64_t>(array.shape[d]);
    }

    Result<void> read(JobContext& job, const BlockSink& sink)
    {
        const uint64_t rows = m_array.shape.empty() ? 1 : static_cast<uint64_t>(m_array.shape[0]);
        const uint64_t step = m_array.shape.empty() ? 1 : std::min<uint64_t>(rows, static_cast<uint64_t>(m_array.chunk[0]));
        const auto nbytes = checkedMul(step * m_rowElements, m_width);
        if (!nbytes || *nbytes > bandNbytes || m_chunks.chunkNbytes() > bandNbytes)
            return failure("resource-bomb", fmt::format("A row of chunks of this array unpacks to {}, more than the limit of {}.", formatNbytes(nbytes.value_or(UINT64_MAX)), formatNbytes(bandNbytes)));
        for (uint64_t first = 0; first < rows; first += step) {
            if (auto read = readBand(first / step, std::min(step, rows - first), job); !read)
                return read;
            for (size_t done = 0; done < m_band.size(); done += limits::blockNbytes)
                if (!sink(std::span(m_band).subspan(done, std::min<size_t>(limits::blockNbytes, m_band.size() - done))))
                    return {};
        }
        return {};
    }

private:
    Result<void> readBand(uint64_t band, uint64_t rows, JobContext& job)
    {
        m_band.assign(static_cast<size_t>(rows * m_rowElements * m_width), std::byte{0});
        for (size_t i = 0; i < m_band.size() && !m_array.fill.empty(); ++i)
            m_band[i] = m_array.fill[i % m_array.fill.size()];
        std::vector<uint64_t> index(m_array.shape.size(), 0);
        do {
            if (job.cancelled())
                return failure(cancelledError());
            if (!index.empty())
                index[0] = band;
            auto chunk = m_chunks.read(index);
            if (!chunk)
                return tl::unexpected(chunk.error());
            if (!chunk->empty())
                lay(*chunk, index, rows);
            else if ((m_absentNbytes += m_chunks.chunkNbytes()) > absentNbytes)
                return failure("resource-bomb", fmt::format("More than {} of the values are chunks that are not there.", formatNbytes(absentNbytes)));
        } while (advance(index, m_grid, 1, index.size()));
        if (m_array.bigEndian)
            swapBytes();
        return {};
    }

    /// The next combination of the dimensions [from, to); false, and back at zero, after the last.
    static bool advance(std::vector<uint64_t>& index, const std::vector<uint64_t>& sizes, size_t from, size_t to)
    {
        for (size_t d = to; d-- > from;) {
            if (++index[d] < sizes[d])
                return true;
            index[d] = 0;
        }
        return false;
    }

    /// Copies what of a chunk lies inside the shape, run by run of the last dimension.
    void lay(const Bytes& chunk, const std::vector<uint64_t>& index, uint64_t rows)
    {
        const size_t rank = m_array.shape.size();
        std::vector<uint64_t> sizes(rank);
        std::vector<uint64_t> strides(rank, 1); // of the chunk
        std::vector<uint64_t> bandStrides(rank, 1);
        uint64_t start = 0; // of the chunk in the band
        for (size_t d = rank; d-- > 0;) {
            const auto chunkSize = static_cast<uint64_t>(m_array.chunk[d]);
            const uint64_t origin = d == 0 ? 0 : index[d] * chunkSize;
            const uint64_t end = d == 0 ? rows : static_cast<uint64_t>(m_array.shape[d]);
            sizes[d] = std::min(chunkSize, end - origin);
            if (d + 1 < rank) {
                bandStrides[d] = bandStrides[d + 1] * static_cast<uint64_t>(m_array.shape[d + 1]);
                strides[d] = strides[d + 1] * static_cast<uint64_t>(m_array.chunk[d + 1]);
            }
            start += origin * bandStrides[d];
        }
        if (m_array.isFortran)
            for (size_t d = 0; d < rank; ++d)
                strides[d] = d == 0 ? 1 : strides[d - 1] * static_cast<uint64_t>(m_array.chunk[d - 1]);
        const uint64_t run = rank == 0 ? 1 : sizes[rank - 1];
        const uint64_t runStride = rank == 0 ? 1 : strides[rank - 1];
        std::vector<uint64_t> at(rank, 0);
        do {
            uint64_t from = 0;
            uint64_t to = start;
            for (size_t d = 0; d + 1 < rank; ++d) {
                from += at[d] * strides[d];
                to += at[d] * bandStrides[d];
            }
            copyRun(chunk, from, runStride, to, run);
        } while (rank > 1 && advance(at, sizes, 0, rank - 1));
    }

    void copyRun(const Bytes& chunk, uint64_t from, uint64_t stride, uint64_t to, uint64_t count)
    {
        if (stride == 1) {
            std::memcpy(m_band.data() + to * m_width, chunk.data() + from * m_width, static_cast<size_t>(count * m_width));
            return;
        }
        for (uint64_t i = 0; i < count; ++i)
            std::memcpy(m_band.data() + (to + i) * m_width, chunk.data() + (from + i * stride) * m_width, static_cast<size_t>(m_width));
    }

    void swapBytes()
    {
        const uint64_t width = info(m_array.dtype).kind == DTypeKind::Complex ? m_width / 2 : m_width;
        for (size_t i = 0; width > 1 && i < m_band.size(); i += width)
            std::reverse(m_band.begin() + static_cast<ptrdiff_t>(i), m_band.begin() + static_cast<ptrdiff_t>(i + width));
    }

    const ZarrArray& m_array;
    ChunkReader m_chunks;
    uint64_t m_width;
    std::vector<uint64_t> m_grid;
    uint64_t m_rowElements = 1;
    Bytes m_band;
    uint64_t m_absentNbytes = 0;
};

} // namespace

Result<void> readZarrValues(const ZarrArray& array, const ZarrValues& values, JobContext& job, const BlockSink& sink)
{
    if (!array.unknownPacking.empty())
        return failure(Error("unreadable", fmt::format("The values are packed with {}, which is not read here.", array.unknownPacking)).fixedBy("Save the checkpoint again with Zstandard or without compression."));
    return BandReader(array, values).read(job, sink);
}

} // namespace weighbridge
