// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/base/json.h"

namespace weighbridge {
namespace {

/// What was parsed and written is parsed to the same.
void parse(FuzzBytes bytes)
{
    const auto document = parseJson(textOf(bytes));
    if (!document)
        return require(!document.error().message.empty(), "an Error has a sentence");
    const std::string written = toJson(document->value);
    const auto again = parseJson(written);
    require(again.has_value() && toJson(again->value) == written, "JSON that was written is read as it was");
}

} // namespace

const FuzzTarget& jsonFuzzTarget()
{
    static const FuzzTarget target{"json", parse, wholeFiles([](const std::string& path, FuzzBytes) { return path.ends_with(".json"); })};
    return target;
}

} // namespace weighbridge
