// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/charsmap.h"

#include "core/base/byte_reader.h"
#include "core/tokenizer/unicode.h"

namespace weighbridge {
namespace {

constexpr size_t shortNbytes = 6; ///< clusters below this are looked up as a whole

// A unit of darts-clone, https://github.com/s-yata/darts-clone: bit 31 a value, bits 0-7 the label, bit 8 a value follows, the offset above.
bool hasLeaf(uint32_t unit) { return (unit >> 8 & 1) != 0; }
uint32_t valueOf(uint32_t unit) { return unit & 0x7FFFFFFF; }
uint32_t labelOf(uint32_t unit) { return unit & 0x800000FF; }
uint32_t offsetOf(uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); }

} // namespace

Result<Charsmap> Charsmap::parse(std::string_view bytes)
{
    ByteReader reader(std::as_bytes(std::span(bytes)));
    const auto nbytes = reader.little<uint32_t>();
    if (!nbytes || *nbytes % sizeof(uint32_t) != 0 || *nbytes > reader.remaining())
        return failure("corrupt", "The tokenizer's table of characters (precompiled_charsmap) is cut off.");
    Charsmap map;
    map.m_units.resize(*nbytes / sizeof(uint32_t));
    for (uint32_t& unit : map.m_units)
        unit = *reader.little<uint32_t>();
    map.m_texts = bytes.substr(sizeof(uint32_t) + *nbytes);
    return map;
}

std::string_view Charsmap::replacement(std::string_view text) const
{
    if (m_units.empty())
        return {};
    uint32_t position = offsetOf(m_units[0]);
    for (const char c : text) {
        const uint32_t byte = static_cast<uint8_t>(c);
        position ^= byte;
        if (byte == 0 || position >= m_units.size() || labelOf(m_units[position]) != byte)
            return {};
        const uint32_t unit = m_units[position];
        position ^= offsetOf(unit);
        if (!hasLeaf(unit))
            continue;
        if (position >= m_units.size() || valueOf(m_units[position]) >= m_texts.size())
            return {};
        const size_t start = valueOf(m_units[position]);
        const size_t end = std::min(m_texts.find('\0', start), m_texts.size());
        return std::string_view(m_texts).substr(start, end - start);
    }
    return {};
}

std::string Charsmap::apply(std::string_view text) const
{
    std::string out;
    out.reserve(text.size());
    for (const std::string_view cluster : unicode::graphemes(text)) {
        const std::string_view whole = cluster.size() < shortNbytes ? replacement(cluster) : std::string_view();
        if (whole.data()) {
            out += whole;
            continue;
        }
        for (const unicode::Character& character : unicode::characters(cluster)) {
            const std::string_view one = replacement(character.bytes);
            out += one.data() ? one : character.bytes;
        }
    }
    return out;
}

} // namespace weighbridge
