// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/byte_reader.h"

#include <fmt/format.h>

namespace weighbridge {

Result<std::span<const std::byte>> ByteReader::take(uint64_t count)
{
    if (count > remaining())
        return failure(Error("truncated", fmt::format("The data end at byte {}, but {} more bytes are announced at byte {}.",
                                                      m_base + m_bytes.size(), count, fileOffset()))
                           .atByte(fileOffset())
                           .expecting(fmt::format("{} bytes", count))
                           .finding(fmt::format("{} bytes", remaining())));
    auto out = m_bytes.subspan(m_position, static_cast<size_t>(count));
    m_position += static_cast<size_t>(count);
    return out;
}

Result<std::string_view> ByteReader::takeText(uint64_t count)
{
    return take(count).map([](std::span<const std::byte> bytes) {
        return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
}

Result<void> ByteReader::skip(uint64_t count)
{
    return take(count).map([](auto) {});
}

Result<void> ByteReader::seek(size_t position)
{
    if (position > m_bytes.size())
        return failure(Error("truncated", fmt::format("The data end at byte {}, before byte {}.", m_base + m_bytes.size(),
                                                      m_base + position))
                           .atByte(m_base + m_bytes.size()));
    m_position = position;
    return {};
}

} // namespace weighbridge
