// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/detail/zip.h"

namespace weighbridge {

/// Fills a ZipArchive from the end record, the central directory and the local headers. Part of zip.h; used by ZipArchive::open() alone.
class ZipDirectory {
public:
    ZipDirectory(ZipArchive& archive, JobContext& job) : m_archive(archive), m_source(*archive.m_source), m_job(job) {}
    Result<void> read();

private:
    struct EndRecord {
        uint64_t offset = 0;          ///< of the first of the end records: the directory lies before it
        uint64_t entries = 0;
        uint64_t directoryNbytes = 0;
        uint64_t directoryOffset = 0;
    };

    [[nodiscard]] Error error(std::string rule, std::string message) const;
    [[nodiscard]] Error corrupt(std::string message, uint64_t byte) const;
    [[nodiscard]] Error withoutDirectory() const;
    Result<EndRecord> findEnd();
    Result<EndRecord> parseEnd(std::span<const std::byte> tail, size_t position, uint64_t tailOffset);
    Result<EndRecord> readZip64(EndRecord end, uint64_t locatorOffset) const;
    Result<void> readCentral(const EndRecord& end);
    Result<ZipEntry> readCentralEntry(class ByteReader& reader) const;
    Result<void> checkEntry(const ZipEntry& entry) const;
    Result<void> indexNames();
    Result<void> checkOffsets(const EndRecord& end) const;
    Result<void> readLocal(ZipEntry& entry, uint64_t limit);
    Result<void> compareLocal(const ZipEntry& entry, std::span<const std::byte> header, std::span<const std::byte> nameAndExtra) const;
    Result<void> checkSpans(const EndRecord& end) const;
    [[nodiscard]] Error overlap(const ZipEntry& first, const ZipEntry& second) const;
    [[nodiscard]] std::vector<const ZipEntry*> byOffset() const;
    void note(const EndRecord& end);

    ZipArchive& m_archive;
    const ByteSource& m_source;
    JobContext& m_job;
    uint64_t m_trailing = 0; ///< bytes after the end record
};

/// Whether the declared size is beyond the ratio and the size that limits.h allows.
[[nodiscard]] bool isBomb(const ZipEntry& entry);

} // namespace weighbridge
