// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weighbridge {

/// Unpacks Zstandard frames (RFC 8878), one after another; what they declare about their size is not believed.
/// Errors: corrupt, truncated, resource-bomb (over `maximum` bytes).
Result<std::vector<std::byte>> unpackZstandard(std::span<const std::byte> packed, uint64_t maximum);

} // namespace weighbridge
