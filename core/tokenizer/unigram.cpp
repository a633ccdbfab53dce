// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokenizer/prefix_table.h"
#include "core/tokenizer/token_model.h"
#include "core/tokenizer/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace weighbridge {
namespace {

constexpr double unknownPenalty = 10; ///< below the worst token, as in sentencepiece

/// The division into tokens with the highest sum of scores.
class Unigram : public TokenModel {
public:
    Unigram(Vocabulary vocabulary, std::vector<double> scores, int64_t unknown, bool hasByteFallback)
        : m_vocabulary(std::move(vocabulary)), m_scores(std::move(scores)), m_unknown(unknown), m_hasByteFallback(hasByteFallback)
    {
        std::vector<PrefixTable::Entry> entries;
        for (const auto& [token, id] : m_vocabulary.ids)
            entries.push_back({token, id});
        m_table = PrefixTable(std::move(entries));
        m_unknownScore = (m_scores.empty() ? 0 : *std::min_element(m_scores.begin(), m_scores.end())) - unknownPenalty;
    }

    void tokenize(const std::string& piece, std::vector<int64_t>& ids) const override
    {
        for (const std::string_view token : bestPath(piece))
            addToken(std::string(token), ids);
    }
    [[nodiscard]] const Vocabulary& vocabulary() const override { return m_vocabulary; }

private:
    struct Node {
        double score = 0;
        size_t start = std::numeric_limits<size_t>::max(); ///< of the best token that ends here
        int64_t id = 0;
        [[nodiscard]] bool isReached() const { return start != std::numeric_limits<size_t>::max(); }
    };

    static void offer(Node& node, double score, size_t start, int64_t id)
    {
        if (!node.isReached() || score > node.score)
            node = {score, start, id};
    }

    /// Neighbouring unknown characters come as one.
    [[nodiscard]] std::vector<std::string_view> bestPath(std::string_view piece) const
    {
        std::vector<Node> nodes(piece.size() + 1);
        for (size_t start = 0; start < piece.size();) {
            const double here = nodes[start].score;
            const size_t width = unicode::firstCharacter(piece.substr(start)).bytes.size();
            bool hasCharacter = false;
            m_table.forEachPrefix(piece.substr(start), [&](const PrefixTable::Entry& entry) {
                offer(nodes[start + entry.text.size()], m_scores[static_cast<size_t>(entry.id)] + here, start, entry.id);
                hasCharacter = hasCharacter || entry.text.size() == width;
            });
            if (!hasCharacter)
                offer(nodes[start + width], m_unknownScore + here, start, m_unknown);
            start += width;
        }
        std::vector<std::string_view> out;
        bool isUnknownOpen = false;
        for (size_t end = piece.size(); end > 0;) {
            const Node& node = nodes[end];
            const std::string_view token = piece.substr(node.start, end - node.start);
            const bool isUnknown = node.id == m_unknown;
            if (isUnknown && isUnknownOpen)
                out.back() = std::string_view(token.data(), token.size() + out.back().size());
            else
                out.push_back(token);
            isUnknownOpen = isUnknown;
            end = node.start;
        }
        std::reverse(out.begin(), out.end());
        return out;
    }

    void addToken(const std::string& token, std::vector<int64_t>& ids) const
    {
        if (const int64_t id = m_vocabulary.id(token); id >= 0) {
            ids.push_back(id);
            return;
        }
        std::vector<int64_t> bytes;
        for (const char c : token)
            bytes.push_back(m_hasByteFallback ? byteToken(m_vocabulary, static_cast<uint8_t>(c)) : -1);
        if (std::find(bytes.begin(), bytes.end(), -1) == bytes.end())
            ids.insert(ids.end(), bytes.begin(), bytes.end());
        else if (m_unknown >= 0)
            ids.push_back(m_unknown);
    }

    Vocabulary m_vocabulary;
    std::vector<double> m_scores;
    PrefixTable m_table;
    int64_t m_unknown;
    bool m_hasByteFallback;
    double m_unknownScore = 0;
};

} // namespace

Result<TokenModelPtr> unigramModel(const Value& json)
{
    const Value* vocab = json.find("vocab");
    const Value::List* list = vocab ? vocab->list() : nullptr;
    if (!list)
        return failure("corrupt", "The tokenizer's vocabulary is missing.");
    Vocabulary vocabulary;
    std::vector<double> scores;
    for (const Value& entry : *list) {
        const Value::List* pair = entry.list();
        if (!pair || pair->size() != 2 || !(*pair)[0].isString() || !(*pair)[1].isNumber())
            return failure("corrupt", "The tokenizer's vocabulary has an entry that is no token with a score.");
        vocabulary.add(*(*pair)[0].string(), static_cast<int64_t>(scores.size()));
        scores.push_back((*pair)[1].number());
    }
    const Value* unknown = json.find("unk_id");
    if (unknown && !unknown->isNull() && (!unknown->integer() || *unknown->integer() < 0 || static_cast<uint64_t>(*unknown->integer()) >= scores.size()))
        return failure("corrupt", fmt::format("The tokenizer's token for unknown words has the number {}, but there are {} tokens.", shown(toJson(*unknown), 40), scores.size()));
    const Value* fallback = json.find("byte_fallback");
    return std::make_unique<const Unigram>(std::move(vocabulary), std::move(scores), unknown && unknown->integer() ? *unknown->integer() : -1,
                                           fallback && fallback->boolean() && *fallback->boolean());
}

} // namespace weighbridge
