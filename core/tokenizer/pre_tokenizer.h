// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"

#include <functional>
#include <string>
#include <vector>

namespace weighbridge {

/// A stretch of the normalized text that no token crosses.
struct Piece {
    std::string text;
    bool isFirst = false; ///< the text begins with it
};

/// Cuts a normalized text into pieces. Any thread.
class PreTokenizer {
public:
    using Step = std::function<void(const Piece&, std::vector<Piece>&)>;

    PreTokenizer() = default;
    /// From "pre_tokenizer" of a tokenizer.json; null leaves texts whole. Errors: corrupt, tokenizer-unknown.
    static Result<PreTokenizer> from(const Value* json);
    [[nodiscard]] Result<std::vector<Piece>> apply(Piece text) const;

private:
    std::vector<Step> m_steps;
};

} // namespace weighbridge
