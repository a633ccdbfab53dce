// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/prefix_table.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// A token that is recognised as a whole in the text, before the model sees it.
struct AddedToken {
    std::string content;
    int64_t id = 0;
    bool isSingleWord = false;
    bool takesLeft = false;    ///< the white space before it belongs to it
    bool takesRight = false;
    bool isNormalized = false; ///< looked for in the normalized text, normalized itself
    bool isSpecial = false;
};

/// A part of a text: a token that was recognised, or what is still to be divided (id -1).
struct TextPart {
    std::string text;
    int64_t id = -1;
    bool isFirst = false; ///< the text begins with it
};

class AddedTokens {
public:
    AddedTokens() = default;
    AddedTokens(const AddedTokens&) = delete; ///< the tables point into m_contents
    AddedTokens& operator=(const AddedTokens&) = delete;

    /// From "added_tokens" of a tokenizer.json. Errors: corrupt, resource-bomb.
    Result<void> read(const Value* json, const Normalizer& normalizer);
    /// The text with its added tokens taken out and the rest normalized.
    [[nodiscard]] Result<std::vector<TextPart>> split(const std::string& text, const Normalizer& normalizer) const;
    [[nodiscard]] const std::vector<AddedToken>& all() const { return m_tokens; }

private:
    [[nodiscard]] std::vector<TextPart> splitBy(const PrefixTable& table, const std::string& text) const;

    std::vector<AddedToken> m_tokens;
    std::deque<std::string> m_contents; ///< of the normalized ones, after normalization
    PrefixTable m_raw;                  ///< ids are indices into m_tokens
    PrefixTable m_normalized;
};

} // namespace weighbridge
