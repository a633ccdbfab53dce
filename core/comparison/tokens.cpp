// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/fields.h"

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_map>

namespace weighbridge {
namespace {

using Vocabulary = std::unordered_map<std::string, int64_t>;

constexpr uint64_t maximumNbytes = 128 * limits::MiB;
constexpr size_t mostListed = 1000;
constexpr std::array fileNames{"tokenizer.json", "vocab.json", "vocab.txt"}; ///< the first that is there holds the others' content

std::string textOf(const std::string& path)
{
    const auto source = openFile(path);
    const auto bytes = source && (*source)->nbytes() <= maximumNbytes ? (*source)->readUpTo(0, maximumNbytes) : Result<std::vector<std::byte>>();
    return bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : std::string();
}

void addMap(const Value* map, Vocabulary& out)
{
    if (!map || !map->map())
        return;
    for (const auto& [token, id] : *map->map())
        if (id.isInt())
            out[token] = *id.integer();
}

/// huggingface.co/docs/tokenizers: WordPiece and BPE have a map, Unigram a list of [piece, score].
void addTokenizerJson(const Value& root, Vocabulary& out)
{
    const Value* model = root.find("model");
    const Value* vocabulary = model ? model->find("vocab") : nullptr;
    addMap(vocabulary, out);
    if (const Value::List* pieces = vocabulary ? vocabulary->list() : nullptr)
        for (size_t i = 0; i < pieces->size(); ++i)
            if (const Value::List* piece = (*pieces)[i].list(); piece && !piece->empty() && piece->front().isString())
                out[*piece->front().string()] = static_cast<int64_t>(i);
    const Value* added = root.find("added_tokens");
    if (const Value::List* entries = added ? added->list() : nullptr)
        for (const Value& entry : *entries)
            if (const Value *id = entry.find("id"), *content = entry.find("content"); id && id->isInt() && content && content->isString())
                out[*content->string()] = *id->integer();
}

void addLines(const std::string& text, Vocabulary& out)
{
    int64_t id = 0;
    for (std::string_view line : split(text.ends_with('\n') ? std::string_view(text).substr(0, text.size() - 1) : std::string_view(text), '\n')) {
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        out.emplace(std::string(line), id++);
    }
}

/// Those of the folder, or, of a single file, those that lie beside it under their usual names.
std::vector<std::string> tokenizerFilesOf(const Checkpoint& checkpoint)
{
    std::vector<std::string> out = checkpoint.tokenizerPaths;
    if (checkpoint.format == "model-folder" || isFolder(checkpoint.path))
        return out;
    std::vector<std::string> beside;
    for (const char* name : fileNames)
        beside.push_back((std::filesystem::path(checkpoint.path).parent_path() / name).string());
    for (std::string& path : filesAmong(std::move(beside)))
        out.push_back(std::move(path));
    return out;
}

Vocabulary vocabularyOf(const Checkpoint& checkpoint)
{
    Vocabulary out;
    const auto paths = tokenizerFilesOf(checkpoint);
    for (const char* wanted : fileNames) {
        for (const std::string& path : paths) {
            if (std::filesystem::path(path).filename() != wanted)
                continue;
            const std::string text = textOf(path);
            const auto document = std::string_view(wanted).ends_with(".json") ? parseJson(text, path) : Result<JsonDocument>();
            if (std::string_view(wanted) == "vocab.txt")
                addLines(text, out);
            else if (document && std::string_view(wanted) == "vocab.json")
                addMap(&document->value, out);
            else if (document)
                addTokenizerJson(document->value, out);
        }
        if (!out.empty())
            break;
    }
    return out;
}

} // namespace

TokenizerDifference differingTokens(const Checkpoint& a, const Checkpoint& b, JobContext& job)
{
    TokenizerDifference out;
    const Vocabulary left = vocabularyOf(a);
    const Vocabulary right = job.cancelled() ? Vocabulary{} : vocabularyOf(b);
    out.tokensA = left.size();
    out.tokensB = right.size();
    if (left.empty() || right.empty())
        return out;
    for (const auto& [token, id] : left) {
        const auto found = right.find(token);
        if (found != right.end() && found->second == id)
            continue;
        ++(found == right.end() ? out.removed : out.moved);
        out.tokens.push_back({token, id, found == right.end() ? -1 : found->second});
    }
    for (const auto& [token, id] : right)
        if (!left.contains(token)) {
            ++out.added;
            out.tokens.push_back({token, -1, id});
        }
    const auto place = [](const TokenDifference& difference) { return difference.a >= 0 ? difference.a : difference.b; };
    std::sort(out.tokens.begin(), out.tokens.end(), [&place](const auto& x, const auto& y) { return std::pair(place(x), x.token) < std::pair(place(y), y.token); });
    out.tokens.resize(std::min(out.tokens.size(), mostListed));
    return out;
}

} // namespace weighbridge
