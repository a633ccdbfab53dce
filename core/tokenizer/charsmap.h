// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The table of replacements that a sentencepiece model carries ("precompiled_charsmap"): a double-array trie over UTF-8 (darts-clone),
/// whose values are offsets into a list of texts that end with NUL.
class Charsmap {
public:
    /// Error `corrupt` if the sizes do not fit together.
    static Result<Charsmap> parse(std::string_view bytes);
    [[nodiscard]] std::string apply(std::string_view text) const;

private:
    /// What stands for a text: of the shortest entry that it begins with; null data if there is none.
    [[nodiscard]] std::string_view replacement(std::string_view text) const;

    std::vector<uint32_t> m_units;
    std::string m_texts;
};

} // namespace weighbridge
