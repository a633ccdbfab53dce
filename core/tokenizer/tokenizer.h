// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"
#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/pre_tokenizer.h"
#include "core/tokenizer/template.h"
#include "core/tokenizer/token_model.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace weighbridge {

/// A text, or a pair of texts, as a model takes it. All vectors have one length.
struct Encoding {
    std::vector<int64_t> ids;
    std::vector<int64_t> typeIds;
    std::vector<int> sequence;  ///< 0: the first text, 1: the second, -1: added around them
    bool isCut = false;         ///< tokens were left out because there were too many
};

/// Text to ids and back, as the `tokenizers` library does it. Immutable; any thread.
class Tokenizer {
public:
    /// From a tokenizer.json, https://huggingface.co/docs/tokenizers. Errors: corrupt, resource-bomb, tokenizer-unknown.
    static Result<std::shared_ptr<const Tokenizer>> fromJson(const Value& root);

    /// Ids with the special tokens around them, at most `maximumTokens` (0: no limit): the longer text is cut first.
    [[nodiscard]] Result<Encoding> encode(const std::string& text, const std::optional<std::string>& pair = {}, size_t maximumTokens = 0) const;
    /// The ids of a text alone.
    [[nodiscard]] Result<std::vector<int64_t>> encodeText(const std::string& text) const;
    /// The text that ids stand for, special tokens left out.
    [[nodiscard]] std::string decode(std::span<const int64_t> ids) const;
    /// A token as the vocabulary writes it; empty for an id that no token has.
    [[nodiscard]] std::string token(int64_t id) const;
    /// A token as a reader would write it: without signs for spaces and for "continues a word".
    [[nodiscard]] std::string readableToken(int64_t id) const;
    [[nodiscard]] int64_t id(const std::string& token) const; ///< -1: there is none
    [[nodiscard]] bool isSpecial(int64_t id) const { return m_special.contains(id); }

private:
    enum class Writing : uint8_t { WordPiece, ByteLevel, Metaspace, Plain };

    void readDecoder(const Value& root);
    [[nodiscard]] std::string joined(std::span<const int64_t> ids) const;

    TokenModelPtr m_model;
    Normalizer m_normalizer;
    PreTokenizer m_preTokenizer;
    AddedTokens m_added;
    Template m_template;
    std::unordered_map<int64_t, std::string> m_addedById;
    std::unordered_map<std::string, int64_t> m_addedByText;
    std::unordered_set<int64_t> m_special;
    Writing m_writing = Writing::Plain;
    std::string m_prefix = "##"; ///< of WordPiece: continues a word
};

using TokenizerPtr = std::shared_ptr<const Tokenizer>;

/// The tokenizer that lies in a folder: tokenizer.json, else vocab.txt, vocab.json with merges.txt, or a sentencepiece model.
/// Error tokenizer-missing if there is none.
Result<TokenizerPtr> loadTokenizer(const std::string& folder, const std::string& modelType);

/// A special token of the folder's tokenizer ("mask_token"), by tokenizer_config.json or special_tokens_map.json; empty if none says it.
std::string specialToken(const std::string& folder, const std::string& which);

} // namespace weighbridge
