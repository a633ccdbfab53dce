// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/normalizer.h"

#include "core/base/base64.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/charsmap.h"
#include "core/tokenizer/split_pattern.h"
#include "core/tokenizer/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace weighbridge {
namespace {

using Step = Normalizer::Step;

bool flag(const Value& json, std::string_view key, bool fallback)
{
    const Value* value = json.find(key);
    return value && value->boolean() ? *value->boolean() : fallback;
}

std::string text(const Value& json, std::string_view key)
{
    return json.find(key) ? json.find(key)->stringOr("") : std::string();
}

/// The characters for which `keep` says yes.
template <typename Keep>
std::string filtered(const std::string& in, Keep keep)
{
    std::string out;
    for (const unicode::Character& character : unicode::characters(in))
        if (keep(character.code))
            out += character.bytes;
    return out;
}

std::string cleaned(const std::string& in)
{
    std::string out;
    for (const unicode::Character& character : unicode::characters(in)) {
        if (character.code == 0 || character.code == U'\uFFFD' || unicode::isControl(character.code))
            continue;
        out += unicode::isWhiteSpace(character.code) ? std::string_view(" ") : character.bytes;
    }
    return out;
}

std::string withSpacedChinese(const std::string& in)
{
    std::string out;
    for (const unicode::Character& character : unicode::characters(in)) {
        const bool isChinese = unicode::isChinese(character.code);
        out += isChinese ? " " : "";
        out += character.bytes;
        out += isChinese ? " " : "";
    }
    return out;
}

Step bertStep(const Value& json)
{
    const bool lowercase = flag(json, "lowercase", true);
    return [cleans = flag(json, "clean_text", true), spaces = flag(json, "handle_chinese_chars", true), lowercase,
            strips = flag(json, "strip_accents", lowercase)](const std::string& in) {
        std::string out = cleans ? cleaned(in) : in;
        if (spaces)
            out = withSpacedChinese(out);
        if (strips)
            out = filtered(unicode::normalized(out, unicode::Form::D), [](char32_t c) { return !unicode::isNonspacingMark(c); });
        return lowercase ? unicode::lowered(out) : out;
    };
}

std::string stripped(const std::string& in, bool left, bool right)
{
    const auto all = unicode::characters(in);
    const auto isSolid = [](const unicode::Character& c) { return !unicode::isWhiteSpace(c.code); };
    const auto first = left ? std::find_if(all.begin(), all.end(), isSolid) : all.begin();
    const auto last = right ? std::find_if(all.rbegin(), std::make_reverse_iterator(first), isSolid).base() : all.end();
    std::string out;
    for (auto character = first; character != last; ++character)
        out += character->bytes;
    return out;
}

/// As in sentencepiece's rules for machine translation: some controls go, some become spaces.
std::string withoutControls(const std::string& in)
{
    const auto goes = [](char32_t c) { return (c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F; };
    const auto isSpace = [](char32_t c) {
        return c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 || (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
    };
    std::string out;
    for (const unicode::Character& character : unicode::characters(in))
        if (!goes(character.code))
            out += isSpace(character.code) ? std::string_view(" ") : character.bytes;
    return out;
}

Result<Step> replaceStep(const Value& json)
{
    const Value* pattern = json.find("pattern");
    const Value* regex = pattern ? pattern->find("Regex") : nullptr;
    const Value* literal = pattern ? pattern->find("String") : nullptr;
    if (!regex && !literal)
        return failure("corrupt", "The tokenizer replaces something, but does not say what.");
    auto compiled = regex ? SplitPattern::compile(regex->stringOr("")) : SplitPattern::literal(literal->stringOr(""));
    if (!compiled)
        return tl::unexpected(compiled.error());
    return [pattern_ = std::move(*compiled), content = text(json, "content")](const std::string& in) {
        std::string out;
        for (const Stretch& stretch : pattern_.stretches(in)) {
            if (out.size() > limits::tokenizerTextNbytes)
                break;
            out += stretch.isMatch ? std::string_view(content) : std::string_view(in).substr(stretch.begin, stretch.end - stretch.begin);
        }
        return out;
    };
}

Result<Step> charsmapStep(const Value& json)
{
    const auto bytes = decodeBase64(text(json, "precompiled_charsmap"));
    if (!bytes)
        return tl::unexpected(bytes.error());
    auto map = Charsmap::parse(*bytes);
    if (!map)
        return tl::unexpected(map.error());
    return [shared = std::make_shared<const Charsmap>(std::move(*map))](const std::string& in) { return shared->apply(in); };
}

Step formStep(unicode::Form form)
{
    return [form](const std::string& in) { return unicode::normalized(in, form); };
}

Result<Step> stepFrom(const Value& json)
{
    const std::string type = typeOf(json);
    if (type == "BertNormalizer")
        return bertStep(json);
    if (type == "Lowercase")
        return Step([](const std::string& in) { return unicode::lowered(in); });
    if (type == "NFC" || type == "NFD")
        return formStep(type == "NFC" ? unicode::Form::C : unicode::Form::D);
    if (type == "NFKC" || type == "NFKD")
        return formStep(type == "NFKC" ? unicode::Form::KC : unicode::Form::KD);
    if (type == "StripAccents")
        return Step([](const std::string& in) { return filtered(in, [](char32_t c) { return !unicode::isMark(c); }); });
    if (type == "Strip")
        return Step([left = flag(json, "strip_left", true), right = flag(json, "strip_right", true)](const std::string& in) { return stripped(in, left, right); });
    if (type == "Nmt")
        return Step(&withoutControls);
    if (type == "Prepend")
        return Step([prefix = text(json, "prepend")](const std::string& in) { return in.empty() ? in : prefix + in; });
    if (type == "Replace")
        return replaceStep(json);
    if (type == "Precompiled")
        return charsmapStep(json);
    if (type == "ByteLevel")
        return Step([](const std::string& in) { return bytesAsCharacters(in); });
    return failure("tokenizer-unknown", fmt::format("The tokenizer has a normalizer of the kind {}, which is not known.", shown(type)));
}

} // namespace

std::string typeOf(const Value& json)
{
    return text(json, "type");
}

std::vector<const Value*> flattened(const Value& root, std::string_view key)
{
    std::vector<const Value*> out;
    std::vector<const Value*> open{&root};
    while (!open.empty()) {
        const Value* json = open.back();
        open.pop_back();
        const Value* members = typeOf(*json) == "Sequence" ? json->find(key) : nullptr;
        if (!members || !members->list()) {
            out.push_back(json);
            continue;
        }
        for (auto member = members->list()->rbegin(); member != members->list()->rend(); ++member)
            open.push_back(&*member);
    }
    return out;
}

Result<Normalizer> Normalizer::from(const Value* json)
{
    Normalizer normalizer;
    if (!json || json->isNull())
        return normalizer;
    for (const Value* part : flattened(*json, "normalizers")) {
        auto step = stepFrom(*part);
        if (!step)
            return tl::unexpected(step.error());
        normalizer.m_steps.push_back(std::move(*step));
    }
    return normalizer;
}

Result<std::string> Normalizer::apply(std::string text_) const
{
    for (const Step& step : m_steps) {
        text_ = step(text_);
        if (text_.size() > limits::tokenizerTextNbytes)
            return failure("resource-bomb", fmt::format("The tokenizer makes more than {} of the text.", formatNbytes(limits::tokenizerTextNbytes)));
    }
    return text_;
}

} // namespace weighbridge
