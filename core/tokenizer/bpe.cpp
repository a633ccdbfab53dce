// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/token_model.h"
#include "core/tokenizer/unicode.h"

#include <algorithm>
#include <optional>
#include <queue>

namespace weighbridge {
namespace {

struct Merge {
    uint32_t rank = 0;
    int64_t id = 0;
};

struct Settings {
    std::string prefix;  ///< of all but the first token of a piece
    std::string suffix;  ///< of the last one
    int64_t unknown = -1;
    bool fusesUnknown = false;
    bool hasByteFallback = false;
    bool ignoresMerges = false; ///< a piece that is a token is that token
};

/// A token of a piece while it is merged: a node of a doubly linked list. id -1: it is gone.
struct Symbol {
    int64_t id = -1;
    int32_t previous = -1;
    int32_t next = -1;
};

struct Candidate {
    uint32_t rank = 0;
    int32_t position = 0;
    int64_t id = 0;
    bool operator>(const Candidate& other) const { return rank != other.rank ? rank > other.rank : position > other.position; }
};

class Bpe : public TokenModel {
public:
    Bpe(Vocabulary vocabulary, std::unordered_map<uint64_t, Merge> merges, Settings settings)
        : m_vocabulary(std::move(vocabulary)), m_merges(std::move(merges)), m_settings(std::move(settings))
    {
    }

    void tokenize(const std::string& piece, std::vector<int64_t>& ids) const override
    {
        if (m_settings.ignoresMerges)
            if (const int64_t whole = m_vocabulary.id(piece); whole >= 0) {
                ids.push_back(whole);
                return;
            }
        std::vector<Symbol> symbols = firstSymbols(piece);
        merge(symbols);
        for (const Symbol& symbol : symbols)
            if (symbol.id >= 0)
                ids.push_back(symbol.id);
    }
    [[nodiscard]] const Vocabulary& vocabulary() const override { return m_vocabulary; }

    static uint64_t key(int64_t left, int64_t right) { return static_cast<uint64_t>(left) << 32 | static_cast<uint64_t>(right); }

private:
    /// One symbol per character, or what stands for characters that are no token.
    [[nodiscard]] std::vector<Symbol> firstSymbols(const std::string& piece) const
    {
        std::vector<Symbol> symbols;
        bool isUnknownOpen = false; // an unknown token is written when something known follows
        const auto all = unicode::characters(piece);
        for (size_t i = 0; i < all.size(); ++i) {
            std::string token = (i > 0 ? m_settings.prefix : "") + std::string(all[i].bytes) + (i + 1 == all.size() ? m_settings.suffix : "");
            if (const int64_t id = m_vocabulary.id(token); id >= 0) {
                if (std::exchange(isUnknownOpen, false))
                    symbols.push_back({m_settings.unknown});
                symbols.push_back({id});
            } else if (!m_settings.hasByteFallback || !addBytes(token, symbols)) {
                if (isUnknownOpen && !m_settings.fusesUnknown)
                    symbols.push_back({m_settings.unknown});
                isUnknownOpen = m_settings.unknown >= 0;
            }
        }
        if (isUnknownOpen)
            symbols.push_back({m_settings.unknown});
        for (size_t i = 0; i < symbols.size(); ++i) {
            symbols[i].previous = static_cast<int32_t>(i) - 1;
            symbols[i].next = i + 1 < symbols.size() ? static_cast<int32_t>(i) + 1 : -1;
        }
        return symbols;
    }

    bool addBytes(const std::string& token, std::vector<Symbol>& symbols) const
    {
        std::vector<Symbol> bytes;
        for (const char c : token)
            bytes.push_back({byteToken(m_vocabulary, static_cast<uint8_t>(c))});
        if (std::any_of(bytes.begin(), bytes.end(), [](const Symbol& symbol) { return symbol.id < 0; }))
            return false;
        symbols.insert(symbols.end(), bytes.begin(), bytes.end());
        return true;
    }

    [[nodiscard]] std::optional<Candidate> candidate(const std::vector<Symbol>& symbols, int32_t position) const
    {
        const Symbol& left = symbols[static_cast<size_t>(position)];
        if (left.next < 0)
            return std::nullopt;
        const auto found = m_merges.find(key(left.id, symbols[static_cast<size_t>(left.next)].id));
        if (found == m_merges.end())
            return std::nullopt;
        return Candidate{found->second.rank, position, found->second.id};
    }

