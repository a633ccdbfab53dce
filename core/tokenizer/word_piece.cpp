// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokenizer/prefix_table.h"
#include "core/tokenizer/token_model.h"
#include "core/tokenizer/unicode.h"

#include <fmt/format.h>

#include <cstdint>

namespace weighbridge {
namespace {

/// Greedy, the longest token first; pieces after the first carry a prefix. Word-level models are the same without any division.
class WordPiece : public TokenModel {
public:
    WordPiece(Vocabulary vocabulary, std::string prefix, int64_t unknown, size_t maximumCharacters)
        : m_vocabulary(std::move(vocabulary)), m_unknown(unknown), m_maximumCharacters(maximumCharacters)
    {
        std::vector<PrefixTable::Entry> first;
        std::vector<PrefixTable::Entry> later;
        for (const auto& [token, id] : m_vocabulary.ids) {
            first.push_back({token, id});
            if (token.starts_with(prefix))
                later.push_back({std::string_view(token).substr(prefix.size()), id});
        }
        m_first = PrefixTable(std::move(first));
        m_later = PrefixTable(std::move(later));
    }

    void tokenize(const std::string& piece, std::vector<int64_t>& ids) const override
    {
        if (unicode::characterCount(piece) > m_maximumCharacters) {
            ids.push_back(m_unknown);
            return;
        }
        const size_t before = ids.size();
        for (std::string_view rest = piece; !rest.empty();) {
            const PrefixTable::Entry* entry = (rest.size() == piece.size() ? m_first : m_later).longestPrefix(rest);
            if (!entry) {
                ids.resize(before);
                ids.push_back(m_unknown);
                return;
            }
            ids.push_back(entry->id);
            rest.remove_prefix(entry->text.size());
        }
    }
    [[nodiscard]] const Vocabulary& vocabulary() const override { return m_vocabulary; }

private:
    Vocabulary m_vocabulary;
    PrefixTable m_first;
    PrefixTable m_later;
    int64_t m_unknown;
    size_t m_maximumCharacters;
};

} // namespace

int64_t Vocabulary::id(const std::string& token) const
{
    const auto found = ids.find(token);
    return found == ids.end() ? -1 : found->second;
}

void Vocabulary::add(const std::string& token, int64_t id)
{
    ids[token] = id;
    tokens[id] = token;
}

Result<int64_t> tokenNumber(const std::string& token, const Value* number)
{
    if (!number || !number->isNumber())
        return failure("corrupt", fmt::format("The tokenizer gives no number to the token {}.", shown(token, 80)));
    if (number->number() > INT32_MAX)
        return failure("resource-bomb", fmt::format("The tokenizer gives the token {} the number {}, more than the limit of {}.", shown(token, 80), shown(toJson(*number), 40), INT32_MAX));
    if (!number->isInt() || *number->integer() < 0)
        return failure("corrupt", fmt::format("The tokenizer gives the token {} the number {}: it must be 0 or a whole number above.", shown(token, 80), shown(toJson(*number), 40)));
    return *number->integer();
}

Result<Vocabulary> vocabularyFrom(const Value* map)
{
    const Value::Map* entries = map ? map->map() : nullptr;
    if (!entries)
        return failure("corrupt", "The tokenizer's vocabulary is missing.");
    Vocabulary vocabulary;
    vocabulary.ids.reserve(entries->size());
    vocabulary.tokens.reserve(entries->size());
    for (const auto& [token, number] : *entries) {
        const auto id = tokenNumber(token, &number);
        if (!id)
            return tl::unexpected(id.error());
        vocabulary.add(token, *id);
    }
    return vocabulary;
}

int64_t byteToken(const Vocabulary& vocabulary, uint8_t byte)
{
    return vocabulary.id(fmt::format("<0x{:02X}>", byte));
}

Result<TokenModelPtr> wordPieceModel(const Value& json)
{
    auto vocabulary = vocabularyFrom(json.find("vocab"));
    if (!vocabulary)
        return tl::unexpected(vocabulary.error());
    const auto text = [&json](std::string_view key, std::string_view fallback) { return json.find(key) ? json.find(key)->stringOr(fallback) : std::string(fallback); };
    const int64_t unknown = vocabulary->id(text("unk_token", "[UNK]"));
    if (unknown < 0)
        return failure("corrupt", "The tokenizer's vocabulary lacks the token for unknown words.");
    const Value* maximum = json.find("max_input_chars_per_word");
    const size_t characters = maximum && maximum->integer() && *maximum->integer() > 0 ? static_cast<size_t>(*maximum->integer()) : 100;
    return std::make_unique<const WordPiece>(std::move(*vocabulary), text("continuing_subword_prefix", "##"), unknown, characters);
}

} // namespace weighbridge
