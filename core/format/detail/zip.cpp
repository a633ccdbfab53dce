// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/zip.h"

#include "core/base/inflate.h"
#include "core/base/text.h"
#include "core/format/detail/zip_directory.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr uint16_t stored = 0;
constexpr uint16_t deflated = 8;

uint32_t crcOf(uint32_t crc, std::span<const std::byte> bytes)
{
    return static_cast<uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Error checksumError(const ZipArchive& archive, const ZipEntry& entry, uint32_t found)
{
    return Error("checksum", fmt::format("The checksum (CRC-32) of {} in the archive does not match its data: some of its bytes were changed after it was written.",
                                         shown(entry.name)))
        .at(archive.source()->path())
        .atByte(entry.dataOffset)
        .expecting(fmt::format("CRC-32 {:08x}", entry.crc))
        .finding(fmt::format("CRC-32 {:08x}", found))
        .fixedBy("Download or copy the file again; if it stays, save the checkpoint again.");
}

/// Hands the unpacked bytes of an entry out in blocks.
Result<void> streamEntry(const ByteSource& source, const ZipEntry& entry, JobContext& job, const std::function<bool(std::span<std::byte>)>& take)
{
    if (entry.method == deflated)
        return inflateRange(source, {entry.dataOffset, entry.packedNbytes, entry.nbytes, entry.name}, 1, job, take);
    std::vector<std::byte> buffer(static_cast<size_t>(std::min(limits::blockNbytes, entry.nbytes)));
    for (uint64_t done = 0; done < entry.nbytes; done += limits::blockNbytes) {
        if (job.cancelled())
            return failure(cancelledError());
        const std::span<std::byte> block(buffer.data(), static_cast<size_t>(std::min(limits::blockNbytes, entry.nbytes - done)));
        if (auto read = source.readAt(entry.dataOffset + done, block); !read)
            return read;
        if (!take(block))
            return {};
    }
    return {};
}

} // namespace

ZipArchive ZipArchive::salvage(SourcePtr source, JobContext& job)
{
    ZipArchive archive;
    archive.m_source = std::move(source);
    archive.m_entries = scanLocalHeaders(*archive.m_source, job);
    archive.m_hasChecksums = false;
    for (size_t i = 0; i < archive.m_entries.size(); ++i)
        archive.m_byName.try_emplace(archive.m_entries[i].name, i);
    return archive;
}

Result<ZipArchive> ZipArchive::open(SourcePtr source, JobContext& job)
{
    ZipArchive archive;
    archive.m_source = std::move(source);
    if (auto read = ZipDirectory(archive, job).read(); !read)
        return tl::unexpected(read.error());
    return archive;
}

const ZipEntry* ZipArchive::find(std::string_view name) const
{
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? nullptr : &m_entries[found->second];
}

Result<void> ZipArchive::checkReadable(const ZipEntry& entry) const
{
    if (entry.method != stored && entry.method != deflated)
        return failure(Error("unsupported-version", fmt::format("The entry {} is compressed with method {}; only stored and deflated entries can be read.",
                                                                shown(entry.name), entry.method))
                           .at(m_source->path()).atByte(entry.headerOffset).fixedBy("Unpack the archive and zip it again without compression."));
    if (isBomb(entry))
        return failure(Error("resource-bomb", fmt::format("The entry {} unpacks {} to {}, a ratio beyond the limit of {}: a decompression bomb.",
                                                          shown(entry.name), formatNbytes(entry.packedNbytes), formatNbytes(entry.nbytes), limits::bombRatio))
                           .at(m_source->path()).atByte(entry.headerOffset).fixedBy("Do not use this file, unless you know who wrote it and why."));
    return {};
}

