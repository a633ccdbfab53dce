// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/architecture/expression.h"
#include "core/base/text.h"

namespace weighbridge {
namespace {

/// The text up to its first line's end is the expression, all else the config's one string.
void parse(FuzzBytes bytes)
{
    const std::string text = textOf(bytes);
    const std::string line = text.substr(0, text.find('\n'));
    const auto expression = Expression::parse(line);
    if (!expression)
        return require(!expression.error().message.empty(), "an Error has a sentence");
    const Value config(Value::Map{{"n", 12}, {"x", 0.5}, {"t", text}, {"l", Value::List{1, 2, "a"}}, {"d", Value::Map{{"n", -1}}}});
    const auto value = expression->evaluate(Names(config));
    require(value || !value.error().message.empty(), "an Error has a sentence");
}

} // namespace

const FuzzTarget& expressionFuzzTarget()
{
    static const FuzzTarget target{"expression", parse, wholeFiles([](const std::string&, FuzzBytes) { return false; })};
    return target;
}

} // namespace weighbridge
