// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/pickle_text.h"

#include <charconv>
#include <cstdint>

namespace weighbridge {
namespace {

void appendUtf8(std::string& out, uint32_t code)
{
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (code >> 18 & 0x07));
        out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

/// `count` digits of `base` at `at`; nothing if they are not all there.
std::optional<uint32_t> digitsAt(std::string_view text, size_t at, size_t count, int base)
{
    if (at + count > text.size())
        return std::nullopt;
    uint32_t value = 0;
    const char* end = text.data() + at + count;
    const auto parsed = std::from_chars(text.data() + at, end, value, base);
    if (parsed.ec != std::errc() || parsed.ptr != end)
        return std::nullopt;
    return value;
}

/// Appends what the escape after a backslash stands for; gives the characters that it takes.
size_t unescape(std::string& out, std::string_view rest)
{
    constexpr std::string_view names = "abfnrtv\\'\"";
    constexpr std::string_view values = "\a\b\f\n\r\t\v\\'\"";
    if (const size_t known = names.find(rest[0]); known != std::string_view::npos) {
        out += values[known];
        return 1;
    }
    if (rest[0] == 'x') {
        if (const auto value = digitsAt(rest, 1, 2, 16)) {
            out += static_cast<char>(*value);
            return 3;
        }
    }
    size_t octal = 0;
    while (octal < 3 && octal < rest.size() && rest[octal] >= '0' && rest[octal] <= '7')
        ++octal;
    if (octal > 0) {
        out += static_cast<char>(*digitsAt(rest, 0, octal, 8));
        return octal;
    }
    out += '\\';
    return 0;
}

} // namespace

std::optional<std::string> decodeQuoted(std::string_view literal)
{
    if (literal.size() < 2 || (literal[0] != '\'' && literal[0] != '"') || literal.back() != literal[0])
        return std::nullopt;
    const std::string_view body = literal.substr(1, literal.size() - 2);
    std::string out;
    for (size_t i = 0; i < body.size();) {
        if (body[i] == '\\' && i + 1 < body.size()) {
            i += 1 + unescape(out, body.substr(i + 1));
        } else {
            out += body[i];
            ++i;
        }
    }
    return out;
}

std::string decodeRawUnicodeEscape(std::string_view text)
{
    std::string out;
    for (size_t i = 0; i < text.size();) {
        const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'u' || text[i + 1] == 'U');
        const size_t digits = escape && text[i + 1] == 'U' ? 8 : 4;
        const auto code = escape ? digitsAt(text, i + 2, digits, 16) : std::nullopt;
        if (code && *code < 0x110000) {
            appendUtf8(out, *code);
            i += 2 + digits;
        } else {
            appendUtf8(out, static_cast<uint8_t>(text[i]));
            ++i;
        }
    }
    return out;
}

std::optional<std::string> latin1FromUtf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        const auto lead = static_cast<uint8_t>(text[i]);
        if (lead < 0x80) {
            out += text[i];
            continue;
        }
        const bool two = (lead == 0xC2 || lead == 0xC3) && i + 1 < text.size() && (static_cast<uint8_t>(text[i + 1]) & 0xC0) == 0x80;
        if (!two)
            return std::nullopt;
        out += static_cast<char>((lead & 0x03) << 6 | (static_cast<uint8_t>(text[++i]) & 0x3F));
    }
    return out;
}

} // namespace weighbridge
