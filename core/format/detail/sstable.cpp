// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/sstable.h"

#include "core/base/crc32c.h"
#include "core/base/limits.h"
#include "core/base/source_reader.h"
#include "core/base/text.h"
#include "core/format/detail/snappy.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

constexpr uint64_t magic = 0xdb4775248b80fb57ULL;
constexpr uint64_t trailerNbytes = 5;
enum BlockType : uint8_t { Plain = 0, Snappy = 1 };

} // namespace

bool endsAsSortedTable(const ByteSource& source)
{
    if (source.nbytes() < SortedTable::footerNbytes)
        return false;
    SourceReader reader(source, source.nbytes() - sizeof(magic), sizeof(magic));
    return reader.number<uint64_t>(false).value_or(0) == magic;
}

Error SortedTable::error(std::string rule, std::string message, uint64_t offset) const
{
    return Error(std::move(rule), std::move(message)).at(m_source->path()).atByte(offset).fixedBy("Copy or download this file again.");
}

Result<SortedTable> SortedTable::open(SourcePtr source)
{
    SortedTable table(source);
    if (!endsAsSortedTable(*source))
        return failure(table.error("truncated", "The file does not end as an index of TensorFlow does: its end is cut off or was overwritten.", source->nbytes()));
    SourceReader footer(*source, source->nbytes() - footerNbytes, footerNbytes);
    // the first handle is that of the meta index, which TensorFlow leaves empty
    return table.readHandle(footer)
        .and_then([&](Block) { return table.readHandle(footer); })
        .and_then([&](Block index) { return table.readIndex(index); })
        .map([&] { return std::move(table); });
}

Result<SortedTable::Block> SortedTable::readHandle(SourceReader& reader) const
{
    const uint64_t at = reader.position();
    const auto offset = reader.varint();
    if (!offset)
        return tl::unexpected(offset.error());
    const auto nbytes = reader.varint();
    if (!nbytes)
        return tl::unexpected(nbytes.error());
    const uint64_t end = m_source->nbytes() - footerNbytes;
    if (*nbytes < sizeof(uint32_t) || !fits(*offset, *nbytes, end) || end - *offset - *nbytes < trailerNbytes)
        return failure(error("corrupt", fmt::format("The index names a block of {} bytes at byte {}, but its blocks end at byte {}.", *nbytes, *offset, end), at));
    return Block{*offset, *nbytes};
}

Result<void> SortedTable::readIndex(Block index)
{
    JobContext job;
    Cursor cursor;
    return eachEntryOf(index, job, cursor, [this](const TableEntry& entry) -> Result<void> {
        SourceReader reader(entry.values, entry.offset, 32);
        const auto block = readHandle(reader);
        if (!block)
            return tl::unexpected(block.error());
        if (!m_blocks.empty() && block->offset < m_blocks.back().offset + m_blocks.back().nbytes)
            return failure(error("corrupt", fmt::format("The blocks at the bytes {} and {} overlap.", m_blocks.back().offset, block->offset), block->offset));
        m_blocks.push_back(*block);
        return {};
    });
}

Result<uint8_t> SortedTable::typeOf(Block block) const
{
    const auto trailer = m_source->read(block.offset + block.nbytes, 1);
    if (!trailer)
        return tl::unexpected(trailer.error());
    const auto type = static_cast<uint8_t>((*trailer)[0]);
    if (type > Snappy)
        return failure(error("corrupt", fmt::format("The block at byte {} is compressed in an unknown way ({}).", block.offset, type), block.offset));
    return type;
}

Result<void> SortedTable::verifyBlock(Block block, JobContext& job) const
{
    const uint64_t all = block.nbytes + 1; // the checksum covers the type too
    const auto crc = crc32cOf(*m_source, block.offset, all, job);
    if (!crc)
        return tl::unexpected(crc.error());
    SourceReader trailer(*m_source, block.offset + all, sizeof(uint32_t));
    const auto stored = trailer.number<uint32_t>(false);
    if (!stored)
        return tl::unexpected(stored.error());
    if (checksumsCount && maskedCrc32c(*crc) != *stored)
        return failure(error("checksum",
                             fmt::format("The checksum (CRC-32C) of the block at byte {} does not fit: its bytes were changed.", block.offset),
                             block.offset)
                           .expecting(fmt::format("{:08x}", *stored))
                           .finding(fmt::format("{:08x}", maskedCrc32c(*crc))));
    return {};
}

