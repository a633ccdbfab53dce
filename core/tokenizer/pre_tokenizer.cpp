// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/pre_tokenizer.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/split_pattern.h"
#include "core/tokenizer/unicode.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

using Step = PreTokenizer::Step;
using Pieces = std::vector<Piece>;

/// GPT-2's own pattern: contractions, words, numbers, signs, spaces.
const char* const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

enum class Behavior : uint8_t { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

Behavior behaviorFrom(const Value& json, Behavior fallback)
{
    const std::string name = json.find("behavior") ? json.find("behavior")->stringOr("") : "";
    return name == "Removed"              ? Behavior::Removed
           : name == "Isolated"           ? Behavior::Isolated
           : name == "MergedWithPrevious" ? Behavior::MergedWithPrevious
           : name == "MergedWithNext"     ? Behavior::MergedWithNext
           : name == "Contiguous"         ? Behavior::Contiguous
                                          : fallback;
}

bool flag(const Value& json, std::string_view key, bool fallback)
{
    const Value* value = json.find(key);
    return value && value->boolean() ? *value->boolean() : fallback;
}

/// Joins the stretches as the behavior asks for.
std::vector<Stretch> joined(const std::vector<Stretch>& stretches, Behavior behavior)
{
    std::vector<Stretch> out;
    for (size_t i = 0; i < stretches.size(); ++i) {
        const Stretch& stretch = stretches[i];
        const bool followsMatch = i > 0 && stretches[i - 1].isMatch;
        if (behavior == Behavior::Removed && stretch.isMatch)
            continue;
        const bool joins = !out.empty()
                           && ((behavior == Behavior::Contiguous && stretch.isMatch == followsMatch)
                               || (behavior == Behavior::MergedWithPrevious && stretch.isMatch && !followsMatch)
                               || (behavior == Behavior::MergedWithNext && followsMatch && !stretch.isMatch));
        if (joins)
            out.back().end = stretch.end;
        else
            out.push_back(stretch);
    }
    return out;
}

void cut(const Piece& piece, const std::vector<Stretch>& stretches, Pieces& out)
{
    for (const Stretch& stretch : stretches)
        out.push_back({piece.text.substr(stretch.begin, stretch.end - stretch.begin), piece.isFirst && stretch.begin == 0});
}

/// Each character that `matches` as a stretch of its own, what lies between as one.
template <typename Matches>
std::vector<Stretch> characterStretches(std::string_view text, Matches matches)
{
    std::vector<Stretch> out;
    size_t at = 0;
    for (const unicode::Character& character : unicode::characters(text)) {
        const size_t end = at + character.bytes.size();
        const bool isMatch = matches(character.code);
        if (!isMatch && !out.empty() && !out.back().isMatch)
            out.back().end = end;
        else
            out.push_back({at, end, isMatch});
        at = end;
    }
    return out;
}

template <typename Matches>
Step characterStep(Matches matches, Behavior behavior)
{
    return [matches, behavior](const Piece& piece, Pieces& out) { cut(piece, joined(characterStretches(piece.text, matches), behavior), out); };
}

Step patternStep(SplitPattern pattern, Behavior behavior, bool isInverted)
{
    return [pattern_ = std::move(pattern), behavior, isInverted](const Piece& piece, Pieces& out) {
        auto stretches = pattern_.stretches(piece.text);
        for (Stretch& stretch : stretches)
            stretch.isMatch = stretch.isMatch != isInverted;
        cut(piece, joined(stretches, behavior), out);
    };
}

Result<Step> splitStep(const Value& json)
{
    const Value* pattern = json.find("pattern");
    const Value* regex = pattern ? pattern->find("Regex") : nullptr;
    const Value* literal = pattern ? pattern->find("String") : nullptr;
    if (!regex && !literal)
        return failure("corrupt", "The tokenizer splits the text, but does not say where.");
    auto compiled = regex ? SplitPattern::compile(regex->stringOr("")) : SplitPattern::literal(literal->stringOr(""));
    if (!compiled)
        return tl::unexpected(compiled.error());
    return patternStep(std::move(*compiled), behaviorFrom(json, Behavior::Isolated), flag(json, "invert", false));
}

Result<Step> byteLevelStep(const Value& json)
{
    auto pattern = SplitPattern::compile(gpt2Pattern);
    if (!pattern)
        return tl::unexpected(pattern.error());
    return [pattern_ = std::move(*pattern), addsSpace = flag(json, "add_prefix_space", true), splits = flag(json, "use_regex", true)](const Piece& piece, Pieces& out) {
        const Piece spaced{addsSpace && !piece.text.starts_with(' ') ? " " + piece.text : piece.text, piece.isFirst};
        const size_t before = out.size();
        if (splits)
            cut(spaced, pattern_.stretches(spaced.text), out);
        else
            out.push_back(spaced);
        for (size_t i = before; i < out.size(); ++i)
            out[i].text = bytesAsCharacters(out[i].text);
    };
}

/// Spaces become a visible sign, which also begins the text; each sign begins a piece.
Step metaspaceStep(const Value& json)
{
    const auto text = [&json](std::string_view key, const char* fallback) { return json.find(key) ? json.find(key)->stringOr(fallback) : std::string(fallback); };
    const std::string scheme = text("prepend_scheme", flag(json, "add_prefix_space", true) ? "always" : "never");
    return [sign = text("replacement", "\u2581"), scheme, splits = flag(json, "split", true)](const Piece& piece, Pieces& out) {
        Piece marked{{}, piece.isFirst};
        for (const char c : piece.text)
            marked.text += c == ' ' ? sign : std::string(1, c);
        if ((scheme == "always" || (scheme == "first" && piece.isFirst)) && !marked.text.starts_with(sign))
            marked.text.insert(0, sign);
        if (splits)
            cut(marked, joined(SplitPattern::literal(sign).stretches(marked.text), Behavior::MergedWithNext), out);
        else
            out.push_back(std::move(marked));
    };
}

Result<std::vector<Step>> stepsFrom(const Value& json)
{
    const std::string type = typeOf(json);
    if (type == "BertPreTokenizer")
        return std::vector{characterStep(&unicode::isWhiteSpace, Behavior::Removed), characterStep(&unicode::isPunctuation, Behavior::Isolated)};
    if (type == "WhitespaceSplit")
        return std::vector{characterStep(&unicode::isWhiteSpace, Behavior::Removed)};
    if (type == "Punctuation")
        return std::vector{characterStep(&unicode::isPunctuation, behaviorFrom(json, Behavior::Isolated))};
    if (type == "Digits")
        return std::vector{characterStep(&unicode::isNumeric, flag(json, "individual_digits", false) ? Behavior::Isolated : Behavior::Contiguous)};
    if (type == "Metaspace")
        return std::vector{metaspaceStep(json)};
    if (type == "CharDelimiterSplit") {
        const auto delimiter = unicode::firstCharacter(json.find("delimiter") ? json.find("delimiter")->stringOr(" ") : " ").code;
        return std::vector{characterStep([delimiter](char32_t c) { return c == delimiter; }, Behavior::Removed)};
    }
    if (type == "Whitespace") {
        const auto outside = [](char32_t c) { return unicode::isWhiteSpace(c); };
        const auto word = [](char32_t c) { return unicode::isWord(c); };
        return std::vector{characterStep(outside, Behavior::Removed), characterStep(word, Behavior::Contiguous)};
    }
    const auto one = [](Step step) { return std::vector{std::move(step)}; };
    if (type == "ByteLevel")
        return byteLevelStep(json).map(one);
    if (type == "Split")
        return splitStep(json).map(one);
    return failure("tokenizer-unknown", fmt::format("The tokenizer has a pre-tokenizer of the kind {}, which is not known.", shown(type)));
}

} // namespace

