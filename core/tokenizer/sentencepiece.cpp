// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/sentencepiece.h"

#include "core/base/base64.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace weighbridge {
namespace {

// Numbers of fields: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
constexpr size_t maximumPieces = 4'000'000;
constexpr uint64_t longestPieceNbytes = 1024;
constexpr uint64_t mostSquares = 1'000'000'000; ///< sum of the squares of the pieces' lengths: what it costs to find all merges; some 20 million in published models

struct Piece {
    std::string text;
    double score = 0;
    uint64_t type = 1; ///< 1 normal, 2 unknown, 3 control, 4 user-defined, 6 byte
};

struct Model {
    std::vector<Piece> pieces;
    bool isBpe = false;
    bool hasByteFallback = false;
    int64_t unknown = 0;
    std::string charsmap;
};

Result<Piece> readPiece(const ByteSource& source, const WireField& field)
{
    Piece piece;
    return eachField(WireMessage(source, field), [&piece](const WireMessage& message, const WireField& part) -> Result<void> {
        if (part.isMessage(1)) {
            if (part.nbytes > longestPieceNbytes)
                return failure("resource-bomb", "The tokenizer has a token of more than 1 KiB.");
            return message.text(part).map([&piece](std::string&& text) { piece.text = std::move(text); });
        }
        if (part.number == 2 && part.type == 5)
            piece.score = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(part.value)));
        else if (part.isNumber(3))
            piece.type = part.value;
        return {};
    }).map([&piece] { return std::move(piece); });
}

/// TrainerSpec: what kind of model it is.
Result<void> readTrainer(const ByteSource& source, const WireField& field, Model& model)
{
    return eachField(WireMessage(source, field), [&model](const WireMessage&, const WireField& part) -> Result<void> {
        if (part.isNumber(3))
            model.isBpe = part.value == 2;
        else if (part.isNumber(35))
            model.hasByteFallback = part.value != 0;
        else if (part.isNumber(40))
            model.unknown = static_cast<int64_t>(part.value);
        return {};
    });
}

Result<void> readNormalizer(const ByteSource& source, const WireField& field, Model& model)
{
    return eachField(WireMessage(source, field), [&](const WireMessage&, const WireField& part) -> Result<void> {
        if (!part.isMessage(2))
            return {};
        return source.read(part.offset, part.nbytes).map([&model](const std::vector<std::byte>& bytes) {
            model.charsmap.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        });
    });
}

Result<Model> readModel(const ByteSource& source)
{
    if (source.nbytes() > limits::tokenizerNbytes)
        return failure("resource-bomb", fmt::format("A sentencepiece model of {} is more than the limit of {}.", formatNbytes(source.nbytes()), formatNbytes(limits::tokenizerNbytes)));
    Model model;
    return eachField(WireMessage(source, 0, source.nbytes()), [&](const WireMessage&, const WireField& part) -> Result<void> {
        if (part.isMessage(2))
            return readTrainer(source, part, model);
        if (part.isMessage(3))
            return readNormalizer(source, part, model);
        if (!part.isMessage(1))
            return {};
        if (model.pieces.size() >= maximumPieces)
            return failure("resource-bomb", "The tokenizer has more than four million tokens.");
        return readPiece(source, part).map([&model](Piece&& piece) { model.pieces.push_back(std::move(piece)); });
    }).map([&model] { return std::move(model); });
}

