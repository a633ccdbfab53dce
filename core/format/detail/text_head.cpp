// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/text_head.h"

#include "core/base/text.h"

#include <algorithm>

namespace weighbridge {

std::string_view textHead(const Candidate& candidate)
{
    const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
    const bool isText = std::none_of(head.begin(), head.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; });
    return isText ? head : std::string_view();
}

std::string lowerFileName(const std::string& path)
{
    return lowered(std::string_view(path).substr(path.rfind('/') + 1)); // npos + 1 is 0
}

} // namespace weighbridge
