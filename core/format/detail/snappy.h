// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weighbridge {

/// Unpacks one raw Snappy block, as table files hold them; refuses more than `maximum` bytes. Errors: corrupt, resource-bomb.
/// https://github.com/google/snappy/blob/main/format_description.txt
Result<std::vector<std::byte>> unpackSnappy(std::span<const std::byte> packed, uint64_t maximum);

} // namespace weighbridge