Result<uint64_t> SortedTable::verify(JobContext& job) const
{
    uint64_t nbytes = 0;
    for (const Block& block : m_blocks) {
        if (auto verified = verifyBlock(block, job); !verified)
            return tl::unexpected(verified.error());
        nbytes += block.nbytes;
    }
    return nbytes;
}

Result<void> SortedTable::eachEntry(JobContext& job, const Take& take) const
{
    Cursor cursor;
    for (const Block& block : m_blocks)
        if (auto read = eachEntryOf(block, job, cursor, take); !read)
            return read;
    return {};
}

Result<void> SortedTable::eachEntryOf(Block block, JobContext& job, Cursor& cursor, const Take& take) const
{
    if (job.cancelled())
        return failure(cancelledError());
    if (block.nbytes <= checkedBlockNbytes)
        if (auto verified = verifyBlock(block, job); !verified)
            return verified;
    const auto type = typeOf(block);
    if (!type)
        return tl::unexpected(type.error());
    if (*type == Plain)
        return walk(*m_source, block.offset, block.nbytes, false, cursor, take);
    const auto packed = m_source->read(block.offset, block.nbytes);
    if (!packed)
        return tl::unexpected(packed.error());
    auto unpacked = unpackSnappy(*packed, limits::inflatedEntryNbytes);
    if (!unpacked)
        return failure(error(unpacked.error().rule, unpacked.error().message, block.offset));
    const uint64_t nbytes = unpacked->size();
    return walk(*memorySource(std::move(*unpacked), m_source->path()), 0, nbytes, true, cursor, take);
}

/// Entries share the start of their key with the one before; the numbers of the restart points stand at the block's end.
Result<void> SortedTable::walk(const ByteSource& values, uint64_t start, uint64_t nbytes, bool isUnpacked, Cursor& cursor, const Take& take) const
{
    const auto broken = [&](uint64_t at, std::string_view what) { return failure(error("corrupt", fmt::format("The block at byte {} is damaged: {}.", start, what), at)); };
    if (nbytes < sizeof(uint32_t))
        return broken(start, "it is too small");
    SourceReader tail(values, start + nbytes - sizeof(uint32_t), sizeof(uint32_t));
    const auto restarts = tail.number<uint32_t>(false);
    if (!restarts)
        return tl::unexpected(restarts.error());
    if ((nbytes - sizeof(uint32_t)) / sizeof(uint32_t) < *restarts)
        return broken(start, fmt::format("it has {} bytes, too few for {} restart points", nbytes, *restarts));
    const uint64_t end = start + nbytes - sizeof(uint32_t) * (uint64_t(*restarts) + 1);
    std::string& key = cursor.key;
    SourceReader reader(values, start, nbytes > checkedBlockNbytes ? 4096 : 256 * 1024);
    for (bool isFirst = true; reader.position() < end; isFirst = false) {
        const uint64_t at = reader.position();
        const auto shared = reader.varint();
        const auto unshared = shared.and_then([&](uint64_t) { return reader.varint(); });
        const auto valueNbytes = unshared.and_then([&](uint64_t) { return reader.varint(); });
        if (!valueNbytes)
            return tl::unexpected(valueNbytes.error());
        if (*shared > key.size() || (isFirst && *shared != 0))
            return broken(at, fmt::format("a key shares {} bytes with the one before, which has {}", *shared, isFirst ? 0 : key.size()));
        if (*unshared > limits::nameNbytes || *shared + *unshared > limits::nameNbytes)
            return broken(at, "a key is longer than any name");
        if (reader.position() > end || !fits(*unshared, *valueNbytes, end - reader.position()))
            return broken(at, fmt::format("an entry of {} bytes reaches past its end", *valueNbytes));
        const auto rest = reader.takeText(*unshared);
        if (!rest)
            return tl::unexpected(rest.error());
        std::string next = key.substr(0, static_cast<size_t>(*shared)) + *rest;
        if (next == key && !next.empty())
            return failure(error("duplicate-key", fmt::format("The index holds {} twice (duplicate).", shown(next, 120)), at));
        if (next < key)
            return broken(at, "its keys are not sorted");
        key = std::move(next);
        cursor.keysNbytes += key.size();
        if (cursor.keysNbytes > 64 * m_source->nbytes())
            return failure(error("resource-bomb", fmt::format("The keys of the index have more than {} together, 64 times its own size: too much.", formatNbytes(cursor.keysNbytes)), at));
        if (auto taken = take({key, values, reader.position(), *valueNbytes, isUnpacked}); !taken)
            return taken;
        if (auto skipped = reader.skip(*valueNbytes); !skipped)
            return skipped;
    }
    return {};
}

} // namespace weighbridge
