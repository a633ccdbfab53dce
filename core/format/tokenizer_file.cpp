// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The files of a tokenizer: tokenizer.json (huggingface.co/docs/tokenizers), {"token": number}, one token a line, and sentencepiece's
// models (github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto).
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/text_head.h"
#include "core/format/format.h"
#include "core/tokenizer/sentencepiece.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t maximumFindings = 20; ///< of one kind
constexpr size_t listedTokens = 100;   ///< that were added, in the metadata

enum class FileKind : uint8_t { None, TokenizerJson, VocabularyJson, VocabularyLines, Sentencepiece, Merges, SpecialTokens };

/// A key of a JSON object, wherever it stands.
bool hasKey(std::string_view text, const std::string& key)
{
    const std::string quoted = '"' + key + '"';
    const size_t found = text.find(quoted);
    const size_t next = found == std::string_view::npos ? found : text.find_first_not_of(" \t\r\n", found + quoted.size());
    return next != std::string_view::npos && text[next] == ':';
}

/// The first field is a piece: a message that holds its text first (field 1), and then its score (field 2, four bytes) or its type (field 3).
bool startsWithPiece(std::span<const std::byte> head)
{
    const auto at = [&head](size_t i) { return std::to_integer<size_t>(head[i]); };
    if (head.size() < 5 || at(0) != 0x0A || at(1) > 0x7F || at(2) != 0x0A || at(3) == 0 || at(3) + 2 >= at(1))
        return false;
    const size_t next = 4 + at(3);
    return next < head.size() && (at(next) == 0x15 || at(next) == 0x18);
}

FileKind kindOf(const Candidate& candidate)
{
    if (candidate.isFolder)
        return FileKind::None;
    if (startsWithPiece(candidate.head))
        return FileKind::Sentencepiece;
    std::string_view text = textHead(candidate);
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const std::string name = lowerFileName(candidate.path);
    const auto isNamed = [&name](std::string_view part) { return name.find(part) != std::string::npos; };
    const bool isVocabulary = isNamed("vocab") || isNamed("added_tokens");
    if (isVocabulary && name.ends_with(".txt") && !text.empty())
        return FileKind::VocabularyLines;
    if ((name == "merges.txt" && !text.empty()) || text.starts_with("#version: 0."))
        return FileKind::Merges;
    if (!text.starts_with('{') || isNamed("config"))
        return FileKind::None;
    if (isNamed("special_tokens_map"))
        return FileKind::SpecialTokens;
    if (hasKey(text, "added_tokens") || (hasKey(text, "model") && hasKey(text, "vocab")) || name == "tokenizer.json")
        return FileKind::TokenizerJson;
    return isVocabulary && name.ends_with(".json") ? FileKind::VocabularyJson : FileKind::None;
}

Value::List typesOf(const Value* part, std::string_view key)
{
    Value::List out;
    if (part && !part->isNull())
        for (const Value* step : flattened(*part, key))
            out.emplace_back(typeOf(*step));
    return out;
}

class TokenizerReader {
public:
    explicit TokenizerReader(const Candidate& candidate) : m_candidate(candidate) {}

    Result<Checkpoint> read(FileKind kind)
    {
        return readKind(kind).map([this] {
            m_checkpoint.tokenizerPaths = {m_candidate.path};
            return std::move(m_checkpoint);
        }).map_error([this](Error error) { return error.path.empty() ? std::move(error).at(m_candidate.path) : std::move(error); });
    }

private:
    Result<void> readKind(FileKind kind)
    {
        switch (kind) {
        case FileKind::Merges:
            return readMerges();
        case FileKind::SpecialTokens:
            return readSpecialTokens();
        case FileKind::VocabularyJson:
        case FileKind::VocabularyLines:
            return readVocabulary(kind);
        default:
            return readTokenizer(kind);
        }
    }