/// The tokens in the model's own numbering; fairseq's models moved the special ones.
void renumber(Model& model, const std::string& modelType)
{
    const auto put = [&model](size_t replaced, std::vector<Piece> first) {
        model.pieces.erase(model.pieces.begin(), model.pieces.begin() + static_cast<ptrdiff_t>(std::min(replaced, model.pieces.size())));
        model.pieces.insert(model.pieces.begin(), first.begin(), first.end());
    };
    const Piece bos{"<s>", 0, 3};
    const Piece pad{"<pad>", 0, 3};
    const Piece eos{"</s>", 0, 3};
    const Piece unknown{"<unk>", 0, 2};
    const Piece mask{"<mask>", 0, 3};
    if (modelType == "xlm-roberta" || modelType == "xlm-roberta-xl") {
        put(3, {bos, pad, eos, unknown});
        model.pieces.push_back(mask);
        model.unknown = 3;
    } else if (modelType == "camembert") {
        put(1, {{"<s>NOTUSED", 0, 1}, pad, {"</s>NOTUSED", 0, 1}, unknown, {"<unk>NOTUSED", -100, 1}});
        model.pieces.push_back(mask);
        model.unknown = 3;
    } else if (modelType == "t5" || modelType == "mt5") {
        for (int i = 99; i >= 0; --i)
            model.pieces.push_back({fmt::format("<extra_id_{}>", i), 0, 3});
    }
}

Value::List specials(const Model& model)
{
    Value::List out;
    for (size_t i = 0; i < model.pieces.size(); ++i) {
        const Piece& piece = model.pieces[i];
        if (piece.type == 2 || piece.type == 3 || piece.type == 4)
            out.push_back(Value::Map{{"content", piece.text}, {"id", static_cast<int64_t>(i)}, {"normalized", false}, {"special", piece.type != 4},
                                     {"lstrip", piece.text == "<mask>" || piece.text == "[MASK]"}});
    }
    return out;
}

Value replace(const char* kind, const char* pattern, const char* content)
{
    return Value::Map{{"type", "Replace"}, {"pattern", Value::Map{{kind, pattern}}}, {"content", content}};
}

Value normalizer(const Model& model, const std::string& modelType)
{
    Value::List steps;
    if (modelType == "albert") {
        steps.push_back(replace("String", "``", "\""));
        steps.push_back(replace("String", "''", "\""));
        steps.push_back(Value::Map{{"type", "NFKD"}});
        steps.push_back(Value::Map{{"type", "StripAccents"}});
        steps.push_back(Value::Map{{"type", "Lowercase"}});
    }
    if (!model.charsmap.empty())
        steps.push_back(Value::Map{{"type", "Precompiled"}, {"precompiled_charsmap", encodeBase64(model.charsmap)}});
    return Value::Map{{"type", "Sequence"}, {"normalizers", std::move(steps)}};
}

Value special(const char* token, int64_t type)
{
    return Value::Map{{"SpecialToken", Value::Map{{"id", token}, {"type_id", type}}}};
}

Value sequence(const char* which, int64_t type)
{
    return Value::Map{{"Sequence", Value::Map{{"id", which}, {"type_id", type}}}};
}

/// What stands around a text, by model type.
Value around(const Model& model, const std::string& modelType)
{
    Value::Map ids;
    for (size_t i = 0; i < model.pieces.size(); ++i)
        if (model.pieces[i].type == 3)
            ids.emplace_back(model.pieces[i].text, Value::Map{{"ids", Value::List{static_cast<int64_t>(i)}}});
    const auto made = [&ids](Value::List single, Value::List pair) {
        return Value(Value::Map{{"type", "TemplateProcessing"}, {"single", std::move(single)}, {"pair", std::move(pair)}, {"special_tokens", std::move(ids)}});
    };
    if (modelType == "t5" || modelType == "mt5")
        return made({sequence("A", 0), special("</s>", 0)}, {sequence("A", 0), special("</s>", 0), sequence("B", 0), special("</s>", 0)});
    if (modelType == "albert")
        return made({special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)},
                    {special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)});
    if (modelType.starts_with("xlm-roberta") || modelType == "camembert")
        return made({special("<s>", 0), sequence("A", 0), special("</s>", 0)},
                    {special("<s>", 0), sequence("A", 0), special("</s>", 0), special("</s>", 0), sequence("B", 0), special("</s>", 0)});
    if (std::none_of(ids.begin(), ids.end(), [](const auto& entry) { return entry.first == "<s>"; }))
        return {};
    return made({special("<s>", 0), sequence("A", 0)}, {special("<s>", 0), sequence("A", 0), sequence("B", 0)});
}

