// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// What stands around the text: [CLS] A [SEP] B [SEP].
struct TemplatePart {
    enum class Kind : uint8_t { Special, First, Second } kind = Kind::Special;
    std::vector<int64_t> ids; ///< of Special
    int64_t typeId = 0;
};

struct Template {
    std::vector<TemplatePart> single{{TemplatePart::Kind::First, {}, 0}};
    std::vector<TemplatePart> pair{{TemplatePart::Kind::First, {}, 0}, {TemplatePart::Kind::Second, {}, 1}};

    /// From "post_processor" of a tokenizer.json; null leaves texts as they are. Errors: corrupt, tokenizer-unknown.
    static Result<Template> from(const Value* json);
};

/// How many tokens are added around a text or a pair.
[[nodiscard]] size_t specialTokens(const std::vector<TemplatePart>& parts);

} // namespace weighbridge
