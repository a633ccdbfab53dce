// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/added_tokens.h"

#include "core/base/limits.h"
#include "core/tokenizer/token_model.h"
#include "core/tokenizer/unicode.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

bool endsWithWord(std::string_view text)
{
    size_t start = text.size();
    while (start > 0 && (static_cast<uint8_t>(text[--start]) & 0xC0) == 0x80)
        continue;
    return !text.empty() && unicode::isWord(unicode::firstCharacter(text.substr(start)).code);
}

bool startsWithWord(std::string_view text)
{
    return !text.empty() && unicode::isWord(unicode::firstCharacter(text).code);
}

/// Where the white space at the end of a text begins.
size_t spaceAtEnd(std::string_view text)
{
    size_t solid = 0;
    for (const unicode::Character& character : unicode::characters(text))
        if (!unicode::isWhiteSpace(character.code))
            solid = static_cast<size_t>(character.bytes.data() - text.data()) + character.bytes.size();
    return solid;
}

/// Bytes of the white space that a text begins with.
size_t spaceAtStart(std::string_view text)
{
    const size_t whole = text.size();
    while (!text.empty()) {
        const auto first = unicode::firstCharacter(text);
        if (!unicode::isWhiteSpace(first.code))
            break;
        text.remove_prefix(first.bytes.size());
    }
    return whole - text.size();
}

bool flag(const Value& json, std::string_view key)
{
    const Value* value = json.find(key);
    return value && value->boolean() && *value->boolean();
}

} // namespace

Result<void> AddedTokens::read(const Value* json, const Normalizer& normalizer)
{
    const Value::List* list = json ? json->list() : nullptr;
    if (!list)
        return {};
    if (list->size() > limits::addedTokens)
        return failure("resource-bomb", fmt::format("The tokenizer adds {} tokens, more than the limit of {}.", list->size(), limits::addedTokens));
    for (const Value& entry : *list) {
        const Value* content = entry.find("content");
        if (!content || !content->isString())
            return failure("corrupt", "The tokenizer adds a token without a text.");
        const auto id = tokenNumber(*content->string(), entry.find("id"));
        if (!id)
            return tl::unexpected(id.error());
        m_tokens.push_back({*content->string(), *id, flag(entry, "single_word"), flag(entry, "lstrip"), flag(entry, "rstrip"),
                            flag(entry, "normalized"), flag(entry, "special")});
    }
    std::vector<PrefixTable::Entry> raw;
    std::vector<PrefixTable::Entry> normalized;
    for (size_t i = 0; i < m_tokens.size(); ++i) {
        if (!m_tokens[i].isNormalized) {
            raw.push_back({m_tokens[i].content, static_cast<int64_t>(i)});
            continue;
        }
        auto content = normalizer.apply(m_tokens[i].content);
        if (!content)
            return tl::unexpected(content.error());
        m_contents.push_back(std::move(*content));
        normalized.push_back({m_contents.back(), static_cast<int64_t>(i)});
    }
    m_raw = PrefixTable(std::move(raw));
    m_normalized = PrefixTable(std::move(normalized));
    return {};
}

std::vector<TextPart> AddedTokens::splitBy(const PrefixTable& table, const std::string& text) const
{
    std::vector<TextPart> out;
    const std::string_view all = text;
    size_t done = 0;
    const auto addRest = [&](size_t end) {
        if (end > done)
            out.push_back({text.substr(done, end - done), -1, done == 0});
    };
    for (size_t at = 0; at < text.size() && !table.isEmpty();) {
        const PrefixTable::Entry* entry = table.longestPrefix(all.substr(at));
        if (!entry) {
            ++at;
            continue;
        }
        const AddedToken& token = m_tokens[static_cast<size_t>(entry->id)];
        size_t start = at;
        size_t end = at + entry->text.size();
        at = end;
        if (token.isSingleWord && (endsWithWord(all.substr(0, start)) || startsWithWord(all.substr(end))))
            continue;
        if (token.takesLeft)
            start = std::max(done, done + spaceAtEnd(all.substr(done, start - std::min(start, done))));
        if (token.takesRight)
            end += spaceAtStart(all.substr(end));
        addRest(start);
        out.push_back({text.substr(start, end - start), token.id, start == 0});
        done = end;
        at = std::max(at, end);
    }
    addRest(text.size());
    return out;
}

Result<std::vector<TextPart>> AddedTokens::split(const std::string& text, const Normalizer& normalizer) const
{
    std::vector<TextPart> out;
    for (TextPart& part : splitBy(m_raw, text)) {
        if (part.id >= 0) {
            out.push_back(std::move(part));
            continue;
        }
        const auto normalized = normalizer.apply(part.text);
        if (!normalized)
            return tl::unexpected(normalized.error());
        for (TextPart& inner : splitBy(m_normalized, *normalized)) {
            inner.isFirst = inner.isFirst && part.isFirst;
            out.push_back(std::move(inner));
        }
    }
    return out;
}

} // namespace weighbridge
