// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"
#include "core/base/limits.h"
#include "core/checkpoint/checkpoint.h"
#include "core/diagnosis/finding.h"
#include "core/tensor/tensor_info.h"

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// One entry of a ZIP archive, as its central directory says and its local header confirms.
struct ZipEntry {
    std::string name;            ///< raw bytes of the file; for people through shown(); never used as a path
    uint16_t method = 0;         ///< 0 stored, 8 deflated; others can be listed, not read
    uint16_t flags = 0;
    uint32_t crc = 0;
    uint64_t packedNbytes = 0;
    uint64_t nbytes = 0;         ///< unpacked, as declared
    uint64_t headerOffset = 0;   ///< of the local header
    uint64_t dataOffset = 0;     ///< from the LOCAL header: torch pads its extra field there and only there

    [[nodiscard]] bool isStored() const { return method == 0; }
    [[nodiscard]] bool isFolder() const { return name.ends_with('/'); }
};

/// A ZIP archive over a source (torch zip, .keras, .npz). Immutable after open(); const calls from any thread.
///
///     auto archive = ZipArchive::open(candidate.source, job);          // Result<ZipArchive>
///     const ZipEntry* entry = archive->find("archive/data.pkl");       // null if there is none
///     auto bytes = archive->read(*entry, job);                         // unpacked, CRC verified
///     auto storage = archive->storage(*entry, 0);                      // Storage of a tensor, nothing read
///     checkpoint.findings = archive->findings();                       // bombs, path traversal, odd bytes around
///
/// Specification: PKWARE APPNOTE.TXT; zip64 included.
class ZipArchive {
public:
    ZipArchive(ZipArchive&&) = default;
    ZipArchive& operator=(ZipArchive&&) = default;

    /// Reads the directory and each local header, no data. Errors: truncated (no central directory; `readable` names what local
    /// headers still show), corrupt, encrypted, duplicate-key, overlapping-tensors, resource-bomb, checksum (the two headers differ), cancelled.
    static Result<ZipArchive> open(SourcePtr source, JobContext& job);

    /// What scanLocalHeaders() finds of an archive whose end is missing; nothing is checked, and of entries of one name the first counts.
    static ZipArchive salvage(SourcePtr source, JobContext& job);

    [[nodiscard]] const std::vector<ZipEntry>& entries() const { return m_entries; } ///< in the directory's order
    [[nodiscard]] const ZipEntry* find(std::string_view name) const;
    [[nodiscard]] const std::vector<Finding>& findings() const { return m_findings; }
    [[nodiscard]] const SourcePtr& source() const { return m_source; }
    /// Whether CRCs were written at all: torch.serialization.set_crc32_options(False) leaves 0 in every entry.
    [[nodiscard]] bool hasChecksums() const { return m_hasChecksums; }

    /// The unpacked bytes, CRC verified. Errors: resource-bomb (over `maximum`, or a declared ratio beyond the limit), checksum, corrupt,
    /// truncated, unsupported-version (a method other than stored or deflated).
    [[nodiscard]] Result<std::vector<std::byte>> read(const ZipEntry& entry, JobContext& job, uint64_t maximum = limits::inflatedEntryNbytes) const;
    /// Streams the unpacked bytes through the CRC check; same errors. Used to check data that read() never saw.
    [[nodiscard]] Result<void> verify(const ZipEntry& entry, JobContext& job) const;
    /// verify() for every entry: bytes that were compared, 0 if the archive has no checksums.
    [[nodiscard]] Result<uint64_t> verifyAll(JobContext& job) const;
    /// Where the values of an entry lie; `key` is the entry's name. Errors as read().
    [[nodiscard]] Result<Storage> storage(const ZipEntry& entry, uint32_t shard) const;
    /// The entry as a source of its own; a deflated one is unpacked into memory (same cap and check as read()).
    [[nodiscard]] Result<SourcePtr> entrySource(const ZipEntry& entry, JobContext& job) const;

private:
    friend class ZipDirectory;
    friend std::vector<std::string> zipNames(const SourcePtr& source);
    ZipArchive() = default;
    [[nodiscard]] Result<void> checkReadable(const ZipEntry& entry) const;

    SourcePtr m_source;
    std::vector<ZipEntry> m_entries;
    std::unordered_map<std::string_view, size_t> m_byName; ///< keys live in m_entries
    std::vector<Finding> m_findings;
    bool m_hasChecksums = true;
};

/// What the local headers of an archive without central directory (a cut file) still show. `nbytes` and `packedNbytes` run to the next
/// header, or to the end of the file for the last one, where the header itself does not know; padding may be included.
std::vector<ZipEntry> scanLocalHeaders(const ByteSource& source, JobContext& job);

/// ZipArchive::verifyAll() of an archive that is opened anew.
Result<uint64_t> verifyArchive(const SourcePtr& source, JobContext& job);
/// The same for each shard of a format: what Format::verify() of the archive formats does.
Result<uint64_t> verifyArchives(const Checkpoint& checkpoint, std::string_view format, JobContext& job);

/// The names in the central directory, nothing checked; empty if there is no directory. For probes.
std::vector<std::string> zipNames(const SourcePtr& source);

/// Whether a source ends as a ZIP archive without comment does, whatever it begins with.
bool endsAsZip(const ByteSource& source);

/// Whether bytes begin as a ZIP archive does (a local header, or an empty archive's end record).
bool looksLikeZip(std::span<const std::byte> head);

} // namespace weighbridge
