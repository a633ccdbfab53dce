// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/split_pattern.h"

#include "core/base/text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <array>
#include <optional>

namespace weighbridge {
namespace {

constexpr size_t maximumLength = 65536;
constexpr uint32_t matchLimit = 10'000'000;
constexpr uint32_t heapLimitKiB = 16 * 1024;
/// White_Space of Unicode: PCRE2's \s holds U+180E too, Oniguruma's does not.
constexpr std::string_view whiteSpace = "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";

/// The expression with \s and \S spelt out.
std::string withWhiteSpace(const std::string& expression)
{
    std::string out;
    bool isInClass = false;
    for (size_t i = 0; i < expression.size(); ++i) {
        const char c = expression[i];
        if (c != '\\' || i + 1 == expression.size()) {
            if (c == '[')
                isInClass = true;
            else if (c == ']')
                isInClass = false;
            out += c;
            continue;
        }
        const char escaped = expression[++i];
        if (escaped == 's')
            out += isInClass ? std::string(whiteSpace) : fmt::format("[{}]", whiteSpace);
        else if (escaped == 'S' && !isInClass)
            out += fmt::format("[^{}]", whiteSpace);
        else
            out += {c, escaped};
    }
    return out;
}

} // namespace

struct SplitPattern::Code {
    std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code{nullptr, &pcre2_code_free};
};

Result<SplitPattern> SplitPattern::compile(const std::string& expression)
{
    int error = 0;
    PCRE2_SIZE offset = 0;
    auto code = std::make_shared<Code>();
    const std::string spelt = withWhiteSpace(expression);
    if (spelt.size() <= maximumLength)
        code->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(spelt.data()), spelt.size(), PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr));
    if (!code->code)
        return failure("corrupt", fmt::format("The tokenizer's regular expression `{}` cannot be read.", shown(expression)));
    pcre2_jit_compile(code->code.get(), PCRE2_JIT_COMPLETE); // where there is no JIT, the interpreter runs
    SplitPattern pattern;
    pattern.m_code = std::move(code);
    return pattern;
}

SplitPattern SplitPattern::literal(const std::string& text)
{
    SplitPattern pattern;
    pattern.m_literal = text;
    return pattern;
}

std::vector<Stretch> SplitPattern::stretches(std::string_view text) const
{
    std::vector<Stretch> out;
    size_t done = 0;
    const auto match = [&](size_t begin, size_t end) {
        if (begin > done)
            out.push_back({done, begin, false});
        if (end > begin)
            out.push_back({begin, end, true});
        done = end;
    };
    if (!m_code) {
        for (size_t at = m_literal.empty() ? text.npos : text.find(m_literal); at != text.npos; at = text.find(m_literal, done))
            match(at, at + m_literal.size());
    } else {
        const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context(pcre2_match_context_create(nullptr), &pcre2_match_context_free);
        const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(pcre2_match_data_create_from_pattern(m_code->code.get(), nullptr), &pcre2_match_data_free);
        pcre2_set_match_limit(context.get(), matchLimit);
        pcre2_set_heap_limit(context.get(), heapLimitKiB);
        size_t from = 0;
        while (from <= text.size() && pcre2_match(m_code->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, 0, data.get(), context.get()) > 0) {
            const PCRE2_SIZE* const place = pcre2_get_ovector_pointer(data.get());
            if (place[0] > place[1]) // \K inside of a lookahead
                break;
            if (place[1] > place[0])
                match(place[0], place[1]);
            from = place[1];
            if (place[1] == place[0]) // empty: on with the next character
                do
                    ++from;
                while (from < text.size() && (static_cast<uint8_t>(text[from]) & 0xC0) == 0x80);
        }
    }
    if (done < text.size())
        out.push_back({done, text.size(), false});
    return out;
}

} // namespace weighbridge
