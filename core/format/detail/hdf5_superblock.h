// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"

#include <optional>
#include <span>

namespace weighbridge {

/// The first structure of an HDF5 file, as far as it says where the rest must be.
struct Hdf5Superblock {
    uint64_t start = 0;         ///< byte of the signature: 0, or behind a user block
    unsigned version = 0;
    uint64_t endOfFile = 0;     ///< size that the file had when it was written
    uint64_t rootAddress = 0;   ///< byte of the root group's object header
};

/// Whether the first bytes hold the signature, at 0 or behind a user block, or most of it (a damaged or cut file names itself).
[[nodiscard]] bool looksLikeHdf5(std::span<const std::byte> head);

/// Reads and checks it against the file's size, before any library sees the file. Errors: truncated (byte X of Y), corrupt, unsupported-version.
Result<Hdf5Superblock> readHdf5Superblock(const ByteSource& source);

} // namespace weighbridge
