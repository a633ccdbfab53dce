// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weighbridge {

/// A JSON-like value of our own: metadata, configs, evidence. Maps keep their order and may hold a key twice
/// (a file can); find() gives the last one, as Python's readers do.
class Value {
public:
    using List = std::vector<Value>;
    using Map = std::vector<std::pair<std::string, Value>>;

    Value() = default;
    Value(std::nullptr_t) {}
    Value(bool value) : m_data(value) {}
    Value(int value) : m_data(static_cast<int64_t>(value)) {}
    Value(unsigned value) : m_data(static_cast<int64_t>(value)) {}
    Value(int64_t value) : m_data(value) {}
    Value(uint64_t value);
    Value(double value) : m_data(value) {}
    Value(const char* value) : m_data(std::string(value)) {}
    Value(std::string value) : m_data(std::move(value)) {}
    Value(std::string_view value) : m_data(std::string(value)) {}
    Value(List value) : m_data(std::move(value)) {}
    Value(Map value) : m_data(std::move(value)) {}

    [[nodiscard]] bool isNull() const { return std::holds_alternative<Null>(m_data); }
    [[nodiscard]] bool isBool() const { return std::holds_alternative<bool>(m_data); }
    [[nodiscard]] bool isInt() const { return std::holds_alternative<int64_t>(m_data); }
    [[nodiscard]] bool isDouble() const { return std::holds_alternative<double>(m_data); }
    [[nodiscard]] bool isNumber() const { return isInt() || isDouble(); }
    [[nodiscard]] bool isString() const { return std::holds_alternative<std::string>(m_data); }
    [[nodiscard]] bool isList() const { return std::holds_alternative<List>(m_data); }
    [[nodiscard]] bool isMap() const { return std::holds_alternative<Map>(m_data); }

    /// The content if it is of that kind, else null.
    [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&m_data); }
    [[nodiscard]] const int64_t* integer() const { return std::get_if<int64_t>(&m_data); }
    [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&m_data); }
    [[nodiscard]] const List* list() const { return std::get_if<List>(&m_data); }
    [[nodiscard]] const Map* map() const { return std::get_if<Map>(&m_data); }
    [[nodiscard]] List* list() { return std::get_if<List>(&m_data); }
    [[nodiscard]] Map* map() { return std::get_if<Map>(&m_data); }
    /// An int or a double as double; `fallback` for everything else.
    [[nodiscard]] double number(double fallback = 0) const;
    [[nodiscard]] std::string stringOr(std::string_view fallback) const;

    /// The last entry of a map under `key`, or null (also if this is no map).
    [[nodiscard]] const Value* find(std::string_view key) const;
    /// Sets or replaces a key; a value that is no map becomes one.
    Value& set(std::string key, Value value);

    bool operator==(const Value&) const = default;

private:
    /// Not trivially copyable: libstdc++ takes a variant of nothing but trivial types, strings and vectors for one that always has a value,
    /// and destroys what is not there when a copy runs out of memory.
    struct Null {
        Null() = default;
        Null(const Null&) noexcept {}
        Null& operator=(const Null&) noexcept { return *this; }
        bool operator==(const Null&) const = default;
    };
    std::variant<Null, bool, int64_t, double, std::string, List, Map> m_data;
};

} // namespace weighbridge
