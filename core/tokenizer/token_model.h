// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// Tokens and their numbers, both ways.
struct Vocabulary {
    std::unordered_map<std::string, int64_t> ids;
    std::unordered_map<int64_t, std::string> tokens;

    /// The id of a token, or -1.
    [[nodiscard]] int64_t id(const std::string& token) const;
    void add(const std::string& token, int64_t id);
};

/// What turns a piece of text, normalized and cut by the pre-tokenizer, into ids.
class TokenModel {
public:
    virtual ~TokenModel() = default;
    virtual void tokenize(const std::string& piece, std::vector<int64_t>& ids) const = 0;
    [[nodiscard]] virtual const Vocabulary& vocabulary() const = 0;
};

using TokenModelPtr = std::unique_ptr<const TokenModel>;

// From "model" of a tokenizer.json. Errors: corrupt (a field is missing or of the wrong kind).
Result<TokenModelPtr> wordPieceModel(const Value& json);
Result<TokenModelPtr> bpeModel(const Value& json);
Result<TokenModelPtr> unigramModel(const Value& json);

/// The kind of "model" of a tokenizer.json; older files do not say it, but show it.
[[nodiscard]] std::string tokenModelKind(const Value& json);
/// The number that a file gives a token. Errors: corrupt (none, or below 0), resource-bomb (beyond 2^31, which no embedding has).
Result<int64_t> tokenNumber(const std::string& token, const Value* number);
/// {"token": id} as a vocabulary.
Result<Vocabulary> vocabularyFrom(const Value* map);
/// The id of a byte as the fallback for what no token holds: <0x0A>; -1 if there is none.
[[nodiscard]] int64_t byteToken(const Vocabulary& vocabulary, uint8_t byte);

} // namespace weighbridge
