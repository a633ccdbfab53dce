// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokenizer/sentencepiece.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary_files.h"

#include <fmt/format.h>

#include <filesystem>

namespace weighbridge {
namespace {

Result<std::string> readText(const std::string& path)
{
    return openFile(path).and_then([](const SourcePtr& file) { return readTokenizerText(*file); });
}

Result<Value> readJson(const std::string& path)
{
    const auto text = readText(path);
    if (!text)
        return tl::unexpected(text.error());
    return parseJson(*text, path).map([](JsonDocument&& document) { return std::move(document.value); });
}

/// The small files beside the vocabulary.
class Folder {
public:
    explicit Folder(std::string path) : m_path(std::move(path))
    {
        for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"})
            if (has(name))
                if (auto json = readJson(file(name)))
                    m_settings.push_back(std::move(*json));
    }
    [[nodiscard]] std::string file(const std::string& name) const { return (std::filesystem::path(m_path) / name).string(); }
    [[nodiscard]] bool has(const std::string& name) const { return isFile(file(name)); }
    /// A special token is written as text or as {"content": text}.
    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback = "") const
    {
        for (const Value& settings : m_settings)
            if (const Value* value = settings.find(key)) {
                const Value* content = value->find("content");
                if (const Value* said = content ? content : value; said->isString())
                    return *said->string();
            }
        return std::string(fallback);
    }
    [[nodiscard]] const Value* find(std::string_view key) const
    {
        for (const Value& settings : m_settings)
            if (const Value* value = settings.find(key))
                return value;
        return nullptr;
    }

private:
    std::string m_path;
    std::vector<Value> m_settings;
};

Value addedToken(const std::string& content, const Value& id, bool takesLeft)
{
    return Value::Map{{"content", content}, {"id", id}, {"single_word", false}, {"lstrip", takesLeft}, {"rstrip", false}, {"normalized", false}, {"special", true}};
}

/// The special tokens that the vocabulary holds.
Value::List specialTokensOf(const Value& vocab, const std::vector<std::string>& contents, const std::string& mask)
{
    Value::List out;
    for (const std::string& content : contents)
        if (const Value* id = vocab.find(content))
            out.push_back(addedToken(content, *id, content == mask));
    return out;
}

Result<Value> clsAndSep(const std::string& type, const Value& vocab, const std::string& cls, const std::string& sep)
{
    const Value* clsId = vocab.find(cls);
    const Value* sepId = vocab.find(sep);
    if (!clsId || !sepId)
        return failure("corrupt", fmt::format("The tokenizer's vocabulary lacks {} or {}.", shown(cls), shown(sep)));
    return Value(Value::Map{{"type", type}, {"cls", Value::List{cls, *clsId}}, {"sep", Value::List{sep, *sepId}}});
}

/// One token a line, its number is the line's: BERT and what came from it.
Result<Value> fromVocabTxt(const Folder& folder, const std::string& modelType)
{
    const auto text = readText(folder.file("vocab.txt"));
    if (!text)
        return tl::unexpected(text.error());
    const Value vocab(vocabularyOfLines(*text));
    const bool isMpnet = modelType == "mpnet";
    const std::string cls = folder.text("cls_token", isMpnet ? "<s>" : "[CLS]");
    const std::string sep = folder.text("sep_token", isMpnet ? "</s>" : "[SEP]");
    const std::string unknown = folder.text("unk_token", "[UNK]");
    const std::string mask = folder.text("mask_token", isMpnet ? "<mask>" : "[MASK]");
    auto around = clsAndSep(isMpnet ? "RobertaProcessing" : "BertProcessing", vocab, cls, sep);
    if (!around)
        return around;
    Value normalizer(Value::Map{{"type", "BertNormalizer"}});
    normalizer.set("lowercase", folder.find("do_lower_case") ? *folder.find("do_lower_case") : Value(true));
    normalizer.set("handle_chinese_chars", folder.find("tokenize_chinese_chars") ? *folder.find("tokenize_chinese_chars") : Value(true));
    if (const Value* strips = folder.find("strip_accents"))
        normalizer.set("strip_accents", *strips);
    return Value(Value::Map{{"added_tokens", specialTokensOf(vocab, {folder.text("pad_token", isMpnet ? "<pad>" : "[PAD]"), unknown, cls, sep, mask}, isMpnet ? mask : "")},
                            {"normalizer", std::move(normalizer)},
                            {"pre_tokenizer", Value::Map{{"type", "BertPreTokenizer"}}},
                            {"post_processor", std::move(*around)},
                            {"decoder", Value::Map{{"type", "WordPiece"}, {"prefix", "##"}}},
                            {"model", Value::Map{{"type", "WordPiece"}, {"unk_token", unknown}, {"vocab", vocab}}}});
}

/// GPT-2, and RoBERTa, which puts <s> and </s> around.
Result<Value> fromMerges(const Folder& folder)
{
    const auto vocab = readJson(folder.file("vocab.json"));
    const auto text = readText(folder.file("merges.txt"));
    if (!vocab || !text)
        return failure(vocab ? text.error() : vocab.error());
    Value::List merges;
    for (std::string_view line : split(*text, '\n')) {
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!line.empty() && !line.starts_with("#version"))
            merges.emplace_back(line);
    }
    const bool isRoberta = vocab->find("<s>") && vocab->find("</s>") && vocab->find("<mask>");
    const Value* prefix = folder.find("add_prefix_space");
    Value out(Value::Map{{"pre_tokenizer", Value::Map{{"type", "ByteLevel"}, {"add_prefix_space", prefix && prefix->boolean() && *prefix->boolean()}}},
                         {"decoder", Value::Map{{"type", "ByteLevel"}}},
                         {"model", Value::Map{{"type", "BPE"}, {"vocab", *vocab}, {"merges", std::move(merges)}}}});
    if (!isRoberta) {
        out.set("added_tokens", specialTokensOf(*vocab, {folder.text("eos_token", "<|endoftext|>")}, ""));
        return out;
    }
    const std::string cls = folder.text("cls_token", "<s>");
    const std::string sep = folder.text("sep_token", "</s>");
    const std::string mask = folder.text("mask_token", "<mask>");
    auto around = clsAndSep("RobertaProcessing", *vocab, cls, sep);
    if (!around)
        return around;
    out.set("post_processor", std::move(*around));
    out.set("added_tokens", specialTokensOf(*vocab, {cls, "<pad>", sep, "<unk>", mask}, mask));
    return out;
}