/// A merge for each way to make a token of two others; those of better tokens come first.
Value::List mergesOf(const Model& model)
{
    struct Pair {
        double score;
        int64_t left;
        int64_t right;
    };
    std::unordered_map<std::string, int64_t> ids;
    for (size_t i = 0; i < model.pieces.size(); ++i)
        ids[model.pieces[i].text] = static_cast<int64_t>(i);
    std::vector<Pair> pairs;
    for (const Piece& piece : model.pieces) {
        std::vector<Pair> own;
        for (size_t at = 1; at < piece.text.size(); ++at) {
            const auto left = ids.find(piece.text.substr(0, at));
            const auto right = ids.find(piece.text.substr(at));
            if (left != ids.end() && right != ids.end())
                own.push_back({piece.score, left->second, right->second});
        }
        std::sort(own.begin(), own.end(), [](const Pair& a, const Pair& b) { return std::pair(a.left, a.right) < std::pair(b.left, b.right); });
        pairs.insert(pairs.end(), own.begin(), own.end());
    }
    std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.score > b.score; });
    Value::List out;
    for (const Pair& pair : pairs)
        out.push_back(Value::List{model.pieces[static_cast<size_t>(pair.left)].text, model.pieces[static_cast<size_t>(pair.right)].text});
    return out;
}

Value bpeJson(const Model& model)
{
    Value::Map vocab;
    for (size_t i = 0; i < model.pieces.size(); ++i)
        vocab.emplace_back(model.pieces[i].text, static_cast<int64_t>(i));
    const Value steps = Value::List{Value::Map{{"type", "Prepend"}, {"prepend", "\u2581"}}, replace("String", " ", "\u2581")};
    return Value::Map{{"added_tokens", specials(model)},
                      {"normalizer", Value::Map{{"type", "Sequence"}, {"normalizers", steps}}},
                      {"post_processor", around(model, "llama")},
                      {"decoder", Value::Map{{"type", "Metaspace"}}},
                      {"model", Value::Map{{"type", "BPE"}, {"vocab", std::move(vocab)}, {"merges", mergesOf(model)}, {"unk_token", "<unk>"}, {"fuse_unk", true},
                                           {"byte_fallback", true}}}};
}

Value unigramJson(const Model& model, const std::string& modelType)
{
    Value::List vocab;
    for (const Piece& piece : model.pieces)
        vocab.push_back(Value::List{piece.text, piece.score});
    const Value words = Value::List{Value::Map{{"type", "WhitespaceSplit"}}, Value::Map{{"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", "always"}}};
    return Value::Map{{"added_tokens", specials(model)},
                      {"normalizer", normalizer(model, modelType)},
                      {"pre_tokenizer", Value::Map{{"type", "Sequence"}, {"pretokenizers", words}}},
                      {"post_processor", around(model, modelType)},
                      {"decoder", Value::Map{{"type", "Metaspace"}}},
                      {"model", Value::Map{{"type", "Unigram"}, {"unk_id", model.unknown}, {"vocab", std::move(vocab)}, {"byte_fallback", model.hasByteFallback}}}};
}

} // namespace

Result<Value> sentencepieceAsJson(const ByteSource& source, const std::string& modelType)
{
    auto model = readModel(source);
    if (!model)
        return failure(Error(model.error()).at(source.path()));
    if (model->pieces.empty())
        return failure(Error("corrupt", "The file is no sentencepiece model: it has no tokens.").at(source.path()));
    uint64_t squares = 0;
    for (const Piece& piece : model->pieces)
        squares += piece.text.size() * piece.text.size();
    if (squares > mostSquares)
        return failure(Error("resource-bomb", "The tokens of the sentencepiece model are too long in sum: no model has so many of such a length.").at(source.path()));
    renumber(*model, modelType);
    return model->isBpe ? bpeJson(*model) : unigramJson(*model, modelType);
}

} // namespace weighbridge
