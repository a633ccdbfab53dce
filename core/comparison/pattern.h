// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A regular expression as Python's `re` has them (lookbehind, named groups), with limits on the work that one search may cost.
/// Moves, does not copy. One object belongs to one thread.
class Pattern {
public:
    /// Error architecture-syntax if it is none.
    static Result<Pattern> compile(const std::string& expression);
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;
    ~Pattern();

    struct Found {
        std::string_view whole;
        std::vector<std::optional<std::string_view>> groups; ///< [0] is the whole; nothing: took no part
    };
    /// Whether it occurs anywhere, as re.search. A search that passes its limits counts as "no".
    [[nodiscard]] bool occursIn(std::string_view text) const;
    [[nodiscard]] std::optional<Found> search(std::string_view text) const;
    /// Number of the first group called g0, g1, ... that took part; 0 if none is called so. The loader marks the alternatives of a pattern so.
    [[nodiscard]] size_t alternative(const Found& found) const;
    /// Which of g0, g1, ... that is, counted from 0; 0 if none is called so.
    [[nodiscard]] size_t alternativeIndex(const Found& found) const;

private:
    struct State;
    explicit Pattern(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace weighbridge
