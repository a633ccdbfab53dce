// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {
namespace {

struct CodePoint {
    uint32_t value = 0;
    size_t nbytes = 0; ///< 0: not UTF-8
};

/// Decodes the first code point; refuses overlong forms, surrogates and values past U+10FFFF (RFC 3629).
CodePoint decode(std::string_view text)
{
    const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
    const uint8_t first = byte(0);
    if (first < 0x80)
        return {first, 1};
    const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length)
        return {};
    uint32_t value = first & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80)
            return {};
        value = value << 6 | (byte(i) & 0x3Fu);
    }
    constexpr std::array<uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool allowed = value >= smallest[length] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    return allowed ? CodePoint{value, length} : CodePoint{};
}

bool isHidden(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x200E || code == 0x200F || code == 0x061C || code == 0xFEFF
        || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029;
}

} // namespace

std::string formatNbytes(uint64_t nbytes)
{
    if (nbytes < 1024)
        return fmt::format("{}\u202fB", nbytes);
    constexpr std::array<const char*, 6> units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(nbytes) / 1024;
    size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format(fmt::runtime(value < 99.95 ? "{:.1f}\u202f{}" : "{:.0f}\u202f{}"), value, units[unit]);
}

std::string groupDigits(uint64_t number, std::string_view separator)
{
    const std::string digits = fmt::format("{}", number);
    std::string out;
    for (size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0)
            out += separator;
        out += digits[i];
    }
    return out;
}

std::string formatPercent(uint64_t part, uint64_t whole)
{
    if (whole == 0 || part == 0)
        return "0\u202f%";
    if (part >= whole)
        return "100\u202f%";
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    return fmt::format("{:.1f}\u202f%", std::clamp(std::floor(percent * 10) / 10, 0.1, 99.9));
}

std::string formatShape(const std::vector<int64_t>& shape)
{
    return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, " x "));
}

std::string shown(std::string_view text, size_t maximum)
{
    if (text.size() <= maximum && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; }))
        return std::string(text);
    std::string out;
    while (!text.empty()) {
        if (out.size() >= maximum)
            return out + "…";
        const CodePoint code = decode(text);
        if (code.nbytes == 0)
            out += fmt::format("\\x{:02x}", static_cast<uint8_t>(text[0]));
        else if (isHidden(code.value))
            out += fmt::format(fmt::runtime(code.value < 0x80 ? "\\x{:02x}" : "\\u{{{:x}}}"), code.value);
        else
            out += text.substr(0, code.nbytes);
        text.remove_prefix(std::max<size_t>(code.nbytes, 1));
    }
    return out;
}

std::string formatIndices(std::vector<int64_t> indices)
{
    std::sort(indices.begin(), indices.end());
    indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
    std::vector<std::string> parts;
    for (size_t i = 0; i < indices.size();) {
        size_t last = i;
        while (last + 1 < indices.size() && indices[last + 1] == indices[last] + 1)
            ++last;
        if (last >= i + 2)
            parts.push_back(fmt::format("{}–{}", indices[i], indices[last]));
        else
            for (size_t k = i; k <= last; ++k)
                parts.push_back(fmt::format("{}", indices[k]));
        i = last + 1;
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

bool isValidUtf8(std::string_view text)
{
    while (!text.empty()) {
        const CodePoint code = decode(text);
        if (code.nbytes == 0)
            return false;
        text.remove_prefix(code.nbytes);
    }
    return true;
}

std::string lowered(std::string_view ascii)
{
    std::string out(ascii);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

} // namespace weighbridge