    /// The merge of the lowest rank first, of equal ones the leftmost.
    void merge(std::vector<Symbol>& symbols) const
    {
        std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
        const auto push = [&](int32_t position) {
            if (position >= 0)
                if (const auto next = candidate(symbols, position))
                    queue.push(*next);
        };
        for (size_t i = 0; i < symbols.size(); ++i)
            push(static_cast<int32_t>(i));
        while (!queue.empty()) {
            const Candidate best = queue.top();
            queue.pop();
            Symbol& left = symbols[static_cast<size_t>(best.position)];
            const auto now = left.id < 0 ? std::nullopt : candidate(symbols, best.position);
            if (!now || now->id != best.id) // one of the two is gone or another by now
                continue;
            Symbol& right = symbols[static_cast<size_t>(left.next)];
            left.id = best.id;
            right.id = -1;
            left.next = right.next;
            if (left.next >= 0)
                symbols[static_cast<size_t>(left.next)].previous = best.position;
            push(left.previous);
            push(best.position);
        }
    }

    Vocabulary m_vocabulary;
    std::unordered_map<uint64_t, Merge> m_merges;
    Settings m_settings;
};

/// Both forms that are written: "a b" and ["a", "b"].
std::optional<std::pair<std::string, std::string>> mergeFrom(const Value& json)
{
    if (const std::string* text = json.string()) {
        const size_t space = text->find(' ');
        if (space == std::string::npos)
            return std::nullopt;
        return std::pair(text->substr(0, space), text->substr(space + 1));
    }
    const Value::List* pair = json.list();
    if (!pair || pair->size() != 2 || !(*pair)[0].isString() || !(*pair)[1].isString())
        return std::nullopt;
    return std::pair(*(*pair)[0].string(), *(*pair)[1].string());
}

Result<std::unordered_map<uint64_t, Merge>> mergesFrom(const Value* json, const Vocabulary& vocabulary, const std::string& prefix)
{
    std::unordered_map<uint64_t, Merge> merges;
    const Value::List* list = json ? json->list() : nullptr;
    if (!list)
        return failure("corrupt", "The tokenizer's list of merges is missing.");
    merges.reserve(list->size());
    for (size_t rank = 0; rank < list->size(); ++rank) {
        const auto merge = mergeFrom((*list)[rank]);
        if (!merge)
            return failure("corrupt", "The tokenizer's list of merges has an entry that is no pair of tokens.");
        const auto& [left, right] = *merge;
        const int64_t leftId = vocabulary.id(left);
        const int64_t rightId = vocabulary.id(right);
        const int64_t merged = vocabulary.id(left + right.substr(right.starts_with(prefix) ? prefix.size() : 0));
        if (leftId < 0 || rightId < 0 || merged < 0)
            return failure("corrupt", "The tokenizer merges tokens that its vocabulary does not hold.");
        merges[Bpe::key(leftId, rightId)] = {static_cast<uint32_t>(rank), merged};
    }
    return merges;
}

} // namespace

Result<TokenModelPtr> bpeModel(const Value& json)
{
    auto vocabulary = vocabularyFrom(json.find("vocab"));
    if (!vocabulary)
        return tl::unexpected(vocabulary.error());
    const auto text = [&json](std::string_view key) { return json.find(key) ? json.find(key)->stringOr("") : std::string(); };
    const auto flag = [&json](std::string_view key) { return json.find(key) && json.find(key)->boolean() && *json.find(key)->boolean(); };
    Settings settings{text("continuing_subword_prefix"), text("end_of_word_suffix"), -1, flag("fuse_unk"), flag("byte_fallback"), flag("ignore_merges")};
    if (const std::string unknown = text("unk_token"); !unknown.empty())
        settings.unknown = vocabulary->id(unknown);
    auto merges = mergesFrom(json.find("merges"), *vocabulary, settings.prefix);
    if (!merges)
        return tl::unexpected(merges.error());
    return std::make_unique<const Bpe>(std::move(*vocabulary), std::move(*merges), std::move(settings));
}

} // namespace weighbridge
