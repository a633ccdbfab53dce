// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expression.h"

#include <array>

namespace weighbridge {

/// The binary operators, as Node::code.
enum class BinaryOp : uint8_t { Add, Subtract, Multiply, Divide, FloorDivide, Modulo, Power, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, In, NotIn, Is, IsNot };

/// `get` and `has` take a field's path as text and look at the config, so they are no plain functions. Node::code of a Call.
inline constexpr uint8_t getCode = 254;
inline constexpr uint8_t hasCode = 255;

/// Recursive descent over one expression; depth is bounded, so the stack is.
class ExpressionParser {
public:
    explicit ExpressionParser(std::string_view text) : m_text(text) {}
    Result<Expression> parse();

private:
    using Op = Expression::Op;
    enum class Kind : uint8_t { End, Number, Text, Word, Symbol };
    struct Token {
        Kind kind = Kind::End;
        std::string_view text;
        Value value;
    };

    bool next();
    bool readNumber();
    bool readText();
    [[nodiscard]] bool is(std::string_view symbol) const { return (m_token.kind == Kind::Symbol || m_token.kind == Kind::Word) && m_token.text == symbol; }
    bool take(std::string_view symbol) { return is(symbol) && next(); }
    bool expect(std::string_view symbol) { return take(symbol) || fail("expected " + std::string(symbol)); }
    bool fail(const std::string& what);
    int add(Op op, std::vector<int> operands, Value constant = {}, uint8_t code = 0);

    int conditional();
    int disjunction();
    int conjunction();
    int negation();
    int comparison();
    int sum();
    int product();
    int unary();
    int power();
    int postfix();
    int subscript(int whole);
    int atom();
    int word();
    int call(const std::string& name);
    int listOrComprehension();
    int comprehension(int element);
    template <size_t N>
    int leftToRight(int (ExpressionParser::*operand)(), const std::array<std::pair<std::string_view, BinaryOp>, N>& operators);

    std::string_view m_text;
    size_t m_position = 0;
    size_t m_depth = 0;
    Token m_token;
    std::string m_error;
    std::vector<Expression::Node> m_nodes;
};

} // namespace weighbridge
