// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/base/json.h"
#include "core/tokenizer/sentencepiece.h"
#include "core/tokenizer/tokenizer.h"

namespace weighbridge {
namespace {

/// A tokenizer of a hostile file takes a text, and gives one back.
void parse(FuzzBytes bytes)
{
    const std::string text = textOf(bytes);
    const bool isJson = text.starts_with('{');
    const auto document = isJson ? parseJson(text).map([](JsonDocument&& parsed) { return std::move(parsed.value); })
                                 : sentencepieceAsJson(*memorySource({bytes.begin(), bytes.end()}, "fuzz.model"), {});
    const auto tokenizer = document.and_then([](const Value& root) { return Tokenizer::fromJson(root); });
    if (!tokenizer)
        return require(!tokenizer.error().message.empty(), "an Error has a sentence");
    const auto encoding = (*tokenizer)->encode("The quick brown fox, 12 \u00e9\u4e2d\U0001F600 <s>[MASK]\t" + text.substr(0, 64), "pair", 32);
    require(!encoding || (encoding->ids.size() <= 32 && encoding->ids.size() == encoding->typeIds.size()), "an encoding is as long as was asked for");
    if (encoding)
        (void)(*tokenizer)->decode(encoding->ids);
}

} // namespace

const FuzzTarget& tokenizerEncodeFuzzTarget()
{
    static const FuzzTarget target{"tokenizer_encode", parse, wholeFiles([](const std::string& path, FuzzBytes) { return path.ends_with("tokenizer.json") || path.ends_with(".model"); })};
    return target;
}

} // namespace weighbridge
