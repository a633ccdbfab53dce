// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/expression_parser.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace weighbridge {
namespace {

constexpr size_t maximumLength = 4096;
constexpr size_t maximumDepth = 64;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool startsWord(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

using Operators = std::pair<std::string_view, BinaryOp>;
constexpr std::array sumOperators{Operators{"+", BinaryOp::Add}, Operators{"-", BinaryOp::Subtract}};
constexpr std::array productOperators{Operators{"*", BinaryOp::Multiply}, Operators{"/", BinaryOp::Divide}, Operators{"//", BinaryOp::FloorDivide}, Operators{"%", BinaryOp::Modulo}};
constexpr std::array comparisonOperators{Operators{"==", BinaryOp::Equal}, Operators{"!=", BinaryOp::NotEqual}, Operators{"<", BinaryOp::Less}, Operators{"<=", BinaryOp::LessEqual},
                                         Operators{">", BinaryOp::Greater}, Operators{">=", BinaryOp::GreaterEqual}, Operators{"in", BinaryOp::In}};

} // namespace

Result<Expression> Expression::parse(std::string_view text)
{
    return ExpressionParser(text).parse();
}

Result<Expression> ExpressionParser::parse()
{
    if (m_text.size() > maximumLength)
        return failure("architecture-syntax", fmt::format("The expression has {} characters, more than the limit of {}.", m_text.size(), maximumLength));
    int root = -1;
    if (next()) {
        root = conditional();
        if (root >= 0 && m_token.kind != Kind::End)
            fail("unexpected " + shown(m_token.text, 20));
    }
    if (!m_error.empty())
        return failure("architecture-syntax", fmt::format("The expression `{}` is not well formed: {}.", shown(m_text), m_error));
    Expression out;
    out.m_text = m_text;
    out.m_nodes = std::move(m_nodes);
    out.m_root = root;
    return out;
}

bool ExpressionParser::fail(const std::string& what)
{
    if (m_error.empty())
        m_error = fmt::format("{} at column {}", what, m_position + 1);
    return false;
}

int ExpressionParser::add(Op op, std::vector<int> operands, Value constant, uint8_t code)
{
    if (!m_error.empty())
        return -1;
    m_nodes.push_back({op, code, std::move(constant), std::move(operands)});
    return static_cast<int>(m_nodes.size()) - 1;
}

bool ExpressionParser::next()
{
    while (m_position < m_text.size() && (m_text[m_position] == ' ' || m_text[m_position] == '\n'))
        ++m_position;
    m_token = {};
    if (m_position >= m_text.size())
        return true;
    const char c = m_text[m_position];
    if (isDigit(c) || (c == '.' && m_position + 1 < m_text.size() && isDigit(m_text[m_position + 1])))
        return readNumber();
    if (c == '\'' || c == '"')
        return readText();
    size_t length = 1;
    if (startsWord(c)) {
        while (m_position + length < m_text.size() && (startsWord(m_text[m_position + length]) || isDigit(m_text[m_position + length])))
            ++length;
        m_token = {Kind::Word, m_text.substr(m_position, length), {}};
    } else {
        const std::string_view two = m_text.substr(m_position, 2);
        for (const std::string_view symbol : {"==", "!=", "<=", ">=", "//", "**"})
            if (two == symbol)
                length = 2;
        m_token = {Kind::Symbol, m_text.substr(m_position, length), {}};
    }
    m_position += length;
    return true;
}

bool ExpressionParser::readNumber()
{
    size_t end = m_position;
    bool isDouble = false;
    while (end < m_text.size()) {
        const char c = m_text[end];
        const bool isSign = (c == '+' || c == '-') && (m_text[end - 1] == 'e' || m_text[end - 1] == 'E');
        if (!isDigit(c) && c != '.' && c != 'e' && c != 'E' && (!isSign || end == m_position))
            break;
        isDouble = isDouble || !isDigit(c);
        ++end;
    }
    const std::string digits(m_text.substr(m_position, end - m_position));
    int64_t whole = 0;
    char* stop = nullptr;
    const double real = std::strtod(digits.c_str(), &stop);
    if (stop != digits.c_str() + digits.size())
        return fail("a number is not well formed");
    if (!isDouble && std::from_chars(digits.data(), digits.data() + digits.size(), whole).ec != std::errc{})
        return fail("a number is too large");
    m_token = {Kind::Number, m_text.substr(m_position, end - m_position), isDouble ? Value(real) : Value(whole)};
    m_position = end;
    return true;
}

bool ExpressionParser::readText()
{
    const char quote = m_text[m_position];
    std::string content;
    size_t end = m_position + 1;
    for (; end < m_text.size() && m_text[end] != quote; ++end) {
        if (m_text[end] == '\\' && end + 1 < m_text.size())
            ++end;
        content += m_text[end];
    }
    if (end >= m_text.size())
        return fail("a text has no end");
    m_token = {Kind::Text, m_text.substr(m_position, end + 1 - m_position), Value(std::move(content))};
    m_position = end + 1;
    return true;
}

int ExpressionParser::conditional()
{
    if (++m_depth > maximumDepth) {
        fail("it nests too deep");
        return -1;
    }
    int out = disjunction();
    if (out >= 0 && take("if")) {
        const int condition = disjunction();
        expect("else");
        const int otherwise = m_error.empty() ? conditional() : -1;
        out = add(Op::Conditional, {condition, out, otherwise});
    }
    --m_depth;
    return out;
}

int ExpressionParser::disjunction()
{
    int out = conjunction();
    while (m_error.empty() && take("or")) {
        const int right = conjunction();
        out = add(Op::Or, {out, right});
    }
    return out;
}

int ExpressionParser::conjunction()
{
    int out = negation();
    while (m_error.empty() && take("and")) {
        const int right = negation();
        out = add(Op::And, {out, right});
    }
    return out;
}

int ExpressionParser::negation()
{
    size_t count = 0;
    while (m_error.empty() && take("not"))
        ++count;
    int out = comparison();
    return count == 0 ? out : add(Op::Not, {count % 2 == 1 ? out : add(Op::Not, {out})});
}

int ExpressionParser::comparison()
{
    const int left = sum();
    if (!m_error.empty())
        return -1;
    BinaryOp op = BinaryOp::Equal;
    if (take("not")) {
        if (!expect("in"))
            return -1;
        op = BinaryOp::NotIn;
    } else if (take("is")) {
        op = take("not") ? BinaryOp::IsNot : BinaryOp::Is;
    } else {
        const auto found = std::find_if(comparisonOperators.begin(), comparisonOperators.end(), [this](const auto& entry) { return is(entry.first); });
        if (found == comparisonOperators.end())
            return left;
        op = found->second;
        next();
    }
    const int right = sum();
    for (const auto& [symbol, ignored] : comparisonOperators)
        if (symbol != "in" && is(symbol))
            fail("comparisons cannot be chained");
    return add(Op::Binary, {left, right}, {}, static_cast<uint8_t>(op));
}

template <size_t N>
int ExpressionParser::leftToRight(int (ExpressionParser::*operand)(), const std::array<std::pair<std::string_view, BinaryOp>, N>& operators)
{
    int out = (this->*operand)();
    for (;;) {
        const auto found = std::find_if(operators.begin(), operators.end(), [this](const auto& entry) { return is(entry.first); });
        if (!m_error.empty() || found == operators.end())
            return out;
        next();
        const int right = (this->*operand)();
        out = add(Op::Binary, {out, right}, {}, static_cast<uint8_t>(found->second));
    }
}

int ExpressionParser::sum() { return leftToRight(&ExpressionParser::product, sumOperators); }
int ExpressionParser::product() { return leftToRight(&ExpressionParser::unary, productOperators); }

int ExpressionParser::unary()
{
    size_t count = 0;
    while (m_error.empty() && take("-"))
        ++count;
    int out = power();
    return count % 2 == 1 ? add(Op::Negate, {out}) : out;
}

int ExpressionParser::power()
{
    const int base = postfix();
    if (!m_error.empty() || !take("**"))
        return base;
    if (++m_depth > maximumDepth) {
        fail("it nests too deep");
        return -1;
    }
    const int exponent = unary();
    --m_depth;
    return add(Op::Binary, {base, exponent}, {}, static_cast<uint8_t>(BinaryOp::Power));
}

int ExpressionParser::postfix()
{
    int out = atom();
    for (;;) {
        if (!m_error.empty())
            return -1;
        if (take(".")) {
            if (m_token.kind != Kind::Word)
                fail("a field's name is missing behind the dot");
            const Value name(m_token.text);
            next();
            out = add(Op::Member, {out}, name);
        } else if (take("[")) {
            out = subscript(out);
        } else {
            return out;
        }
    }
}

int ExpressionParser::subscript(int whole)
{
    std::vector<int> parts{whole};
    bool isSlice = false;
    for (size_t i = 0; i < 3; ++i) {
        parts.push_back(is(":") || is("]") ? -1 : conditional());
        if (!m_error.empty() || !take(":"))
            break;
        isSlice = true;
    }
    expect("]");
    if (!isSlice && m_error.empty() && parts[1] < 0)
        fail("an index is missing");
    parts.resize(isSlice ? 4 : 2, -1);
    return add(isSlice ? Op::Slice : Op::Index, std::move(parts));
}

int ExpressionParser::atom()
{
    if (m_token.kind == Kind::Number || m_token.kind == Kind::Text) {
        Value value = m_token.value;
        next();
        return add(Op::Constant, {}, std::move(value));
    }
    if (m_token.kind == Kind::Word)
        return word();
    if (take("(")) {
        const int out = conditional();
        expect(")");
        return out;
    }
    if (take("["))
        return listOrComprehension();
    fail(m_token.kind == Kind::End ? "it ends too early" : "unexpected " + shown(m_token.text, 20));
    return -1;
}

int ExpressionParser::word()
{
    const std::string name(m_token.text);
    for (const std::string_view reserved : {"if", "else", "for", "and", "or", "not", "in", "is"})
        if (name == reserved) {
            fail("unexpected " + name);
            return -1;
        }
    next();
    if (name == "None" || name == "null")
        return add(Op::Constant, {});
    if (name == "True" || name == "true" || name == "False" || name == "false")
        return add(Op::Constant, {}, Value(name == "True" || name == "true"));
    if (take("("))
        return call(name);
    return add(Op::Name, {}, Value(name));
}

int ExpressionParser::call(const std::string& name)
{
    const int function = name == "get" ? getCode : name == "has" ? hasCode : findExpressionFunction(name);
    if (function < 0) {
        fail("there is no function " + shown(name, 40));
        return -1;
    }
    std::vector<int> operands;
    while (m_error.empty() && !is(")")) {
        operands.push_back(conditional());
        if (!take(","))
            break;
    }
    expect(")");
    const bool isField = function == getCode || function == hasCode;
    const size_t least = function == getCode ? 2 : function == hasCode ? 1 : expressionFunction(static_cast<size_t>(function)).minimumOperands;
    const size_t most = function == getCode ? 3 : function == hasCode ? 1 : expressionFunction(static_cast<size_t>(function)).maximumOperands;
    if (m_error.empty() && (operands.size() < least || operands.size() > most))
        fail(fmt::format("{}() takes {} to {} operands", name, least, most));
    if (m_error.empty() && isField && operands.size() < 3 && !m_nodes[static_cast<size_t>(operands[0])].constant.isString())
        fail(name + "() takes the name of a field as text");
    return add(Op::Call, std::move(operands), {}, static_cast<uint8_t>(function));
}

int ExpressionParser::listOrComprehension()
{
    std::vector<int> items;
    while (m_error.empty() && !is("]")) {
        items.push_back(conditional());
        if (items.size() == 1 && m_error.empty() && take("for"))
            return comprehension(items[0]);
        if (!take(","))
            break;
    }
    expect("]");
    return add(Op::List, std::move(items));
}

/// The rest of `[element for i in range(count) if condition]`, behind `for`.
int ExpressionParser::comprehension(int element)
{
    const Value index(m_token.text);
    if (m_token.kind != Kind::Word)
        fail("the index of a list is missing");
    next();
    if (!expect("in") || !expect("range") || !expect("("))
        return -1;
    const int count = conditional();
    expect(")");
    int condition = -1;
    if (m_error.empty() && take("if"))
        condition = disjunction();
    expect("]");
    return add(Op::Comprehension, {element, count, condition}, index);
}

} // namespace weighbridge
