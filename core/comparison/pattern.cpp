// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/pattern.h"

#include "core/base/text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

// A name has some 100 characters; the loader's patterns need some hundred steps.
constexpr uint32_t matchLimit = 100'000;
constexpr uint32_t heapLimitKiB = 1024;
constexpr size_t maximumLength = 4096;

} // namespace

struct Pattern::State {
    std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code{nullptr, &pcre2_code_free};
    std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context{pcre2_match_context_create(nullptr), &pcre2_match_context_free};
    std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data{nullptr, &pcre2_match_data_free};
    std::vector<size_t> alternatives; ///< numbers of the groups g0, g1, ...
};

Pattern::Pattern(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(const std::string& expression)
{
    int error = 0;
    PCRE2_SIZE offset = 0;
    auto state = std::make_unique<State>();
    if (expression.size() <= maximumLength)
        state->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &error, &offset, nullptr));
    if (!state->code || !state->context) {
        std::array<PCRE2_UCHAR, 200> message{};
        pcre2_get_error_message(error, message.data(), message.size());
        return failure("architecture-syntax", fmt::format("`{}` is no regular expression: {} at character {}.", shown(expression), reinterpret_cast<const char*>(message.data()), offset));
    }
    pcre2_jit_compile(state->code.get(), PCRE2_JIT_COMPLETE); // where there is no JIT, the interpreter runs
    pcre2_set_match_limit(state->context.get(), matchLimit);
    pcre2_set_heap_limit(state->context.get(), heapLimitKiB);
    state->data.reset(pcre2_match_data_create_from_pattern(state->code.get(), nullptr));
    for (size_t i = 0; i < 100; ++i) {
        const int number = pcre2_substring_number_from_name(state->code.get(), reinterpret_cast<PCRE2_SPTR>(fmt::format("g{}", i).c_str()));
        if (number < 0)
            break;
        state->alternatives.push_back(static_cast<size_t>(number));
    }
    return Pattern(std::move(state));
}

bool Pattern::occursIn(std::string_view text) const
{
    return pcre2_match(m_state->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, m_state->data.get(), m_state->context.get()) > 0;
}

std::optional<Pattern::Found> Pattern::search(std::string_view text) const
{
    if (!occursIn(text))
        return std::nullopt;
    const PCRE2_SIZE* places = pcre2_get_ovector_pointer(m_state->data.get());
    Found out;
    for (uint32_t i = 0; i < pcre2_get_ovector_count(m_state->data.get()); ++i) {
        const bool tookPart = places[2 * i] != PCRE2_UNSET && places[2 * i] <= places[2 * i + 1];
        out.groups.push_back(tookPart ? std::optional(text.substr(places[2 * i], places[2 * i + 1] - places[2 * i])) : std::nullopt);
    }
    out.whole = out.groups[0].value_or(std::string_view());
    return out;
}

size_t Pattern::alternative(const Found& found) const
{
    const auto place = std::find_if(m_state->alternatives.begin(), m_state->alternatives.end(), [&found](size_t group) { return group < found.groups.size() && found.groups[group]; });
    return place == m_state->alternatives.end() ? 0 : *place;
}

size_t Pattern::alternativeIndex(const Found& found) const
{
    const auto place = std::find(m_state->alternatives.begin(), m_state->alternatives.end(), alternative(found));
    return place == m_state->alternatives.end() ? 0 : static_cast<size_t>(place - m_state->alternatives.begin());
}

} // namespace weighbridge
