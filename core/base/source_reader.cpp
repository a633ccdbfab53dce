// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/source_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {

Result<std::span<const std::byte>> SourceReader::take(uint64_t count)
{
    if (count > remaining())
        return failure(Error("truncated", fmt::format("The file stops at byte {}, but {} more bytes are announced at byte {}.", m_source.nbytes(), count, m_position))
                           .at(m_source.path()).atByte(m_position).expecting(fmt::format("{} bytes", count)).finding(fmt::format("{} bytes", remaining()))
                           .fixedBy("Download or copy the file again."));
    const bool isInside = m_position >= m_windowStart && m_position - m_windowStart <= m_window.size() && count <= m_window.size() - (m_position - m_windowStart);
    if (!isInside) {
        auto window = m_source.readUpTo(m_position, std::max(count, m_windowNbytes));
        if (!window)
            return tl::unexpected(window.error());
        m_window = std::move(*window);
        m_windowStart = m_position;
    }
    const auto out = std::span<const std::byte>(m_window).subspan(static_cast<size_t>(m_position - m_windowStart), static_cast<size_t>(count));
    m_position += count;
    return out;
}

Result<std::string> SourceReader::takeText(uint64_t count)
{
    return take(count).map([](std::span<const std::byte> bytes) { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); });
}

Result<uint64_t> SourceReader::varint()
{
    const uint64_t start = m_position;
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = number<uint8_t>(false);
        if (!byte)
            return tl::unexpected(byte.error());
        value |= uint64_t(*byte & 0x7F) << shift;
        if (*byte < 0x80)
            return value;
    }
    return failure(Error("corrupt", fmt::format("The number at byte {} has more than 10 bytes.", start)).at(m_source.path()).atByte(start));
}

Result<void> SourceReader::skip(uint64_t count)
{
    if (count > remaining())
        return take(count).map([](auto) {}); // for its Error
    m_position += count;
    return {};
}

} // namespace weighbridge
