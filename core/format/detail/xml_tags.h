// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A tag of an XML document: <name key="value">, </name> or <name/>. The views are into the document, values as they stand there.
struct XmlTag {
    std::string_view name;
    std::vector<std::pair<std::string_view, std::string_view>> attributes;
    bool isEnd = false;   ///< </name>
    bool isEmpty = false; ///< <name/>
    size_t offset = 0;    ///< of its < in the document

    /// The value of an attribute with its entities resolved; nothing if there is none.
    [[nodiscard]] std::optional<std::string> attribute(std::string_view key) const;
};

/// Goes through the tags of a document one after another, past texts, comments, declarations and instructions; definitions of entities are never
/// read. Checks no nesting. https://www.w3.org/TR/xml/
class XmlTags {
public:
    explicit XmlTags(std::string_view document)
        : m_document(document)
    {
    }

    /// The next tag, or nothing at the document's end. Error truncated, corrupt with the byte.
    Result<std::optional<XmlTag>> next();

private:
    Result<std::optional<XmlTag>> readTag(size_t start);
    Result<bool> skipOther(size_t start);
    void skipSpace();

    std::string_view m_document;
    size_t m_position = 0;
};

} // namespace weighbridge
