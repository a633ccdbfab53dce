// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// Reads a source forwards through a buffer. A failed call sets error() and gives a neutral value; the caller looks once per step.
class PickleInput {
public:
    PickleInput(const ByteSource& source, uint64_t offset) : m_source(source), m_bufferStart(offset) {}

    [[nodiscard]] uint64_t offset() const { return m_bufferStart + m_position; }
    [[nodiscard]] uint64_t remaining() const { return m_source.nbytes() - std::min(offset(), m_source.nbytes()); }
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }
    void fail(Error error);

    uint8_t byte()
    {
        if (m_position == m_buffer.size() && !refill(1))
            return 0;
        return static_cast<uint8_t>(m_buffer[m_position++]);
    }
    /// `count` (at most 8) bytes as a little-endian number.
    uint64_t little(size_t count);
    double bigDouble();
    /// `count` bytes; they live until the next call. At most 1 MiB.
    std::string_view take(size_t count);
    /// Up to and without the next newline; Error beyond `maximum` bytes.
    std::string line(size_t maximum);
    void skip(uint64_t count);
    /// Whether `count` bytes are there; else an Error that names `what`.
    bool has(uint64_t count, std::string_view what);

private:
    bool refill(size_t wanted);

    const ByteSource& m_source;
    std::vector<std::byte> m_buffer;
    uint64_t m_bufferStart;   ///< offset of the buffer's first byte in the source
    size_t m_position = 0;
    std::optional<Error> m_error;
};

} // namespace weighbridge
