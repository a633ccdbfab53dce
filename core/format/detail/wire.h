// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/source_reader.h"

#include <optional>
#include <vector>

namespace weighbridge {

/// One field of a protobuf message, not yet read: what is long is only located.
/// Encoding: https://protobuf.dev/programming-guides/encoding/
struct WireField {
    uint32_t number = 0;
    uint32_t type = 0;       ///< 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32
    uint64_t value = 0;      ///< of types 0, 1 and 5
    uint64_t offset = 0;     ///< of type 2: first byte of the content in the source
    uint64_t nbytes = 0;     ///< of type 2

    [[nodiscard]] bool isMessage(uint32_t wanted) const { return number == wanted && type == 2; }
    [[nodiscard]] bool isNumber(uint32_t wanted) const { return number == wanted && type == 0; }
};

/// Walks over the fields of one message in a source without reading the values that are skipped. Never recurses: a nested message
/// is walked by another WireMessage over the field's range.
class WireMessage {
public:
    WireMessage(const ByteSource& source, uint64_t offset, uint64_t nbytes) : m_source(source), m_reader(source, offset, 4096), m_end(offset + nbytes) {}
    WireMessage(const ByteSource& source, const WireField& field) : WireMessage(source, field.offset, field.nbytes) {}

    /// The next field, or nothing at the message's end. Errors: corrupt (wire type, varint, groups), truncated.
    Result<std::optional<WireField>> next();
    /// The content of a length-delimited field as text, capped.
    Result<std::string> text(const WireField& field) const;
    /// A repeated integer field, packed or single, appended to `out`; refuses more than `maximum` elements.
    Result<void> integers(const WireField& field, std::vector<int64_t>& out, size_t maximum) const;

private:
    Result<uint64_t> varint();
    [[nodiscard]] Error error(std::string message) const;

    const ByteSource& m_source;
    SourceReader m_reader;
    uint64_t m_end;
};

/// Calls `take(message, field)` for each field of a message until it returns an Error.
template <typename Take>
Result<void> eachField(WireMessage message, Take take)
{
    for (;;) {
        auto field = message.next();
        if (!field)
            return tl::unexpected(field.error());
        if (!*field)
            return {};
        if (auto taken = take(message, **field); !taken)
            return taken;
    }
}

} // namespace weighbridge
