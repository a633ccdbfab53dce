// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/tokenizer.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weighbridge {
namespace {

constexpr std::string_view spaceSign = "\u2581";

Result<TokenModelPtr> modelFrom(const Value& json)
{
    const std::string type = tokenModelKind(json);
    if (type == "BPE")
        return bpeModel(json);
    if (type == "Unigram")
        return unigramModel(json);
    if (type == "WordPiece")
        return wordPieceModel(json);
    return failure("tokenizer-unknown", fmt::format("The tokenizer has a model of the kind {}, which is not known.", shown(type)));
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

/// The byte that <0x0A> stands for.
std::optional<char> byteOf(std::string_view token)
{
    unsigned byte = 0;
    if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>') || std::from_chars(token.data() + 3, token.data() + 5, byte, 16).ptr != token.data() + 5)
        return std::nullopt;
    return static_cast<char>(byte);
}

/// Cuts the longer of two lists until both fit into `room`.
bool cutToFit(std::vector<int64_t>& first, std::vector<int64_t>& second, size_t room)
{
    bool isCut = false;
    while (first.size() + second.size() > room) {
        std::vector<int64_t>& longer = first.size() >= second.size() ? first : second;
        const size_t shorter = std::min(first.size(), second.size());
        const size_t excess = first.size() + second.size() - room;
        // one by one only once they are of one length
        longer.resize(longer.size() - std::clamp<size_t>(longer.size() - shorter, 1, std::min(excess, longer.size())));
        isCut = true;
    }
    return isCut;
}

} // namespace

std::string tokenModelKind(const Value& json)
{
    const std::string type = typeOf(json);
    const Value* vocab = json.find("vocab");
    return !type.empty() ? type : json.find("merges") ? "BPE" : vocab && vocab->isList() ? "Unigram" : "WordPiece";
}

Result<TokenizerPtr> Tokenizer::fromJson(const Value& root)
{
    const Value* model = root.find("model");
    if (!model)
        return failure("corrupt", "The file is no tokenizer: it has no model.");
    auto out = std::make_shared<Tokenizer>();
    auto tokenModel = modelFrom(*model);
    auto normalizer = Normalizer::from(root.find("normalizer"));
    auto preTokenizer = PreTokenizer::from(root.find("pre_tokenizer"));
    auto around = Template::from(root.find("post_processor"));
    if (!tokenModel)
        return failure(tokenModel.error());
    if (!normalizer)
        return failure(normalizer.error());
    if (!preTokenizer)
        return failure(preTokenizer.error());
    if (!around)
        return failure(around.error());
    out->m_model = std::move(*tokenModel);
    out->m_normalizer = std::move(*normalizer);
    out->m_preTokenizer = std::move(*preTokenizer);
    out->m_template = std::move(*around);
    if (const auto added = out->m_added.read(root.find("added_tokens"), out->m_normalizer); !added)
        return failure(added.error());
    for (const AddedToken& token : out->m_added.all()) {
        out->m_addedById[token.id] = token.content;
        out->m_addedByText[token.content] = token.id;
        if (token.isSpecial)
            out->m_special.insert(token.id);
    }
    out->readDecoder(root);
    return TokenizerPtr(std::move(out));
}

void Tokenizer::readDecoder(const Value& root)
{
    const Value* decoder = root.find("decoder");
    if (!decoder || decoder->isNull())
        return;
    for (const Value* part : flattened(*decoder, "decoders")) {
        const std::string type = typeOf(*part);
        if (type == "WordPiece") {
            m_writing = Writing::WordPiece;
            m_prefix = part->find("prefix") ? part->find("prefix")->stringOr("##") : "##";
        } else if (type == "ByteLevel") {
            m_writing = Writing::ByteLevel;
        } else if (type == "Metaspace" || type == "Replace") {
            m_writing = Writing::Metaspace;
        }
    }
}

Result<std::vector<int64_t>> Tokenizer::encodeText(const std::string& text) const
{
    if (text.size() > limits::tokenizerTextNbytes)
        return failure("resource-bomb", fmt::format("The text has {}, more than the limit of {}.", formatNbytes(text.size()), formatNbytes(limits::tokenizerTextNbytes)));
    const auto parts = m_added.split(unicode::valid(text), m_normalizer);
    if (!parts)
        return tl::unexpected(parts.error());
    std::vector<int64_t> ids;
    for (const TextPart& part : *parts) {
        if (part.id >= 0) {
            ids.push_back(part.id);
            continue;
        }
        const auto pieces = m_preTokenizer.apply({part.text, part.isFirst});
        if (!pieces)
            return tl::unexpected(pieces.error());
        for (const Piece& piece : *pieces)
            m_model->tokenize(piece.text, ids);
    }
    return ids;
}

Result<Encoding> Tokenizer::encode(const std::string& text, const std::optional<std::string>& pair, size_t maximumTokens) const
{
    auto first = encodeText(text);
    auto second = pair ? encodeText(*pair) : std::vector<int64_t>();
    if (!first || !second)
        return failure(first ? second.error() : first.error());
    const auto& parts = pair ? m_template.pair : m_template.single;
    Encoding out;
    if (const size_t added = specialTokens(parts); maximumTokens > 0)
        out.isCut = cutToFit(*first, *second, maximumTokens > added ? maximumTokens - added : 0);
    for (const TemplatePart& part : parts) {
        const bool isFirst = part.kind == TemplatePart::Kind::First;
        const bool isSpecial = part.kind == TemplatePart::Kind::Special;
        const auto& ids = isSpecial ? part.ids : isFirst ? *first : *second;
        out.ids.insert(out.ids.end(), ids.begin(), ids.end());
        out.typeIds.insert(out.typeIds.end(), ids.size(), part.typeId);
        out.sequence.insert(out.sequence.end(), ids.size(), isSpecial ? -1 : isFirst ? 0 : 1);
    }
    return out;
}

std::string Tokenizer::token(int64_t id) const
{
    if (const auto added = m_addedById.find(id); added != m_addedById.end())
        return added->second;
    const auto& tokens = m_model->vocabulary().tokens;
    const auto found = tokens.find(id);
    return found == tokens.end() ? "" : found->second;
}

int64_t Tokenizer::id(const std::string& token) const
{
    const auto added = m_addedByText.find(token);
    return added != m_addedByText.end() ? added->second : m_model->vocabulary().id(token);
}

std::string Tokenizer::readableToken(int64_t id) const
{
    const std::string text = token(id);
    if (m_addedById.contains(id))
        return text;
    if (m_writing == Writing::WordPiece && text.starts_with(m_prefix))
        return text.substr(m_prefix.size());
    if (m_writing == Writing::ByteLevel)
        return unicode::valid(charactersAsBytes(text));
    if (m_writing == Writing::Metaspace)
        return replaced(text, spaceSign, " ");
    return text;
}

std::string Tokenizer::joined(std::span<const int64_t> ids) const
{
    std::string out;
    for (const int64_t id : ids) {
        const std::string text = token(id);
        if (isSpecial(id))
            continue;
        if (m_writing == Writing::WordPiece && text.starts_with(m_prefix))
            out += text.substr(m_prefix.size());
        else if (m_writing == Writing::WordPiece)
            out += (out.empty() ? "" : " ") + text;
        else if (const auto byte = m_writing == Writing::Metaspace ? byteOf(text) : std::nullopt)
            out += *byte;
        else
            out += text;
    }
    return out;
}

std::string Tokenizer::decode(std::span<const int64_t> ids) const
{
    const std::string text = joined(ids);
    if (m_writing == Writing::ByteLevel)
        return unicode::valid(charactersAsBytes(text));
    if (m_writing == Writing::Metaspace)
        return unicode::valid(replaced(text, spaceSign, " "));
    return text;
}

} // namespace weighbridge
