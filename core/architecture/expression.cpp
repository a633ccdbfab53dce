// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/expression.h"

#include "core/architecture/expression_parser.h"
#include "core/architecture/resolved_config.h"
#include "core/base/checked.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace weighbridge {
namespace {

constexpr size_t maximumSteps = 1'000'000;
constexpr int64_t maximumListLength = 100'000;

std::string typeName(const Value& value)
{
    return value.isNull() ? "None" : value.isBool() ? "a truth value" : value.isInt() ? "a whole number" : value.isDouble() ? "a number" : value.isString() ? "text" : value.isList() ? "a list" : "a map";
}

/// True and False count as 1 and 0, as in Python.
Value asNumber(const Value& value)
{
    const bool* flag = value.boolean();
    return flag ? Value(static_cast<int64_t>(*flag)) : value;
}

Error cannot(const std::string& what)
{
    return Error("bad-shape", what);
}

Result<Value> floorDivide(int64_t a, int64_t b, bool wantsRemainder)
{
    if (b == 0)
        return failure(cannot("division by zero"));
    if (b == -1) { // the one quotient that may overflow
        const auto negated = checkedMul<int64_t>(a, -1);
        if (!negated)
            return failure(cannot("the result does not fit 64 bits"));
        return wantsRemainder ? Value(int64_t{0}) : Value(*negated);
    }
    const bool roundsDown = a % b != 0 && (a % b < 0) != (b < 0);
    return wantsRemainder ? Value(a % b + (roundsDown ? b : 0)) : Value(a / b - (roundsDown ? 1 : 0));
}

Result<Value> integerPower(int64_t base, int64_t exponent)
{
    int64_t out = 1;
    for (int64_t i = 0; i < exponent; ++i) {
        const auto next = checkedMul(out, base);
        if (!next)
            return failure(cannot("the result does not fit 64 bits"));
        if (*next == out && i > 0)
            break; // base 0 or 1
        out = *next;
        if (base == -1 && exponent > 64)
            return Value(int64_t{exponent % 2 == 0 ? 1 : -1});
    }
    return Value(out);
}

Result<Value> integerArithmetic(BinaryOp op, int64_t a, int64_t b)
{
    std::optional<int64_t> out;
    switch (op) {
    case BinaryOp::Add: out = checkedAdd(a, b); break;
    case BinaryOp::Subtract: {
        int64_t difference = 0;
        if (!__builtin_sub_overflow(a, b, &difference))
            out = difference;
        break;
    }
    case BinaryOp::Multiply: out = checkedMul(a, b); break;
    case BinaryOp::FloorDivide: return floorDivide(a, b, false);
    case BinaryOp::Modulo: return floorDivide(a, b, true);
    default: return integerPower(a, b);
    }
    if (!out)
        return failure(cannot("the result does not fit 64 bits"));
    return Value(*out);
}

Result<Value> realArithmetic(BinaryOp op, double a, double b)
{
    if (b == 0 && (op == BinaryOp::Divide || op == BinaryOp::FloorDivide || op == BinaryOp::Modulo))
        return failure(cannot("division by zero"));
    switch (op) {
    case BinaryOp::Add: return Value(a + b);
    case BinaryOp::Subtract: return Value(a - b);
    case BinaryOp::Multiply: return Value(a * b);
    case BinaryOp::Divide: return Value(a / b);
    case BinaryOp::FloorDivide: return Value(std::floor(a / b));
    case BinaryOp::Modulo: return Value(a - b * std::floor(a / b));
    default: return Value(std::pow(a, b));
    }
}

/// With those of the lists in it.
size_t valuesIn(const Value::List& list)
{
    size_t count = 0;
    std::vector<const Value::List*> open{&list};
    while (!open.empty()) {
        const Value::List& next = *open.back();
        open.pop_back();
        count += next.size();
        for (const Value& value : next)
            if (value.isList())
                open.push_back(value.list());
    }
    return count;
}

Result<Value> repeated(const Value::List& list, int64_t count)
{
    if (count > 0 && static_cast<uint64_t>(count) > static_cast<uint64_t>(maximumListLength) / std::max<size_t>(valuesIn(list), 1))
        return failure(cannot("a list would get too long"));
    Value::List out;
    for (int64_t i = 0; i < count; ++i)
        out.insert(out.end(), list.begin(), list.end());
    return Value(std::move(out));
}

/// The operators on texts and lists: a + b and list * count.
std::optional<Result<Value>> concatenation(BinaryOp op, const Value& a, const Value& b)
{
    if (op == BinaryOp::Add && a.isList() && b.isList()) {
        Value::List out = *a.list();
        out.insert(out.end(), b.list()->begin(), b.list()->end());
        if (out.size() > static_cast<size_t>(maximumListLength))
            return failure(cannot("a list would get too long"));
        return Value(std::move(out));
    }
    if (op == BinaryOp::Add && a.isString() && b.isString())
        return a.string()->size() + b.string()->size() > 65536 ? Result<Value>(failure(cannot("a text would get too long"))) : Value(*a.string() + *b.string());
    if (op == BinaryOp::Multiply && a.isList() && b.isInt())
        return repeated(*a.list(), *b.integer());
    if (op == BinaryOp::Multiply && a.isInt() && b.isList())
        return repeated(*b.list(), *a.integer());
    return std::nullopt;
}

Result<Value> arithmetic(BinaryOp op, const Value& left, const Value& right)
{
    if (auto joined = concatenation(op, left, right))
        return *joined;
    const Value a = asNumber(left);
    const Value b = asNumber(right);
    if (!a.isNumber() || !b.isNumber())
        return failure(cannot(fmt::format("{} and {} cannot be combined", typeName(left), typeName(right))));
    if (a.isInt() && b.isInt() && op != BinaryOp::Divide && !(op == BinaryOp::Power && *b.integer() < 0))
        return integerArithmetic(op, *a.integer(), *b.integer());
    return realArithmetic(op, a.number(), b.number());
}

Result<bool> contains(const Value& whole, const Value& part)
{
    if (const auto* list = whole.list())
        return std::any_of(list->begin(), list->end(), [&part](const Value& item) { return isEqual(item, part); });
    if (whole.isMap() && part.isString())
        return whole.find(*part.string()) != nullptr;
    if (whole.isString() && part.isString())
        return whole.string()->find(*part.string()) != std::string::npos;
    return failure(cannot(fmt::format("{} cannot be looked for in {}", typeName(part), typeName(whole))));
}

Result<Value> ordered(BinaryOp op, const Value& left, const Value& right)
{
    const Value a = asNumber(left);
    const Value b = asNumber(right);
    int order = 0;
    if (a.isNumber() && b.isNumber())
        order = a.isInt() && b.isInt() ? (*a.integer() > *b.integer()) - (*a.integer() < *b.integer()) : (a.number() > b.number()) - (a.number() < b.number());
    else if (a.isString() && b.isString())
        order = a.string()->compare(*b.string());
    else
        return failure(cannot(fmt::format("{} and {} have no order", typeName(left), typeName(right))));
    return Value(op == BinaryOp::Less ? order < 0 : op == BinaryOp::LessEqual ? order <= 0 : op == BinaryOp::Greater ? order > 0 : order >= 0);
}

Result<Value> binary(BinaryOp op, const Value& a, const Value& b)
{
    switch (op) {
    case BinaryOp::Equal: return Value(isEqual(a, b));
    case BinaryOp::NotEqual: return Value(!isEqual(a, b));
    case BinaryOp::Is: return Value(a == b);
    case BinaryOp::IsNot: return Value(!(a == b));
    case BinaryOp::Less:
    case BinaryOp::LessEqual:
    case BinaryOp::Greater:
    case BinaryOp::GreaterEqual: return ordered(op, a, b);
    case BinaryOp::In: return contains(b, a).map([](bool found) { return Value(found); });
    case BinaryOp::NotIn: return contains(b, a).map([](bool found) { return Value(!found); });
    default: return arithmetic(op, a, b);
    }
}

/// A field that is there, unless it is a derived value that could not be computed.
Result<Value> usable(const Value& value)
{
    if (const std::string* why = whyUnresolved(value))
        return failure("config-missing", *why);
    return value;
}

Result<Value> indexed(const Value& whole, const Value& index)
{
    const auto* list = whole.list();
    const std::string* text = whole.string();
    if ((list || text) && index.isInt()) {
        const auto size = static_cast<int64_t>(list ? list->size() : text->size());
        const int64_t place = *index.integer() < 0 ? *index.integer() + size : *index.integer();
        if (place < 0 || place >= size)
            return failure(cannot(fmt::format("there is no item {} in {} items", *index.integer(), size)));
        return list ? (*list)[static_cast<size_t>(place)] : Value(std::string(1, (*text)[static_cast<size_t>(place)]));
    }
    if (whole.isMap() && index.isString()) {
        const Value* found = whole.find(*index.string());
        return found ? usable(*found) : failure(Error("config-missing", "the config has no field " + shown(*index.string())));
    }
    return failure(cannot(fmt::format("{} has no items of its own under {}", typeName(whole), typeName(index))));
}

/// Python's list[start:stop:step]; null: left out.
Result<Value> sliced(const Value& whole, const Value& start, const Value& stop, const Value& step)
{
    const auto* list = whole.list();
    const auto isIndex = [](const Value& value) { return value.isNull() || value.isInt(); };
    const int64_t stride = step.isInt() ? *step.integer() : 1;
    if (!list || !isIndex(start) || !isIndex(stop) || stride == 0)
        return failure(cannot("only lists can be cut, by whole numbers"));
    const auto size = static_cast<int64_t>(list->size());
    const auto clamped = [size, stride](const Value& value, int64_t fallback) {
        if (!value.isInt())
            return fallback;
        const int64_t place = *value.integer() < 0 ? std::max<int64_t>(*value.integer(), -size - 1) + size : *value.integer();
        return stride > 0 ? std::clamp<int64_t>(place, 0, size) : std::clamp<int64_t>(place, -1, size - 1);
    };
    Value::List out;
    const int64_t last = clamped(stop, stride > 0 ? size : -1);
    for (int64_t i = clamped(start, stride > 0 ? 0 : size - 1); stride > 0 ? i < last : i > last;) {
        out.push_back((*list)[static_cast<size_t>(i)]);
        if (__builtin_add_overflow(i, stride, &i))
            break;
    }
    return Value(std::move(out));
}

/// One evaluation. The recursion follows the expression, whose size is bounded when it is parsed.
class Evaluation {
public:
    Evaluation(const std::vector<Expression::Node>& nodes, const Names& names) : m_nodes(nodes), m_names(&names) {}

