// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/checked.h"
#include "core/base/result.h"

#include <bit>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace weighbridge {

/// Reads numbers and ranges from bytes in memory; never reads past their end.
/// `base` is where the bytes lie in the file, so that an error names the byte of the file.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::byte> bytes, uint64_t base = 0) : m_bytes(bytes), m_base(base) {}

    [[nodiscard]] size_t position() const { return m_position; }
    [[nodiscard]] size_t remaining() const { return m_bytes.size() - m_position; }
    [[nodiscard]] size_t size() const { return m_bytes.size(); }
    [[nodiscard]] bool atEnd() const { return remaining() == 0; }
    [[nodiscard]] uint64_t fileOffset() const { return m_base + m_position; }

    /// Moves to `position`, counted from the first byte; Error if that is past the end.
    Result<void> seek(size_t position);
    Result<void> skip(uint64_t count);
    /// The next `count` bytes; they live as long as what the reader was made from.
    Result<std::span<const std::byte>> take(uint64_t count);
    Result<std::string_view> takeText(uint64_t count);

    template <typename T>
    Result<T> little() { return number<T, std::endian::little>(); }
    template <typename T>
    Result<T> big() { return number<T, std::endian::big>(); }

private:
    template <typename T, std::endian order>
    Result<T> number()
    {
        auto bytes = take(sizeof(T));
        if (!bytes)
            return tl::unexpected(bytes.error());
        std::byte raw[sizeof(T)];
        for (size_t i = 0; i < sizeof(T); ++i)
            raw[i] = (*bytes)[order == std::endian::native ? i : sizeof(T) - 1 - i];
        T out;
        std::memcpy(&out, raw, sizeof(T));
        return out;
    }

    std::span<const std::byte> m_bytes;
    uint64_t m_base = 0;
    size_t m_position = 0;
};

} // namespace weighbridge
