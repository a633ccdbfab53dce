// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/crc32c.h"

#include "core/base/limits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace weighbridge {
namespace {

constexpr uint32_t reversedPolynomial = 0x82f63b78U;
using Tables = std::array<std::array<uint32_t, 256>, 8>;

/// tables[k][b]: what the byte b contributes when k bytes follow it (slicing by eight).
constexpr Tables makeTables()
{
    Tables tables{};
    for (uint32_t byte = 0; byte < 256; ++byte) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? reversedPolynomial : 0);
        tables[0][byte] = crc;
    }
    for (size_t k = 1; k < tables.size(); ++k)
        for (size_t byte = 0; byte < 256; ++byte)
            tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xff];
    return tables;
}

constexpr Tables tables = makeTables();
static_assert(std::endian::native == std::endian::little, "eight bytes at once are read as a little-endian number");

} // namespace

uint32_t crc32c(std::span<const std::byte> bytes, uint32_t before)
{
    uint32_t crc = ~before;
    while (bytes.size() >= 8) {
        uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof(word));
        word ^= crc;
        crc = 0;
        for (size_t i = 0; i < 8; ++i)
            crc ^= tables[7 - i][(word >> (8 * i)) & 0xff];
        bytes = bytes.subspan(8);
    }
    for (const std::byte byte : bytes)
        crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<uint32_t>(byte)) & 0xff];
    return ~crc;
}

Result<uint32_t> crc32cOf(const ByteSource& source, uint64_t offset, uint64_t nbytes, JobContext& job, uint32_t before)
{
    uint32_t crc = before;
    for (uint64_t done = 0; done < nbytes;) {
        if (job.cancelled())
            return failure(cancelledError());
        const auto bytes = source.read(offset + done, std::min(limits::blockNbytes, nbytes - done));
        if (!bytes)
            return tl::unexpected(bytes.error());
        crc = crc32c(*bytes, crc);
        done += bytes->size();
    }
    return crc;
}

} // namespace weighbridge
