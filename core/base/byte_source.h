// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weighbridge {

/// What tells one state of a file from another.
struct FileIdentity {
    uint64_t device = 0;
    uint64_t inode = 0;
    uint64_t nbytes = 0;
    int64_t modifiedNs = 0; ///< since the epoch
    bool operator==(const FileIdentity&) const = default;
};

/// Where a source lies in a file that the system has open.
struct DescriptorRange {
    int descriptor = -1;
    uint64_t offset = 0;
};

/// Something with a size from which ranges of bytes can be read. Const calls may come from several threads at once.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    [[nodiscard]] virtual uint64_t nbytes() const = 0;
    [[nodiscard]] virtual const std::string& path() const = 0;
    [[nodiscard]] virtual FileIdentity identity() const = 0;
    /// Fills `out` from `offset` on; Error `truncated` (with byte X of Y) if the bytes are not all there.
    virtual Result<void> readAt(uint64_t offset, std::span<std::byte> out) const = 0;
    /// For handing the source to another process; nothing if it is no range of a file. The descriptor lives as long as the source.
    [[nodiscard]] virtual std::optional<DescriptorRange> descriptorRange() const { return std::nullopt; }

    /// A range as a vector of its own. Checks against nbytes() before it allocates.
    [[nodiscard]] Result<std::vector<std::byte>> read(uint64_t offset, uint64_t count) const;
    /// At most `count` bytes from `offset` on; fewer at the end, none past it.
    [[nodiscard]] Result<std::vector<std::byte>> readUpTo(uint64_t offset, uint64_t count) const;
};

using SourcePtr = std::shared_ptr<const ByteSource>;

/// Opens a regular file for reading, with pread and without blocking on pipes or devices.
Result<SourcePtr> openFile(const std::string& path);

/// A range of another source, as a source of its own (a stored zip entry that is itself a file).
SourcePtr subSource(SourcePtr whole, uint64_t offset, uint64_t nbytes, std::string path);

/// Bytes in memory as a source.
SourcePtr memorySource(std::vector<std::byte> bytes, std::string path);

} // namespace weighbridge