    Result<Value> readJson()
    {
        const auto text = readTokenizerText(*m_candidate.source);
        if (!text)
            return tl::unexpected(text.error());
        auto document = parseJson(*text, m_candidate.path);
        if (!document)
            return tl::unexpected(document.error());
        for (size_t i = 0; i < std::min(document->duplicateKeys.size(), maximumFindings); ++i)
            noteTwice(document->duplicateKeys[i]);
        if (document->byteOrderMark)
            m_checkpoint.findings.push_back(warning("corrupt", "The file begins with a byte order mark", "The tokenizers library and most other readers refuse JSON with a byte order mark.",
                                                    "Save it as UTF-8 without BOM."));
        return std::move(document->value);
    }

    Result<void> readTokenizer(FileKind kind)
    {
        const auto root = kind == FileKind::Sentencepiece ? sentencepieceAsJson(*m_candidate.source, {}) : readJson();
        if (!root)
            return tl::unexpected(root.error());
        const auto tokenizer = Tokenizer::fromJson(*root);
        if (!tokenizer && tokenizer.error().rule != "tokenizer-unknown")
            return tl::unexpected(tokenizer.error());
        if (!tokenizer)
            m_checkpoint.findings.push_back(warning("unsupported-version", "The tokenizer has a part that is not known here", tokenizer.error().message + " A model cannot be run with it here.",
                                                    "Check that part of the file; if a newer library wrote it, Weighbridge may be too old for it."));
        const Value* model = root->find("model");
        m_checkpoint.metadata = Value::Map{{"kind", kind == FileKind::Sentencepiece ? "sentencepiece, " + tokenModelKind(*model) : tokenModelKind(*model)}};
        describeVocabulary(model->find("vocab"), root->find("added_tokens"));
        if (kind == FileKind::TokenizerJson)
            describeSteps(*root);
        return {};
    }

    Result<void> readVocabulary(FileKind kind)
    {
        Result<Value> vocabulary = kind == FileKind::VocabularyJson ? readJson()
                                                                    : readTokenizerText(*m_candidate.source).map([](const std::string& text) { return Value(vocabularyOfLines(text)); });
        if (!vocabulary)
            return tl::unexpected(vocabulary.error());
        if (const auto checked = vocabularyFrom(&*vocabulary); !checked)
            return tl::unexpected(checked.error());
        m_checkpoint.metadata = Value::Map{{"kind", "vocabulary"}};
        describeVocabulary(&*vocabulary, nullptr);
        if (kind == FileKind::VocabularyLines)
            noteRepeated(*vocabulary);
        return {};
    }

    /// merges.txt of byte-level BPE: a line each of two parts, the most frequent first.
    Result<void> readMerges()
    {
        const auto text = readTokenizerText(*m_candidate.source);
        if (!text)
            return tl::unexpected(text.error());
        std::unordered_set<std::string_view> seen;
        uint64_t number = 0;
        for (std::string_view line : split(*text, '\n')) {
            ++number;
            if (line.ends_with('\r'))
                line.remove_suffix(1);
            if (line.empty() || (number == 1 && line.starts_with("#version")))
                continue;
            if (std::count(line.begin(), line.end(), ' ') != 1 || line.starts_with(' ') || line.ends_with(' '))
                return failure(Error("corrupt", fmt::format("Line {} of the merges is not made of two parts with a blank between them: {}.", number, shown(line, 80))).fixedBy("Get the file again from its source."));
            if (!seen.insert(line).second && m_checkpoint.findings.size() < maximumFindings)
                noteTwice(std::string(line));
        }
        m_checkpoint.metadata = Value::Map{{"kind", "merges"}, {"merges", static_cast<uint64_t>(seen.size())}};
        return {};
    }

    /// special_tokens_map.json: what a token is called, and the token or an object that holds it.
    Result<void> readSpecialTokens()
    {
        const auto root = readJson();
        if (!root)
            return tl::unexpected(root.error());
        if (!root->map())
            return failure("corrupt", "The special tokens are no object of names and tokens.");
        m_checkpoint.metadata = Value::Map{{"kind", "special tokens"}, {"special_tokens", *root}};
        return {};
    }

