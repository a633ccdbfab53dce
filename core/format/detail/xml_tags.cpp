// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/xml_tags.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace weighbridge {
namespace {

constexpr std::string_view space = " \t\r\n";
constexpr size_t mostAttributes = 256;

Error cut(size_t byte)
{
    return Error("truncated", "The XML document ends inside a tag: it is cut.").atByte(byte);
}

Error broken(size_t byte)
{
    return Error("corrupt", "This is no well-formed XML.").atByte(byte);
}

/// The character that &lt; and the like, or &#65; and &#x41; of ASCII, stand for; 0 for others.
char character(std::string_view entity)
{
    constexpr std::array<std::pair<std::string_view, char>, 5> known{{{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}}};
    for (const auto& [name, c] : known)
        if (name == entity)
            return c;
    if (!entity.starts_with('#'))
        return 0;
    const bool isHex = entity.starts_with("#x");
    int code = 0;
    const std::string_view digits = entity.substr(isHex ? 2 : 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code, isHex ? 16 : 10);
    return parsed.ec == std::errc() && code > 0 && code < 128 ? static_cast<char>(code) : '\0';
}

} // namespace

std::optional<std::string> XmlTag::attribute(std::string_view key) const
{
    const auto found = std::find_if(attributes.begin(), attributes.end(), [key](const auto& entry) { return entry.first == key; });
    if (found == attributes.end())
        return std::nullopt;
    std::string out;
    for (std::string_view rest = found->second; !rest.empty();) {
        const size_t end = rest[0] == '&' ? rest.find(';') : std::string_view::npos;
        const char c = end == std::string_view::npos ? '\0' : character(rest.substr(1, end - 1));
        out += c == 0 ? rest[0] : c;
        rest.remove_prefix(c == 0 ? 1 : end + 1);
    }
    return out;
}

Result<std::optional<XmlTag>> XmlTags::next()
{
    for (;;) {
        const size_t start = m_document.find('<', m_position);
        if (start == std::string_view::npos)
            return std::nullopt;
        m_position = start;
        const auto skipped = skipOther(start);
        if (!skipped)
            return tl::unexpected(skipped.error());
        if (!*skipped)
            return readTag(start);
    }
}

Result<bool> XmlTags::skipOther(size_t start)
{
    struct Other {
        std::string_view start, end;
    };
    constexpr std::array<Other, 4> others{{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}}};
    const std::string_view rest = m_document.substr(start);
    const auto other = std::find_if(others.begin(), others.end(), [rest](const Other& row) { return rest.starts_with(row.start); });
    if (other == others.end())
        return false;
    const size_t end = rest.find(other->end, other->start.size());
    if (end == std::string_view::npos)
        return failure(cut(m_document.size()));
    m_position = start + end + other->end.size();
    return true;
}

void XmlTags::skipSpace()
{
    m_position = std::min(m_document.find_first_not_of(space, m_position), m_document.size());
}

Result<std::optional<XmlTag>> XmlTags::readTag(size_t start)
{
    XmlTag tag;
    tag.offset = start;
    m_position = start + 1;
    if (m_position < m_document.size() && m_document[m_position] == '/') {
        tag.isEnd = true;
        ++m_position;
    }
    const auto word = [this] {
        const size_t end = std::min(m_document.find_first_of(" \t\r\n=/>", m_position), m_document.size());
        const std::string_view out = m_document.substr(m_position, end - m_position);
        m_position = end;
        return out;
    };
    tag.name = word();
    for (skipSpace(); m_position < m_document.size(); skipSpace()) {
        const char c = m_document[m_position];
        if (c == '>') {
            ++m_position;
            return tag.name.empty() ? Result<std::optional<XmlTag>>(failure(broken(start))) : std::optional(std::move(tag));
        }
        if (c == '/') {
            tag.isEmpty = true;
            ++m_position;
            continue;
        }
        const std::string_view key = word();
        skipSpace();
        const size_t quote = m_document.find_first_not_of(space, m_position + 1);
        if (m_position >= m_document.size() || quote == std::string_view::npos)
            return failure(cut(m_document.size()));
        if (key.empty() || m_document[m_position] != '=' || (m_document[quote] != '"' && m_document[quote] != '\'') ||
            tag.attributes.size() == mostAttributes)
            return failure(broken(m_position));
        const size_t end = m_document.find(m_document[quote], quote + 1);
        if (end == std::string_view::npos)
            return failure(cut(m_document.size()));
        tag.attributes.emplace_back(key, m_document.substr(quote + 1, end - quote - 1));
        m_position = end + 1;
    }
    return failure(cut(m_document.size()));
}

} // namespace weighbridge
