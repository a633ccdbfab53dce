// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A file in a tar archive, as POSIX.1-1988 (ustar) and GNU tar have it.
struct TarEntry {
    std::string name;    ///< without ./ in front
    uint64_t offset = 0; ///< of its content in the archive
    uint64_t end = 0;    ///< exclusive
};

struct TarDirectory {
    std::vector<TarEntry> entries; ///< regular files, in the archive's order
    bool isEnded = false;          ///< the two blocks of zeros at the end are there
};

inline constexpr size_t tarBlockNbytes = 512;

/// The name of the entry that a header is of, as far as the header has room for it.
[[nodiscard]] std::string_view tarNameIn(std::span<const std::byte> header);
/// Whether the bytes begin with a header that says ustar (the first tar archives of PyTorch do not).
[[nodiscard]] bool isUstar(std::span<const std::byte> head);

/// Errors: truncated, corrupt, duplicate-key, resource-bomb.
Result<TarDirectory> readTar(const ByteSource& source);

} // namespace weighbridge