    Result<Value> run(int index)
    {
        if (++m_steps > maximumSteps)
            return failure(cannot("it takes too many steps"));
        const Expression::Node& node = m_nodes[static_cast<size_t>(index)];
        using Op = Expression::Op;
        switch (node.op) {
        case Op::Constant: return node.constant;
        case Op::Name: return name(node);
        case Op::Member: return member(node);
        case Op::Index: return both(node, &indexed);
        case Op::Slice: return slice(node);
        case Op::Negate: return run(node.operands[0]).and_then([](const Value& value) { return arithmetic(BinaryOp::Subtract, Value(int64_t{0}), value); });
        case Op::Not: return run(node.operands[0]).map([](const Value& value) { return Value(!isTrue(value)); });
        case Op::Binary: return both(node, [&node](const Value& a, const Value& b) { return binary(static_cast<BinaryOp>(node.code), a, b); });
        case Op::And:
        case Op::Or: return either(node);
        case Op::Conditional: return run(node.operands[0]).and_then([this, &node](const Value& value) { return run(node.operands[isTrue(value) ? 1 : 2]); });
        case Op::List: return all(node).map([](Value::List items) { return Value(std::move(items)); });
        case Op::Comprehension: return comprehension(node);
        case Op::Call: break;
        }
        return call(node);
    }

private:
    Result<Value> name(const Expression::Node& node)
    {
        const Value* found = m_names->find(*node.constant.string());
        if (!found)
            return failure(Error("config-missing", "the config has no field " + shown(*node.constant.string())));
        return usable(*found);
    }
    Result<Value> member(const Expression::Node& node)
    {
        return run(node.operands[0]).and_then([&node](const Value& whole) { return indexed(whole, node.constant); });
    }
    template <typename Function>
    Result<Value> both(const Expression::Node& node, Function function)
    {
        return run(node.operands[0]).and_then([&](const Value& a) {
            return run(node.operands[1]).and_then([&](const Value& b) { return function(a, b); });
        });
    }
    Result<Value> either(const Expression::Node& node)
    {
        return run(node.operands[0]).and_then([&](const Value& left) {
            return isTrue(left) == (node.op == Expression::Op::Or) ? Result<Value>(left) : run(node.operands[1]);
        });
    }
    Result<Value::List> all(const Expression::Node& node)
    {
        Value::List out;
        for (const int operand : node.operands) {
            auto value = operand < 0 ? Result<Value>(Value()) : run(operand);
            if (!value)
                return tl::unexpected(value.error());
            out.push_back(std::move(*value));
        }
        return out;
    }
    Result<Value> slice(const Expression::Node& node)
    {
        return all(node).and_then([](const Value::List& parts) { return sliced(parts[0], parts[1], parts[2], parts[3]); });
    }
    Result<Value> comprehension(const Expression::Node& node)
    {
        auto count = run(node.operands[1]);
        if (!count)
            return count;
        if (const bool* flag = count->boolean())
            count = Value(static_cast<int64_t>(*flag)); // range(n > 0)
        if (!count->isInt() || *count->integer() > maximumListLength)
            return failure(cannot("the length of a list is no sensible whole number"));
        Value::List out;
        const Names* outer = m_names;
        Names names(*outer);
        m_names = &names;
        auto done = fill(node, *count->integer(), names, out);
        m_names = outer;
        return done.map([&out] { return Value(std::move(out)); });
    }
    Result<void> fill(const Expression::Node& node, int64_t count, Names& names, Value::List& out)
    {
        for (int64_t i = 0; i < count; ++i) {
            names.push(*node.constant.string(), Value(i));
            auto wanted = node.operands[2] < 0 ? Result<Value>(Value(true)) : run(node.operands[2]);
            auto item = wanted && isTrue(*wanted) ? run(node.operands[0]) : wanted;
            names.pop();
            if (!item)
                return tl::unexpected(item.error());
            if (isTrue(*wanted))
                out.push_back(std::move(*item));
        }
        return {};
    }
    Result<Value> call(const Expression::Node& node)
    {
        if (node.code == hasCode || (node.code == getCode && node.operands.size() == 2))
            return field(node);
        auto operands = all(node);
        if (!operands)
            return tl::unexpected(operands.error());
        if (node.code == getCode) { // get(map, key, fallback)
            const Value* found = (*operands)[1].isString() ? (*operands)[0].find(*(*operands)[1].string()) : nullptr;
            return found ? *found : (*operands)[2];
        }
        return expressionFunction(node.code).call(*operands);
    }
    /// get('a.b', fallback) and has('a.b'): a field that may be absent.
    Result<Value> field(const Expression::Node& node)
    {
        const Value* found = &m_names->config();
        for (const std::string_view part : split(*m_nodes[static_cast<size_t>(node.operands[0])].constant.string(), '.'))
            found = found ? found->find(part) : nullptr;
        if (node.code == hasCode)
            return Value(found != nullptr);
        return found ? usable(*found) : run(node.operands[1]);
    }

