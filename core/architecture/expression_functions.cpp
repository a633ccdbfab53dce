// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/expression.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {
namespace {

using Operands = std::vector<Value>;

Result<Value> refuse(const char* what) { return failure("bad-shape", what); }

/// min(a, b, ...) and min(list): the operands themselves, or those of the one list.
const Value::List& itemsOf(const Operands& operands)
{
    return operands.size() == 1 && operands[0].isList() ? *operands[0].list() : operands;
}

Result<Value> extreme(const Operands& operands, bool wantsLargest)
{
    const Value::List& items = itemsOf(operands);
    if (items.empty() || !std::all_of(items.begin(), items.end(), [](const Value& item) { return item.isNumber(); }))
        return refuse("min and max take numbers");
    const Value* out = &items[0];
    for (const Value& item : items)
        if (wantsLargest ? item.number() > out->number() : item.number() < out->number())
            out = &item;
    return *out;
}

Result<Value> toInteger(double value)
{
    if (!(std::abs(value) < 9.2e18)) // also refuses NaN
        return refuse("a number does not fit 64 bits");
    return Value(static_cast<int64_t>(value));
}

template <double (*function)(double)>
Result<Value> rounded(const Operands& operands)
{
    if (operands[0].isInt() || operands[0].isBool())
        return Value(operands[0].isInt() ? *operands[0].integer() : int64_t{*operands[0].boolean()});
    return operands[0].isDouble() ? toInteger(function(operands[0].number())) : refuse("a number is needed");
}

template <double (*function)(double)>
Result<Value> real(const Operands& operands)
{
    if (!operands[0].isNumber() || operands[0].number() < 0)
        return refuse("a number that is not negative is needed");
    return Value(function(operands[0].number()));
}

double truncate(double value) { return std::trunc(value); }
double roundToEven(double value) { return std::nearbyint(value); } // Python's round(): the current rounding mode is to even
double upwards(double value) { return std::ceil(value); }
double downwards(double value) { return std::floor(value); }
double squareRoot(double value) { return std::sqrt(value); }
double naturalLogarithm(double value) { return std::log(value); }
double binaryLogarithm(double value) { return std::log2(value); }

Result<Value> minimum(const Operands& operands) { return extreme(operands, false); }
Result<Value> maximum(const Operands& operands) { return extreme(operands, true); }

/// roundup(n, k): the smallest multiple of k that is not below n.
Result<Value> roundup(const Operands& operands)
{
    const int64_t* number = operands[0].integer();
    const int64_t* multiple = operands[1].integer();
    if (!number || !multiple || *multiple <= 0 || std::abs(*number) > (int64_t{1} << 60) || *multiple > (int64_t{1} << 60))
        return refuse("roundup takes two whole numbers of a sensible size, the second above 0");
    const int64_t rest = ((*number % *multiple) + *multiple) % *multiple;
    return Value(rest == 0 ? *number : *number + (*multiple - rest));
}

/// divisible(n, k), divisible(n, k, least): the multiple of k nearest to n, not below `least` (k) and not below 90 % of n, as mobile networks
/// round their channels (https://arxiv.org/abs/1905.11946, the reference implementation's round_filters).
Result<Value> divisible(const Operands& operands)
{
    constexpr double largest = 1e15; // where doubles still hold every whole number
    const int64_t* multiple = operands[1].integer();
    const int64_t* least = operands.size() > 2 ? operands[2].integer() : multiple;
    if (!operands[0].isNumber() || !(std::abs(operands[0].number()) < largest) || !multiple || *multiple <= 0 || *multiple > (int64_t{1} << 40) ||
        !least)
        return refuse("divisible takes a number and one or two whole numbers of a sensible size, the first above 0");
    const double number = operands[0].number();
    const auto steps = static_cast<int64_t>(std::floor(std::trunc(number + static_cast<double>(*multiple) / 2) / static_cast<double>(*multiple)));
    const int64_t nearest = std::max(*least, steps * *multiple);
    return Value(static_cast<double>(nearest) < 0.9 * number ? nearest + *multiple : nearest);
}

Result<Value> toReal(const Operands& operands)
{
    return operands[0].isNumber() ? Result<Value>(Value(operands[0].number())) : refuse("a number is needed");
}

Result<Value> length(const Operands& operands)
{
    if (const auto* list = operands[0].list())
        return Value(static_cast<int64_t>(list->size()));
    if (const auto* map = operands[0].map())
        return Value(static_cast<int64_t>(map->size()));
    if (const auto* text = operands[0].string())
        return Value(static_cast<int64_t>(std::count_if(text->begin(), text->end(), [](char c) { return (c & 0xC0) != 0x80; })));
    return refuse("only lists, maps and texts have a length");
}

Result<Value> absolute(const Operands& operands)
{
    if (const int64_t* whole = operands[0].integer())
        return *whole == INT64_MIN ? refuse("a number does not fit 64 bits") : Value(std::abs(*whole));
    return operands[0].isDouble() ? Result<Value>(Value(std::abs(operands[0].number()))) : refuse("a number is needed");
}

Result<Value> folded(const Operands& operands, bool multiplies)
{
    int64_t out = multiplies ? 1 : 0;
    for (const Value& item : itemsOf(operands)) {
        const int64_t whole = item.isBool() ? int64_t{*item.boolean()} : item.isInt() ? *item.integer() : 0;
        if (!item.isInt() && !item.isBool())
            return refuse("sum and prod take whole numbers");
        if (multiplies ? __builtin_mul_overflow(out, whole, &out) : __builtin_add_overflow(out, whole, &out))
            return refuse("the result does not fit 64 bits");
    }
    return Value(out);
}

Result<Value> sum(const Operands& operands) { return folded(operands, false); }
Result<Value> product(const Operands& operands) { return folded(operands, true); }

Result<Value> anyOf(const Operands& operands)
{
    const Value::List& items = itemsOf(operands);
    return Value(std::any_of(items.begin(), items.end(), isTrue));
}

Result<Value> allOf(const Operands& operands)
{
    const Value::List& items = itemsOf(operands);
    return Value(std::all_of(items.begin(), items.end(), isTrue));
}

Result<Value> sorted(const Operands& operands)
{
    const auto* list = operands[0].list();
    if (!list || !std::all_of(list->begin(), list->end(), [](const Value& item) { return item.isInt(); }))
        return refuse("sorted takes a list of whole numbers");
    Value::List out = *list;
    std::sort(out.begin(), out.end(), [](const Value& a, const Value& b) { return *a.integer() < *b.integer(); });
    return Value(std::move(out));
}

Result<Value> reversed(const Operands& operands)
{
    const auto* list = operands[0].list();
    return list ? Result<Value>(Value(Value::List(list->rbegin(), list->rend()))) : refuse("reversed takes a list");
}

Result<Value> valuesOfMap(const Operands& operands)
{
    const auto* map = operands[0].map();
    if (!map)
        return refuse("values takes a map");
    Value::List out;
    for (const auto& [key, value] : *map)
        out.push_back(value);
    return Value(std::move(out));
}

Result<Value> toBool(const Operands& operands) { return Value(isTrue(operands[0])); }

Result<Value> toText(const Operands& operands)
{
    if (operands[0].isInt())
        return Value(std::to_string(*operands[0].integer()));
    return operands[0].isString() ? Result<Value>(operands[0]) : refuse("only whole numbers become text");
}

Result<Value> isInteger(const Operands& operands) { return Value(operands[0].isInt() || operands[0].isBool()); }
Result<Value> isNumber(const Operands& operands) { return Value(operands[0].isNumber() || operands[0].isBool()); }
Result<Value> isBool(const Operands& operands) { return Value(operands[0].isBool()); }
Result<Value> isText(const Operands& operands) { return Value(operands[0].isString()); }
Result<Value> isList(const Operands& operands) { return Value(operands[0].isList()); }
Result<Value> isMap(const Operands& operands) { return Value(operands[0].isMap()); }

Result<Value> startsOrEnds(const Operands& operands, bool atStart)
{
    const std::string* text = operands[0].string();
    const Value::List single{operands[1]};
    const Value::List& parts = operands[1].isList() ? *operands[1].list() : single;
    if (!text || !std::all_of(parts.begin(), parts.end(), [](const Value& part) { return part.isString(); }))
        return refuse("texts are needed");
    return Value(std::any_of(parts.begin(), parts.end(), [&](const Value& part) { return atStart ? text->starts_with(*part.string()) : text->ends_with(*part.string()); }));
}

Result<Value> startsWith(const Operands& operands) { return startsOrEnds(operands, true); }
Result<Value> endsWith(const Operands& operands) { return startsOrEnds(operands, false); }

Result<Value> lower(const Operands& operands)
{
    return operands[0].isString() ? Result<Value>(Value(lowered(*operands[0].string()))) : refuse("a text is needed");
}

Result<Value> strip(const Operands& operands)
{
    const std::string* text = operands[0].string();
    if (!text)
        return refuse("a text is needed");
    const size_t first = text->find_first_not_of(" \t\n");
    return first == std::string::npos ? Value("") : Value(text->substr(first, text->find_last_not_of(" \t\n") + 1 - first));
}

Result<Value> splitText(const Operands& operands)
{
    if (!operands[0].isString() || !operands[1].isString() || operands[1].string()->size() != 1)
        return refuse("split takes a text and one character");
    Value::List out;
    for (const std::string_view part : split(*operands[0].string(), (*operands[1].string())[0]))
        out.emplace_back(part);
    return Value(std::move(out));
}

Result<Value> indexOf(const Operands& operands)
{
    const auto* list = operands[0].list();
    if (!list)
        return refuse("index takes a list");
    const auto found = std::find_if(list->begin(), list->end(), [&operands](const Value& item) { return isEqual(item, operands[1]); });
    return found == list->end() ? refuse("the list does not hold it") : Value(static_cast<int64_t>(found - list->begin()));
}

Result<Value> countOf(const Operands& operands)
{
    const auto* list = operands[0].list();
    if (!list)
        return refuse("count takes a list");
    return Value(static_cast<int64_t>(std::count_if(list->begin(), list->end(), [&operands](const Value& item) { return isEqual(item, operands[1]); })));
}

/// out_features(stages, features, indices): the names of the stages that a backbone gives out; the last one unless something is said.
Result<Value> outFeatures(const Operands& operands)
{
    const auto* stages = operands[0].list();
    if (!stages || stages->empty())
        return refuse("a list of stages is needed");
    if (operands[1].isList())
        return operands[1];
    if (!operands[2].isList())
        return Value(Value::List{stages->back()});
    Value::List out;
    for (const Value& index : *operands[2].list()) {
        const int64_t place = index.isInt() ? (*index.integer() < 0 ? *index.integer() + static_cast<int64_t>(stages->size()) : *index.integer()) : -1;
        if (place < 0 || place >= static_cast<int64_t>(stages->size()))
            return refuse("there is no such stage");
        out.push_back((*stages)[static_cast<size_t>(place)]);
    }
    return Value(std::move(out));
}

/// out_indices(stages, features, indices): the same as numbers.
Result<Value> outIndices(const Operands& operands)
{
    const auto* stages = operands[0].list();
    if (!stages || stages->empty())
        return refuse("a list of stages is needed");
    if (operands[2].isList())
        return operands[2];
    if (!operands[1].isList())
        return Value(Value::List{Value(static_cast<int64_t>(stages->size()) - 1)});
    Value::List out;
    for (const Value& feature : *operands[1].list()) {
        auto place = indexOf({operands[0], feature});
        if (!place)
            return place;
        out.push_back(std::move(*place));
    }
    return Value(std::move(out));
}

constexpr std::array functions{
    ExpressionFunction{"min", 1, 16, &minimum},
    ExpressionFunction{"max", 1, 16, &maximum},
    ExpressionFunction{"ceil", 1, 1, &rounded<upwards>},
    ExpressionFunction{"floor", 1, 1, &rounded<downwards>},
    ExpressionFunction{"round", 1, 1, &rounded<roundToEven>},
    ExpressionFunction{"int", 1, 1, &rounded<truncate>},
    ExpressionFunction{"roundup", 2, 2, &roundup},
    ExpressionFunction{"divisible", 2, 3, &divisible},
    ExpressionFunction{"float", 1, 1, &toReal},
    ExpressionFunction{"sqrt", 1, 1, &real<squareRoot>},
    ExpressionFunction{"log", 1, 1, &real<naturalLogarithm>},
    ExpressionFunction{"log2", 1, 1, &real<binaryLogarithm>},
    ExpressionFunction{"abs", 1, 1, &absolute},
    ExpressionFunction{"len", 1, 1, &length},
    ExpressionFunction{"sum", 1, 16, &sum},
    ExpressionFunction{"prod", 1, 16, &product},
    ExpressionFunction{"any", 1, 16, &anyOf},
    ExpressionFunction{"all", 1, 16, &allOf},
    ExpressionFunction{"sorted", 1, 1, &sorted},
    ExpressionFunction{"reversed", 1, 1, &reversed},
    ExpressionFunction{"values", 1, 1, &valuesOfMap},
    ExpressionFunction{"bool", 1, 1, &toBool},
    ExpressionFunction{"str", 1, 1, &toText},
    ExpressionFunction{"isint", 1, 1, &isInteger},
    ExpressionFunction{"isnum", 1, 1, &isNumber},
    ExpressionFunction{"isbool", 1, 1, &isBool},
    ExpressionFunction{"isstr", 1, 1, &isText},
    ExpressionFunction{"islist", 1, 1, &isList},
    ExpressionFunction{"isdict", 1, 1, &isMap},
    ExpressionFunction{"startswith", 2, 2, &startsWith},
    ExpressionFunction{"endswith", 2, 2, &endsWith},
    ExpressionFunction{"lower", 1, 1, &lower},
    ExpressionFunction{"strip", 1, 1, &strip},
    ExpressionFunction{"split", 2, 2, &splitText},
    ExpressionFunction{"index", 2, 2, &indexOf},
    ExpressionFunction{"count", 2, 2, &countOf},
    ExpressionFunction{"out_features", 3, 3, &outFeatures},
    ExpressionFunction{"out_indices", 3, 3, &outIndices},
};

} // namespace

int findExpressionFunction(std::string_view name)
{
    const auto found = std::find_if(functions.begin(), functions.end(), [name](const ExpressionFunction& function) { return function.name == name; });
    return found == functions.end() ? -1 : static_cast<int>(found - functions.begin());
}

const ExpressionFunction& expressionFunction(size_t index)
{
    return functions.at(index);
}

} // namespace weighbridge