Result<std::vector<std::byte>> ZipArchive::read(const ZipEntry& entry, JobContext& job, uint64_t maximum) const
{
    if (auto readable = checkReadable(entry); !readable)
        return tl::unexpected(readable.error());
    if (entry.nbytes > maximum)
        return failure(Error("resource-bomb", fmt::format("The entry {} has {}, beyond the limit of {} for what must be held in memory.", shown(entry.name),
                                                          formatNbytes(entry.nbytes), formatNbytes(maximum)))
                           .at(m_source->path()).atByte(entry.headerOffset));
    std::vector<std::byte> out;
    if (entry.isStored())
        out.reserve(static_cast<size_t>(entry.nbytes)); // it lies in the file, so the declared size is real
    uint32_t crc = 0;
    auto streamed = streamEntry(*m_source, entry, job, [&](std::span<std::byte> block) {
        crc = crcOf(crc, block);
        out.insert(out.end(), block.begin(), block.end());
        return true;
    });
    if (!streamed)
        return tl::unexpected(streamed.error());
    if (m_hasChecksums && crc != entry.crc)
        return failure(checksumError(*this, entry, crc));
    return out;
}

Result<void> ZipArchive::verify(const ZipEntry& entry, JobContext& job) const
{
    if (auto readable = checkReadable(entry); !readable)
        return readable;
    uint32_t crc = 0;
    auto streamed = streamEntry(*m_source, entry, job, [&crc](std::span<std::byte> block) {
        crc = crcOf(crc, block);
        return true;
    });
    if (streamed && m_hasChecksums && crc != entry.crc)
        return failure(checksumError(*this, entry, crc));
    return streamed;
}

Result<uint64_t> ZipArchive::verifyAll(JobContext& job) const
{
    if (!m_hasChecksums)
        return 0;
    uint64_t total = 0;
    for (const ZipEntry& entry : m_entries)
        total += entry.nbytes;
    uint64_t done = 0;
    for (const ZipEntry& entry : m_entries) {
        job.report({"checksums", done, total});
        const bool unreadable = !checkReadable(entry); // reported at opening, or when it is needed
        if (unreadable)
            continue;
        if (auto verified = verify(entry, job); !verified)
            return tl::unexpected(verified.error());
        done += entry.nbytes;
    }
    return done;
}

Result<Storage> ZipArchive::storage(const ZipEntry& entry, uint32_t shard) const
{
    return checkReadable(entry).map([&] {
        Storage storage;
        storage.kind = entry.isStored() ? StorageKind::Raw : StorageKind::Deflated;
        storage.shard = shard;
        storage.offset = entry.dataOffset;
        storage.nbytes = entry.nbytes;
        storage.packedNbytes = entry.isStored() ? 0 : entry.packedNbytes;
        storage.key = entry.name;
        return storage;
    });
}

Result<SourcePtr> ZipArchive::entrySource(const ZipEntry& entry, JobContext& job) const
{
    const std::string path = m_source->path() + "!" + entry.name;
    if (entry.isStored())
        return checkReadable(entry).map([&] { return subSource(m_source, entry.dataOffset, entry.nbytes, path); });
    return read(entry, job).map([&](std::vector<std::byte>&& bytes) { return memorySource(std::move(bytes), path); });
}

Result<uint64_t> verifyArchive(const SourcePtr& source, JobContext& job)
{
    return ZipArchive::open(source, job).and_then([&job](const ZipArchive& archive) { return archive.verifyAll(job); });
}

Result<uint64_t> verifyArchives(const Checkpoint& checkpoint, std::string_view format, JobContext& job)
{
    uint64_t compared = 0;
    for (const Shard& shard : checkpoint.shards) {
        const auto verified = shard.format == format && shard.source ? verifyArchive(shard.source, job) : Result<uint64_t>(0);
        if (!verified)
            return verified;
        compared += *verified;
    }
    return compared;
}

std::vector<std::string> zipNames(const SourcePtr& source)
{
    JobContext job;
    ZipArchive archive;
    archive.m_source = source;
    std::vector<std::string> names;
    if (!ZipDirectory(archive, job).readCentralOnly())
        return names;
    for (const ZipEntry& entry : archive.entries())
        names.push_back(entry.name);
    return names;
}

bool isBomb(const ZipEntry& entry)
{
    return entry.nbytes >= limits::bombNbytes && entry.nbytes / std::max<uint64_t>(1, entry.packedNbytes) >= limits::bombRatio;
}

} // namespace weighbridge
