// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/field_candidates.h"

#include "core/diagnosis/fix.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {
namespace {

constexpr size_t maximumList = 256;
constexpr int64_t maximumLayers = 1024;  ///< the deepest published models have some hundred
constexpr int64_t maximumUnit = 1 << 20; ///< of what a grid's side is counted in
/// Sizes that one head has in published models, the usual ones first; what is divided by them is a first guess of how many heads there are.
constexpr std::array<int64_t, 12> headSizes{64, 128, 32, 256, 96, 80, 16, 8, 112, 160, 4, 2};

void addOnce(std::vector<Value>& values, Value value)
{
    if (std::find(values.begin(), values.end(), value) == values.end())
        values.push_back(std::move(value));
}

/// The texts in quotes in an expression: what a field is compared with.
std::vector<std::string> quotedTexts(const std::string& expression)
{
    std::vector<std::string> out;
    for (size_t at = expression.find('\''); at != std::string::npos; at = expression.find('\'', at + 1)) {
        const size_t end = expression.find('\'', at + 1);
        if (end == std::string::npos)
            break;
        out.push_back(expression.substr(at + 1, end - at - 1));
        at = end;
    }
    return out;
}

/// The list with another length, or with other items.
std::vector<Value> listsFor(const Question& question, const Value::List& current)
{
    std::vector<Value> out;
    const auto length = static_cast<size_t>(std::clamp<int64_t>(question.target, 0, maximumList));
    if (question.kind == Question::Kind::Count) {
        Value::List resized = current;
        resized.resize(length, current.empty() ? Value(int64_t{1}) : current.back());
        out.emplace_back(std::move(resized));
        return out;
    }
    std::vector<size_t> places{0};
    for (const auto& [index, value] : question.indices)
        for (const int64_t place : {value, value + 1, value - 1})
            if (place >= 0)
                places.push_back(static_cast<size_t>(place));
    if (!current.empty())
        places.push_back(current.size() - 1);
    for (const size_t place : places)
        if (place < current.size()) {
            Value::List changed = current;
            changed[place] = Value(question.target);
            addOnce(out, std::move(changed));
        }
    addOnce(out, Value::List(current.size(), Value(question.target)));
    return out;
}

/// Sides of a square grid of so many places, one or two of which may be no part of it (a class token).
std::vector<int64_t> sidesOf(int64_t places)
{
    std::vector<int64_t> out;
    for (const int64_t beside : {0, 1, 2}) {
        const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(std::max<int64_t>(places - beside, 0)))));
        if (side > 1 && side < maximumUnit && side * side == places - beside)
            out.push_back(side);
    }
    return out;
}

} // namespace

std::vector<int64_t> divisorsOf(int64_t size)
{
    std::vector<int64_t> out;
    const auto add = [&out, size](int64_t divisor) {
        if (divisor > 0 && size % divisor == 0 && std::find(out.begin(), out.end(), divisor) == out.end())
            out.push_back(divisor);
    };
    for (const int64_t headSize : headSizes)
        if (size % headSize == 0)
            add(size / headSize);
    for (const int64_t divisor : {1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32})
        add(divisor);
    return out;
}

Value withSteps(const Value& base, const std::vector<FieldStep>& steps)
{
    Config config;
    config.root = base;
    Value::Map changes;
    for (const FieldStep& step : steps)
        changes.emplace_back(step.path, step.value);
    return withChanges(config, changes).root;
}

Value FieldCandidates::at(const std::string& path) const
{
    const Value* found = configValue(m_resolved, path);
    return found ? *found : Value();
}

