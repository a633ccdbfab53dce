// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/format/detail/wire.h"

namespace weighbridge {
namespace {

constexpr int deepest = 8;

/// Every length-delimited field may be a text, a list of numbers or another message.
Result<void> walk(const ByteSource& source, WireMessage message, int depth)
{
    return eachField(std::move(message), [&source, depth](WireMessage& at, const WireField& field) -> Result<void> {
        if (field.type != 2)
            return {};
        (void)at.text(field);
        std::vector<int64_t> numbers;
        (void)at.integers(field, numbers, 1000);
        if (depth > 0)
            (void)walk(source, WireMessage(source, field), depth - 1);
        return {};
    });
}

void parse(FuzzBytes bytes)
{
    const auto source = memorySource({bytes.begin(), bytes.end()}, "fuzz.pb");
    const auto walked = walk(*source, WireMessage(*source, 0, source->nbytes()), deepest);
    require(walked || !walked.error().message.empty(), "an Error has a sentence");
}

} // namespace

const FuzzTarget& wireFuzzTarget()
{
    static const FuzzTarget target{"wire", parse, wholeFiles([](const std::string& path, FuzzBytes) { return path.ends_with(".pb") || path.ends_with(".onnx") || path.ends_with(".model"); })};
    return target;
}

} // namespace weighbridge
