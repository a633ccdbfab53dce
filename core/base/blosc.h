// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weighbridge {

/// Unpacks a Blosc 1 buffer (https://github.com/Blosc/c-blosc/blob/main/README_CHUNK_FORMAT.rst); its header is compared with what is there first.
/// Errors: corrupt, truncated, resource-bomb (over `maximum` bytes).
Result<std::vector<std::byte>> unpackBlosc(std::span<const std::byte> packed, uint64_t maximum);

} // namespace weighbridge