/// The value of one number that makes a formula give what it should, if the formula is linear in it; null if it is not, or if that is no number
/// of the same kind.
Value FieldCandidates::linearly(const Question& question, const std::string& path, const Value& base, double from) const
{
    const bool isWhole = from == std::floor(from);
    const auto as = [isWhole](double x) { return isWhole ? Value(static_cast<int64_t>(x)) : Value(x); };
    const Value low = m_judge.valueOf(question, withSteps(base, {{path, as(from)}}));
    const Value high = m_judge.valueOf(question, withSteps(base, {{path, as(2 * from)}}));
    if (!low.isNumber() || !high.isNumber() || low.number() == high.number() || from == 0)
        return {};
    const double slope = (high.number() - low.number()) / from;
    const double solution = from + (static_cast<double>(question.target) - low.number()) / slope;
    if (!(std::abs(solution) < 1e15) || solution <= 0)
        return {};
    const double whole = std::round(solution);
    return std::abs(solution - whole) < 1e-6 ? Value(static_cast<int64_t>(whole)) : isWhole ? Value() : Value(solution);
}

/// The side of a picture of which a grid of places is made: so many times the size of one.
void FieldCandidates::addSides(const Question& question, const std::string& path, const Value& base, Values& out) const
{
    for (const int64_t side : sidesOf(question.target))
        for (const std::string& other : m_judge.fieldsOf(question))
            if (const Value unit = at(other); unit.isInt() && other != path && *unit.integer() < maximumUnit)
                if (const Value whole(side * *unit.integer()); m_judge.valueOf(question, withSteps(base, {{path, whole}})) == Value(question.target))
                    addOnce(out, whole);
}

FieldCandidates::Values FieldCandidates::sizesFor(const Question& question, const std::string& path, const Value& base) const
{
    const Value current = at(path);
    if (current.isList())
        return listsFor(question, *current.list());
    if (current.isBool() || current.isString())
        return switchesFor(question, current);
    Values out;
    if (!current.isDouble())
        addSides(question, path, base, out);
    if (current.isNumber() && current.number() > 0)
        if (Value solved = linearly(question, path, base, current.number()); !solved.isNull())
            addOnce(out, std::move(solved));
    if (!current.isDouble()) {
        addOnce(out, question.target);
        if (Value solved = linearly(question, path, base, static_cast<double>(std::max<int64_t>(question.target, 1))); !solved.isNull())
            addOnce(out, std::move(solved));
    }
    if (path.find("layer") != std::string::npos) // lists with an item for each layer get as long
        std::erase_if(out, [](const Value& value) { return value.isInt() && *value.integer() > maximumLayers; });
    return out;
}

FieldCandidates::Values FieldCandidates::switchesFor(const Question& question, const Value& current)
{
    Values out;
    if (const bool* flag = current.boolean())
        return {Value(!*flag)};
    for (const std::string& text : quotedTexts(question.expression->text()))
        addOnce(out, text);
    if (current.isNull())
        for (Value value : {Value(true), Value(int64_t{1}), Value(int64_t{64})})
            addOnce(out, std::move(value));
    if (current.isDouble())
        out.insert(out.end(), {Value(0.0), Value(1.0), Value(0.05)});
    if (const int64_t* whole = current.integer())
        for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{2}, *whole - 1, *whole + 1, *whole / 2, *whole * 2})
            addOnce(out, std::max<int64_t>(value, 0));
    if (const auto* list = current.list(); list && !list->empty())
        out.insert(out.end(), {Value(Value::List{})});
    if (current.isString())
        out.insert(out.end(), {Value("relu"), Value("gated-gelu"), Value("")});
    if (!current.isNull())
        out.emplace_back();
    return out;
}

FieldCandidates::Values FieldCandidates::of(const Question& question, const std::string& path, const Value& base) const
{
    if (question.kind == Question::Kind::Size || question.kind == Question::Kind::Count)
        return sizesFor(question, path, base);
    Values out = switchesFor(question, at(path));
    // What has to divide the size of another field does so if it is that size by a usual size of one head.
    if (question.kind == Question::Kind::Refusal && at(path).isInt())
        for (const std::string& other : m_judge.fieldsOf(question))
            if (const Value size = at(other); other != path && size.isInt())
                for (const int64_t divisor : divisorsOf(*size.integer()))
                    addOnce(out, divisor);
    return out;
}

} // namespace weighbridge