    const std::vector<Expression::Node>& m_nodes;
    const Names* m_names; ///< those of the caller, or of the list that is being filled
    size_t m_steps = 0;
};

} // namespace

const Value* Names::find(std::string_view name) const
{
    const auto index = std::find_if(m_indices.rbegin(), m_indices.rend(), [name](const auto& entry) { return entry.first == name; });
    return index != m_indices.rend() ? &index->second : m_config.find(name);
}

bool isTrue(const Value& value)
{
    if (const auto* flag = value.boolean())
        return *flag;
    if (value.isNumber())
        return value.number() != 0;
    if (const auto* text = value.string())
        return !text->empty();
    if (const auto* list = value.list())
        return !list->empty();
    return value.isMap() && !value.map()->empty();
}

bool isEqual(const Value& left, const Value& right)
{
    const Value a = asNumber(left);
    const Value b = asNumber(right);
    if (a.isNumber() && b.isNumber() && !(a.isInt() && b.isInt()))
        return a.number() == b.number();
    return a == b;
}

Result<Value> Expression::evaluate(const Names& names) const
{
    auto value = Evaluation(m_nodes, names).run(m_root);
    if (!value)
        return failure(Error(value.error().rule, fmt::format("`{}` cannot be computed: {}.", shown(m_text), value.error().message)));
    return value;
}

Result<bool> Expression::evaluateCondition(const Names& names) const
{
    return evaluate(names).map([](const Value& value) { return isTrue(value); });
}

std::vector<std::string> Expression::optionalFields() const
{
    std::vector<std::string> out;
    for (const Node& node : m_nodes)
        if (node.op == Op::Call && (node.code == hasCode || node.code == getCode) && node.operands.size() < 3)
            if (const auto* path = m_nodes[static_cast<size_t>(node.operands[0])].constant.string())
                out.push_back(*path);
    return out;
}

std::vector<std::string> Expression::fields() const
{
    std::vector<std::string> out;
    for (const Node& node : m_nodes) {
        if (node.op == Op::Name)
            out.push_back(*node.constant.string());
        else if (node.op == Op::Member && m_nodes[static_cast<size_t>(node.operands[0])].op == Op::Name && !out.empty())
            out.back() += "." + *node.constant.string();
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

} // namespace weighbridge
