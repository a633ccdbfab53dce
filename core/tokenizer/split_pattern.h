// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A stretch of a text: where the pattern matches, or what lies between two matches.
struct Stretch {
    size_t begin = 0;
    size_t end = 0;
    bool isMatch = false;
};

/// A regular expression of a tokenizer (Oniguruma's dialect as far as PCRE2 has it), Unicode-aware. Any thread.
class SplitPattern {
public:
    /// Error `corrupt` if it is none.
    static Result<SplitPattern> compile(const std::string& expression);
    /// Matches that text and nothing else.
    static SplitPattern literal(const std::string& text);

    /// The whole text as stretches in order, none of them empty. A search that costs too much counts as "no match".
    [[nodiscard]] std::vector<Stretch> stretches(std::string_view text) const;

private:
    struct Code;
    std::string m_literal;
    std::shared_ptr<const Code> m_code; ///< null: the literal counts
};

} // namespace weighbridge
