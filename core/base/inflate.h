// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace weighbridge {

/// A raw deflate stream (RFC 1951) inside a source.
struct DeflatedRange {
    uint64_t offset = 0;        ///< first byte in the source
    uint64_t packedNbytes = 0;
    uint64_t nbytes = 0;        ///< what it must unpack to, exactly
    std::string name;           ///< for messages
};

/// Unpacks a range and hands it out in blocks that hold whole multiples of `unit` bytes (the last one excepted);
/// `take` returning false stops without an Error. Never unpacks more than `nbytes`. Errors: corrupt, cancelled, or of the source.
Result<void> inflateRange(const ByteSource& source, const DeflatedRange& range, uint64_t unit, JobContext& job,
                          const std::function<bool(std::span<std::byte>)>& take);

/// Unpacks a whole zlib or gzip stream (RFC 1950, RFC 1952) in memory. Errors: corrupt, truncated, resource-bomb (over `maximum` bytes).
Result<std::vector<std::byte>> unpackDeflated(std::span<const std::byte> packed, uint64_t maximum);

} // namespace weighbridge