    void describeVocabulary(const Value* vocabulary, const Value* added)
    {
        int64_t highest = -1;
        std::unordered_set<int64_t> ids;
        const Value::Map* map = vocabulary ? vocabulary->map() : nullptr;
        const Value::List* pieces = vocabulary ? vocabulary->list() : nullptr;
        if (map)
            for (const auto& [token, id] : *map) {
                highest = std::max(highest, id.integer() ? *id.integer() : -1);
                if (id.integer() && !ids.insert(*id.integer()).second)
                    m_shared.push_back(token);
            }
        if (pieces)
            highest = static_cast<int64_t>(pieces->size()) - 1;
        m_checkpoint.metadata.set("vocabulary_size", static_cast<uint64_t>(map ? map->size() : pieces ? pieces->size() : 0));
        highest = std::max(highest, describeAdded(added));
        m_checkpoint.metadata.set("highest_id", highest);
        if (!m_shared.empty())
            m_checkpoint.findings.push_back(warning("inconsistent-index", fmt::format("The number of the token {} belongs to another token too", shown(m_shared[0], 80)),
                                                    "Text that holds either of them becomes the same number, and only one of them comes back.", "Get the file again from its source.",
                                                    {{"tokens", static_cast<uint64_t>(m_shared.size())}}));
    }

    /// The highest number of them.
    int64_t describeAdded(const Value* added)
    {
        int64_t highest = -1;
        Value::Map listed;
        const Value::List* list = added ? added->list() : nullptr;
        if (!list)
            return highest;
        for (const Value& entry : *list) {
            const Value* id = entry.find("id");
            const Value* content = entry.find("content");
            if (!id || !id->integer() || !content)
                continue;
            highest = std::max(highest, *id->integer());
            if (listed.size() < listedTokens)
                listed.emplace_back(content->stringOr(""), *id);
        }
        m_checkpoint.metadata.set("added_token_count", static_cast<uint64_t>(list->size())).set("added_tokens", std::move(listed));
        return highest;
    }

    void describeSteps(const Value& root)
    {
        const Value* merges = root.find("model")->find("merges");
        if (merges && merges->list())
            m_checkpoint.metadata.set("merges", static_cast<uint64_t>(merges->list()->size()));
        m_checkpoint.metadata.set("normalizer", typesOf(root.find("normalizer"), "normalizers"));
        m_checkpoint.metadata.set("pre_tokenizer", typesOf(root.find("pre_tokenizer"), "pretokenizers"));
        m_checkpoint.metadata.set("post_processor", typesOf(root.find("post_processor"), "processors"));
        m_checkpoint.metadata.set("decoder", typesOf(root.find("decoder"), "decoders"));
    }

    /// Lines are no keys: JSON's reader has not seen which of them is there twice.
    void noteRepeated(const Value& vocabulary)
    {
        std::unordered_set<std::string_view> seen;
        for (const auto& [token, id] : *vocabulary.map())
            if (!seen.insert(token).second && m_checkpoint.findings.size() < maximumFindings)
                noteTwice(token);
    }

    void noteTwice(const std::string& key)
    {
        m_checkpoint.findings.push_back(warning("duplicate-key", fmt::format("Duplicate key: {} stands in the file more than once", shown(key, 100)),
                                                "Readers take the last one, without a word; of a vocabulary, tokens then have other numbers than the model was trained with.",
                                                "Get the file again from its source.", {{"key", shown(key)}}));
    }

    const Candidate& m_candidate;
    std::vector<std::string> m_shared; ///< tokens whose number an earlier one has
    Checkpoint m_checkpoint;
};

/// A file of a tokenizer opened by itself: what it holds as metadata, and no tensors.
class TokenizerFileFormat final : public Format {
public:
    [[nodiscard]] FormatInfo info() const override { return {"tokenizer", "tokenizer", {".model"}}; }
    [[nodiscard]] bool probe(const Candidate& candidate) const override { return kindOf(candidate) != FileKind::None; }
    Result<Checkpoint> open(const Candidate& candidate, JobContext&) const override { return TokenizerReader(candidate).read(kindOf(candidate)); }
};

} // namespace

const Format& tokenizerFileFormat()
{
    static const TokenizerFileFormat format;
    return format;
}

} // namespace weighbridge
