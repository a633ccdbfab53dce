// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What these files hold: huggingface.co/docs/tokenizers (tokenizer.json), huggingface.co/docs/transformers/main_classes/tokenizer.
#include "core/diagnosis/tokenizer_files.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"

#include <algorithm>
#include <filesystem>

namespace weighbridge {
namespace {

constexpr uint64_t maximumNbytes = 128 * limits::MiB; ///< of one of these files; the largest published are about 30 MB

std::optional<Value> readJson(const std::string& path)
{
    const auto text = tokenizerText(path);
    if (!text)
        return std::nullopt;
    auto document = parseJson(*text, path);
    return document ? std::optional(std::move(document->value)) : std::nullopt;
}

bool isSpecial(std::string_view token)
{
    return token.size() > 2 && ((token.front() == '[' && token.back() == ']') || (token.front() == '<' && token.back() == '>'));
}

class Reading {
public:
    explicit Reading(std::string name) : m_name(std::move(name)) {}

    void word(std::string_view token)
    {
        const auto isUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
        const auto isLatin = [&isUpper](char c) { return isUpper(c) || (c >= 'a' && c <= 'z'); };
        if (token.starts_with("##"))
            token.remove_prefix(2);
        const bool hasLetter = std::any_of(token.begin(), token.end(), [&isLatin](char c) { return isLatin(c) || (static_cast<unsigned char>(c) & 0x80); });
        if (!hasLetter || isSpecial(token))
            return;
        ++files.words;
        files.latinWords += std::all_of(token.begin(), token.end(), isLatin) ? 1 : 0;
        files.capitals += std::any_of(token.begin(), token.end(), isUpper) ? 1 : 0;
    }
    void id(int64_t id)
    {
        if (id < files.tokens || id >= INT32_MAX)
            return;
        files.tokens = id + 1;
        files.source = m_name;
    }
    void vocabulary(const Value::Map& map)
    {
        for (const auto& [token, number] : map) {
            word(token);
            if (number.isInt())
                id(*number.integer());
        }
    }
    void added(const Value* list)
    {
        const Value::List* entries = list ? list->list() : nullptr;
        for (const Value& entry : entries ? *entries : Value::List{})
            if (const Value* number = entry.find("id"); number && number->isInt())
                id(*number->integer());
    }
    void next(std::string name) { m_name = std::move(name); }

    TokenizerFiles files;

private:
    std::string m_name;
};

void readVocabTxt(Reading& reading, const std::string& text)
{
    const auto lines = split(text, '\n');
    int64_t id = 0;
    for (size_t i = 0; i < lines.size(); ++i) {
        std::string_view line = lines[i];
        if (i + 1 == lines.size() && line.empty())
            break;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        reading.word(line);
        reading.id(id++);
    }
}

void readTokenizerJson(Reading& reading, const Value& root)
{
    const Value* model = root.find("model");
    const Value* vocab = model ? model->find("vocab") : nullptr;
    if (vocab && vocab->map())
        reading.vocabulary(*vocab->map());
    if (const Value::List* pieces = vocab ? vocab->list() : nullptr; pieces && !pieces->empty())
        reading.id(static_cast<int64_t>(pieces->size()) - 1);
    reading.added(root.find("added_tokens"));
    const Value* normalizer = root.find("normalizer");
    const Value* lowercase = normalizer ? normalizer->find("lowercase") : nullptr;
    if (lowercase && lowercase->boolean())
        reading.files.doLowerCase = *lowercase->boolean();
}

void readFile(Reading& reading, const std::string& path, const std::string& name)
{
    if (name == "vocab.txt") {
        if (const auto text = tokenizerText(path))
            readVocabTxt(reading, *text);
        return;
    }
    if (name != "tokenizer.json" && name != "vocab.json" && name != "added_tokens.json")
        return;
    const auto root = readJson(path);
    if (!root || !root->map())
        return;
    if (name == "tokenizer.json")
        readTokenizerJson(reading, *root);
    else
        reading.vocabulary(*root->map());
}

} // namespace

std::optional<std::string> tokenizerText(const std::string& path)
{
    const auto source = openFile(path);
    if (!source || (*source)->nbytes() > maximumNbytes)
        return std::nullopt;
    const auto bytes = (*source)->readUpTo(0, maximumNbytes);
    if (!bytes)
        return std::nullopt;
    return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

TokenizerFiles readTokenizerFiles(const Checkpoint& checkpoint, JobContext& job)
{
    Reading reading("");
    std::optional<bool> configured;
    for (const std::string& path : checkpoint.tokenizerPaths) {
        if (job.cancelled())
            break;
        const std::string name = std::filesystem::path(path).filename().string();
        reading.next(name);
        if (name == "tokenizer_config.json") {
            const auto root = readJson(path);
            const Value* value = root ? root->find("do_lower_case") : nullptr;
            if (value && value->boolean())
                configured = *value->boolean();
        } else {
            readFile(reading, path, name);
        }
    }
    if (configured)
        reading.files.doLowerCase = configured;
    return reading.files;
}

} // namespace weighbridge