Result<Value> tokenizerJson(const Folder& folder, const std::string& modelType)
{
    if (folder.has("tokenizer.json"))
        return readJson(folder.file("tokenizer.json"));
    if (folder.has("vocab.txt"))
        return fromVocabTxt(folder, modelType);
    if (folder.has("vocab.json") && folder.has("merges.txt"))
        return fromMerges(folder);
    for (const char* name : {"spiece.model", "sentencepiece.bpe.model", "tokenizer.model"})
        if (folder.has(name)) {
            const auto file = openFile(folder.file(name));
            return file ? sentencepieceAsJson(**file, modelType) : tl::unexpected(file.error());
        }
    return failure("tokenizer-missing", "There is no tokenizer beside the checkpoint: no tokenizer.json, vocab.txt, vocab.json with merges.txt, nor a sentencepiece model.");
}

} // namespace

Result<TokenizerPtr> loadTokenizer(const std::string& folder, const std::string& modelType)
{
    const auto json = tokenizerJson(Folder(folder), modelType);
    if (!json)
        return tl::unexpected(json.error());
    return Tokenizer::fromJson(*json).map_error([&folder](Error error) { return std::move(error).at(folder); });
}

std::string specialToken(const std::string& folder, const std::string& which)
{
    return Folder(folder).text(which);
}

} // namespace weighbridge
