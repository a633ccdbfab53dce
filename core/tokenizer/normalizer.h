// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"

#include <functional>
#include <string>
#include <vector>

namespace weighbridge {

/// The steps that a text takes before it is cut into pieces. Any thread.
class Normalizer {
public:
    using Step = std::function<std::string(const std::string&)>;

    Normalizer() = default;
    /// From "normalizer" of a tokenizer.json; null gives no steps. Errors: corrupt, and tokenizer-unknown for a kind that is not known.
    static Result<Normalizer> from(const Value* json);
    /// Error resource-bomb if the text grows beyond limits::tokenizerTextNbytes.
    [[nodiscard]] Result<std::string> apply(std::string text) const;

private:
    std::vector<Step> m_steps;
};

/// The members of a sequence of sequences, in order, without recursion: `key` holds the list where "type" is "Sequence".
std::vector<const Value*> flattened(const Value& root, std::string_view key);
/// "type" of a part of a tokenizer.json.
std::string typeOf(const Value& json);

} // namespace weighbridge
