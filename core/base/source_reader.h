// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_reader.h"
#include "core/base/byte_source.h"

#include <string>

namespace weighbridge {

/// Reads a header of unknown length from a source in order, a window at a time. A length that is announced is checked against the
/// source's end before anything is allocated.
class SourceReader {
public:
    /// `windowNbytes`: how much is read at once; small where most of the source is skipped.
    explicit SourceReader(const ByteSource& source, uint64_t position = 0, uint64_t windowNbytes = 256 * 1024)
        : m_source(source), m_position(position), m_windowNbytes(windowNbytes)
    {
    }

    [[nodiscard]] uint64_t position() const { return m_position; }
    [[nodiscard]] uint64_t remaining() const { return m_position > m_source.nbytes() ? 0 : m_source.nbytes() - m_position; }

    /// The next `count` bytes; valid until the next call.
    Result<std::span<const std::byte>> take(uint64_t count);
    Result<std::string> takeText(uint64_t count);
    Result<void> skip(uint64_t count);

    /// An unsigned number of seven bits a byte, the lowest first, as protobuf and LevelDB write it.
    Result<uint64_t> varint();

    template <typename T>
    Result<T> number(bool bigEndian)
    {
        return take(sizeof(T)).and_then([bigEndian](std::span<const std::byte> bytes) {
            ByteReader reader(bytes);
            return bigEndian ? reader.big<T>() : reader.little<T>();
        });
    }

private:
    const ByteSource& m_source;
    uint64_t m_position;
    uint64_t m_windowNbytes;
    std::vector<std::byte> m_window;
    uint64_t m_windowStart = 0;
};

} // namespace weighbridge
