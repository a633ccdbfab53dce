// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace weighbridge {

/// False in builds for fuzzing, where almost no input would get past a checksum.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr bool checksumsCount = false;
#else
inline constexpr bool checksumsCount = true;
#endif

/// CRC-32C (Castagnoli, RFC 3720) of `bytes`, continued from the CRC of what stood before them.
[[nodiscard]] uint32_t crc32c(std::span<const std::byte> bytes, uint32_t before = 0);

/// That of a range of a source. Errors: those of reading, cancelled.
[[nodiscard]] Result<uint32_t> crc32cOf(const ByteSource& source, uint64_t offset, uint64_t nbytes, JobContext& job, uint32_t before = 0);

/// The form in which LevelDB and TensorFlow store a CRC-32C: rotated and offset, so that a CRC over data with CRCs inside stays useful.
/// https://github.com/google/leveldb/blob/main/util/crc32c.h
[[nodiscard]] constexpr uint32_t maskedCrc32c(uint32_t crc)
{
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

} // namespace weighbridge
