// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What the names of an expression stand for: the indices of the loops around it, then the fields of a config.
class Names {
public:
    explicit Names(const Value& config) : m_config(config) {}
    /// Declares an index that hides a field of the same name, until pop().
    void push(std::string name, Value value) { m_indices.emplace_back(std::move(name), std::move(value)); }
    void pop() { m_indices.pop_back(); }
    [[nodiscard]] const Value* find(std::string_view name) const;
    [[nodiscard]] const Value& config() const { return m_config; }

private:
    const Value& m_config;
    std::vector<std::pair<std::string, Value>> m_indices;
};

/// A size or a condition of an architecture's specification, parsed once and evaluated often.
///
/// Grammar, loosest first; values and operators are Python's (`/` gives a float, `//` and `%` round towards minus infinity):
///     a if c else b | or | and | not | == != < <= > >= in, not in, is, is not | + - | * / // % | -a | a ** b | a.b a[i] a[i:j:k]
///     numbers, 'text', None True False (null true false), [a, b], [a for i in range(n) if c], (a), name, function(a, b)
/// Functions: see the table in expression_functions.cpp. There are no statements, and nothing outside the config can be reached.
/// Numbers are int64 and double: what does not fit is an Error, never wrapped.
class Expression {
public:
    /// Errors (rule architecture-syntax): the text is longer than 4096 bytes, nests deeper than 64, or is not in the grammar.
    static Result<Expression> parse(std::string_view text);

    /// Errors: config-missing (a field, by name), bad-shape (a value that the operator cannot take, overflow, division by zero,
    /// more than a million steps). Every message names the expression.
    [[nodiscard]] Result<Value> evaluate(const Names& names) const;
    /// evaluate() as Python's truth: None, 0, "", [] and {} are false.
    [[nodiscard]] Result<bool> evaluateCondition(const Names& names) const;

    [[nodiscard]] const std::string& text() const { return m_text; }
    /// The fields that it reads, for messages: "hidden_size", "text_config.hidden_size".
    [[nodiscard]] std::vector<std::string> fields() const;

    /// Those that it reads only if they are there: get('a', ...), has('a').
    [[nodiscard]] std::vector<std::string> optionalFields() const;

    enum class Op : uint8_t { Constant, Name, Member, Index, Slice, Negate, Not, Binary, And, Or, Conditional, List, Comprehension, Call };
    /// Nodes lie in one vector and refer to each other by index.
    struct Node {
        Op op = Op::Constant;
        uint8_t code = 0;          ///< Binary: the operator; Call: the function
        Value constant;            ///< Constant; the name of Name, Member and of a Comprehension's index
        std::vector<int> operands; ///< -1: left out
    };

private:
    friend class ExpressionParser;
    std::string m_text;
    std::vector<Node> m_nodes;
    int m_root = -1;
};

/// Python's truth of a value.
[[nodiscard]] bool isTrue(const Value& value);
/// Python's ==: 1 == 1.0 and 1 == True.
[[nodiscard]] bool isEqual(const Value& a, const Value& b);

/// The functions that an expression may call (expression_functions.cpp).
struct ExpressionFunction {
    std::string_view name;
    size_t minimumOperands;
    size_t maximumOperands;
    Result<Value> (*call)(const std::vector<Value>& operands);
};
/// Index into the table, or -1.
[[nodiscard]] int findExpressionFunction(std::string_view name);
[[nodiscard]] const ExpressionFunction& expressionFunction(size_t index);

} // namespace weighbridge
