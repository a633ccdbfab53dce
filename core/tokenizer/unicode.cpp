// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/unicode.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <memory>

namespace weighbridge::unicode {
namespace {

/// Versions of Unicode that the reference's tables have: categories, marks, decompositions.
constexpr uint8_t categoriesVersion = 8;
constexpr uint8_t marksVersion = 9;
const char* const normalizationAge = "[:age=12.0:]";

bool isOlderThan(char32_t code, uint8_t version)
{
    UVersionInfo age;
    u_charAge(static_cast<UChar32>(code), age);
    return age[0] > 0 && age[0] <= version;
}

bool hasCategory(char32_t code, uint32_t mask, uint8_t version)
{
    return (U_GET_GC_MASK(static_cast<UChar32>(code)) & mask) != 0 && isOlderThan(code, version);
}

const icu::Normalizer2* baseOf(Form form, UErrorCode& status)
{
    switch (form) {
    case Form::C: return icu::Normalizer2::getNFCInstance(status);
    case Form::D: return icu::Normalizer2::getNFDInstance(status);
    case Form::KC: return icu::Normalizer2::getNFKCInstance(status);
    case Form::KD: return icu::Normalizer2::getNFKDInstance(status);
    }
    return nullptr;
}

const icu::UnicodeSet& normalizedCharacters()
{
    static const icu::UnicodeSet set = [] {
        UErrorCode status = U_ZERO_ERROR;
        icu::UnicodeSet characters(icu::UnicodeString(normalizationAge), status);
        characters.freeze();
        return characters;
    }();
    return set;
}

} // namespace

std::string valid(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
    const auto size = static_cast<int32_t>(text.size());
    for (int32_t i = 0; i < size;) {
        UChar32 code = 0;
        U8_NEXT(bytes, i, size, code);
        append(out, code < 0 ? U'\uFFFD' : static_cast<char32_t>(code));
    }
    return out;
}

Character firstCharacter(std::string_view text)
{
    const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
    int32_t i = 0;
    UChar32 code = 0;
    U8_NEXT_OR_FFFD(bytes, i, static_cast<int32_t>(std::min<size_t>(text.size(), 4)), code);
    return {static_cast<char32_t>(code), text.substr(0, static_cast<size_t>(i))};
}

std::vector<Character> characters(std::string_view text)
{
    std::vector<Character> out;
    out.reserve(text.size());
    while (!text.empty()) {
        out.push_back(firstCharacter(text));
        text.remove_prefix(out.back().bytes.size());
    }
    return out;
}

size_t characterCount(std::string_view text)
{
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

void append(std::string& text, char32_t code)
{
    std::array<uint8_t, 4> bytes{};
    int32_t count = 0;
    U8_APPEND_UNSAFE(bytes.data(), count, code);
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<size_t>(count));
}

std::string normalized(const std::string& text, Form form)
{
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* base = baseOf(form, status);
    if (U_FAILURE(status) || !base)
        return text;
    const icu::FilteredNormalizer2 normalizer(*base, normalizedCharacters());
    icu::UnicodeString wide;
    normalizer.normalize(icu::UnicodeString::fromUTF8(text), wide, status);
    std::string out;
    wide.toUTF8String(out);
    return U_FAILURE(status) ? text : out;
}

std::string lowered(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const Character& character : characters(text)) {
        append(out, static_cast<char32_t>(u_tolower(static_cast<UChar32>(character.code))));
        if (character.code == U'\u0130') // the one letter whose small form is two characters
            append(out, U'\u0307');
    }
    return out;
}

std::vector<std::string_view> graphemes(std::string_view text)
{
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<UBreakIterator, decltype(&ubrk_close)> breaks(ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &status), &ubrk_close);
    std::unique_ptr<UText, decltype(&utext_close)> source(utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &status), &utext_close);
    ubrk_setUText(breaks.get(), source.get(), &status);
    if (U_FAILURE(status))
        return {text};
    std::vector<std::string_view> out;
    int32_t start = ubrk_first(breaks.get());
    for (int32_t end = ubrk_next(breaks.get()); end != UBRK_DONE; end = ubrk_next(breaks.get())) {
        out.push_back(text.substr(static_cast<size_t>(start), static_cast<size_t>(end - start)));
        start = end;
    }
    return out;
}

bool isWhiteSpace(char32_t code)
{
    return u_isUWhiteSpace(static_cast<UChar32>(code));
}

bool isControl(char32_t code)
{
    if (code == U'\t' || code == U'\n' || code == U'\r')
        return false;
    return hasCategory(code, U_GC_CC_MASK | U_GC_CF_MASK, categoriesVersion) || (U_GET_GC_MASK(static_cast<UChar32>(code)) & U_GC_CO_MASK) != 0;
}

bool isPunctuation(char32_t code)
{
    if (code < 0x80)
        return code > U' ' && code < 0x7F && !u_isalnum(static_cast<UChar32>(code));
    // punctuation once, something else since
    return hasCategory(code, U_GC_P_MASK, categoriesVersion) || code == 0x111C9 || code == 0x166D;
}

bool isNonspacingMark(char32_t code)
{
    return hasCategory(code, U_GC_MN_MASK, categoriesVersion);
}

bool isMark(char32_t code)
{
    return hasCategory(code, U_GC_M_MASK, marksVersion);
}

bool isNumeric(char32_t code)
{
    return (U_GET_GC_MASK(static_cast<UChar32>(code)) & U_GC_N_MASK) != 0;
}

bool isWord(char32_t code)
{
    const auto c = static_cast<UChar32>(code);
    return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || (U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0 || u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL);
}

bool isChinese(char32_t code)
{
    static constexpr std::array<std::array<char32_t, 2>, 8> ranges{{{0x4E00, 0x9FFF}, {0x3400, 0x4DBF}, {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
                                                                    {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF}, {0x2F800, 0x2FA1F}}};
    return std::any_of(ranges.begin(), ranges.end(), [code](const auto& range) { return code >= range[0] && code <= range[1]; });
}

} // namespace weighbridge::unicode