Result<PreTokenizer> PreTokenizer::from(const Value* json)
{
    PreTokenizer out;
    if (!json || json->isNull())
        return out;
    for (const Value* part : flattened(*json, "pretokenizers")) {
        auto steps = stepsFrom(*part);
        if (!steps)
            return tl::unexpected(steps.error());
        out.m_steps.insert(out.m_steps.end(), std::make_move_iterator(steps->begin()), std::make_move_iterator(steps->end()));
    }
    return out;
}

Result<std::vector<Piece>> PreTokenizer::apply(Piece text) const
{
    Pieces pieces;
    pieces.push_back(std::move(text));
    for (const Step& step : m_steps) {
        Pieces next;
        size_t nbytes = 0;
        for (const Piece& piece : pieces) {
            const size_t before = next.size();
            step(piece, next);
            for (size_t i = before; i < next.size(); ++i)
                nbytes += next[i].text.size();
            if (nbytes > limits::tokenizerTextNbytes)
                return failure("resource-bomb", fmt::format("The tokenizer makes more than {} of the text.", formatNbytes(limits::tokenizerTextNbytes)));
        }
        std::erase_if(next, [](const Piece& piece) { return piece.text.empty(); });
        pieces = std::move(next);
    }
    return pieces;
}

} // namespace weighbridge
