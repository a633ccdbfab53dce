// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What tokenizers need of Unicode, over UTF-8. The reference's tables are older than ICU's, so that newer characters have no category there:
/// where it matters, what came later than its version counts as unassigned.
namespace weighbridge::unicode {

enum class Form : uint8_t { C, D, KC, KD };

/// The text with each byte that is no UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string valid(std::string_view text);
/// The first character of a text that is valid and not empty, and its bytes.
struct Character {
    char32_t code = 0;
    std::string_view bytes;
};
[[nodiscard]] Character firstCharacter(std::string_view text);
[[nodiscard]] std::vector<Character> characters(std::string_view text);
[[nodiscard]] size_t characterCount(std::string_view text);
void append(std::string& text, char32_t code);

[[nodiscard]] std::string normalized(const std::string& text, Form form);
/// Character by character: no final sigma.
[[nodiscard]] std::string lowered(std::string_view text);
/// Extended grapheme clusters.
[[nodiscard]] std::vector<std::string_view> graphemes(std::string_view text);

[[nodiscard]] bool isWhiteSpace(char32_t code);
[[nodiscard]] bool isControl(char32_t code);          ///< Cc, Cf, Co; tab and line ends are none
[[nodiscard]] bool isPunctuation(char32_t code);      ///< P*, and what of ASCII is neither letter, digit nor space
[[nodiscard]] bool isNonspacingMark(char32_t code);   ///< Mn
[[nodiscard]] bool isMark(char32_t code);             ///< M*
[[nodiscard]] bool isNumeric(char32_t code);          ///< N*
[[nodiscard]] bool isWord(char32_t code);             ///< as \w
[[nodiscard]] bool isChinese(char32_t code);          ///< as BERT's tokenizer understands it

} // namespace weighbridge::unicode
