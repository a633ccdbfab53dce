// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/detail/torch_tensors.h"
#include "core/format/detail/zip.h"

#include <optional>
#include <string>

namespace weighbridge {

/// Where a pickle lies: `source` ends where the pickle must; offsets in it are those of the file, unless the entry is compressed.
struct PickleRange {
    SourcePtr source;
    uint64_t offset = 0;
};

/// A ZIP archive laid out as PyTorch does: everything below one root folder, a format version, a byte order.
class TorchArchive {
public:
    /// Errors of ZipArchive::open(), and unsupported-version, corrupt, not-a-checkpoint (an empty archive, or none of PyTorch's).
    static Result<TorchArchive> open(const SourcePtr& source, JobContext& job);

    /// Of an archive whose end is missing (a cut file), as far as its local headers show it. Errors: truncated (there is no entry).
    static Result<TorchArchive> salvage(const SourcePtr& source, JobContext& job);

    [[nodiscard]] const ZipArchive& zip() const { return m_zip; }
    [[nodiscard]] const std::string& root() const { return m_root; }     ///< "archive", without slash; empty if there is none
    [[nodiscard]] const ZipEntry* find(std::string_view name) const;     ///< below the root
    [[nodiscard]] std::string fullName(std::string_view name) const;
    [[nodiscard]] bool isBigEndian() const { return m_isBigEndian; }
    [[nodiscard]] std::string version() const { return m_version; }
    /// The checksums of a small archive (limits::verifiedAtOnceNbytes); nothing for larger ones: a finding that says which entry differs.
    [[nodiscard]] std::optional<Finding> verifyIfSmall(JobContext& job) const;
    /// A pickle entry, its checksum verified, so that it can be parsed. Errors: corrupt (there is none), empty, checksum and those of reading.
    [[nodiscard]] Result<PickleRange> pickleRange(std::string_view name, JobContext& job) const;

private:
    explicit TorchArchive(ZipArchive zip) : m_zip(std::move(zip)) {}
    Result<void> readVersion(JobContext& job);
    Result<void> readByteOrder(JobContext& job);
    [[nodiscard]] Result<std::string> smallText(const ZipEntry& entry, JobContext& job) const;

    ZipArchive m_zip;
    std::string m_root;
    std::string m_version;
    bool m_isBigEndian = false;
};

/// TorchArchive::verifyIfSmall() of any archive.
std::optional<Finding> damageIfSmall(const ZipArchive& zip, JobContext& job);

/// Storages as entries `<root>/<folder>/<key>`.
class ArchiveStorages final : public TorchStorages {
public:
    /// Of a cut archive (`isCut`) storages that are not there, or not whole, are given as lying behind the file's end.
    ArchiveStorages(const TorchArchive& archive, std::string folder, const ZipEntry* pickle, bool isCut = false)
        : m_archive(archive), m_folder(std::move(folder)), m_pickleEntry(pickle), m_isCut(isCut)
    {
    }
    [[nodiscard]] Result<TorchStorage> storage(const Pickle& pickle, PickleId persistent) const override;
    [[nodiscard]] std::optional<Storage> pickleBytes(uint64_t offset, uint64_t nbytes) const override;

private:
    const TorchArchive& m_archive;
    std::string m_folder;
    const ZipEntry* m_pickleEntry;
    bool m_isCut;
};

} // namespace weighbridge
