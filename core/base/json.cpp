// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"

#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <new>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace weighbridge {
namespace {

struct Place {
    size_t line = 1;
    size_t column = 1;
};

Place placeOf(std::string_view text, size_t offset)
{
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const size_t lastBreak = before.rfind('\n');
    return {1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n')),
            before.size() - (lastBreak == std::string_view::npos ? 0 : lastBreak + 1) + 1};
}

/// NaN and the infinities as numbers of the same width that simdjson can read and no config contains.
constexpr std::string_view nanMark = "4e4";          // as wide as NaN
constexpr std::string_view infinityMark = "1.7e+300"; // as wide as Infinity
constexpr std::string_view overflowMark = "2e300";    // as wide as the shortest number that overflows, 9e308
constexpr std::string_view numberCharacters = "0123456789.eE+-";

struct NonFinite {
    size_t offset = 0;
    std::string_view mark;
};

/// simdjson says only that something is wrong. A small scan of our own tells where: brackets, strings and the end of the text.
/// It also replaces Python's NaN and Infinity by numbers that mark them, since simdjson follows RFC 8259.
class Scan {
public:
    explicit Scan(std::string_view text) : m_text(text) {}

    /// Walks over all tokens; false: m_offset is where the structure breaks.
    bool run()
    {
        for (m_offset = 0; m_offset < m_text.size(); ++m_offset) {
            const char c = m_text[m_offset];
            if (c == '"') {
                if (!skipString())
                    return false;
            } else if (c == '{' || c == '[') {
                m_open.push_back(c);
                m_depth = std::max(m_depth, m_open.size());
            } else if (c == '}' || c == ']') {
                if (m_open.empty() || m_open.back() != (c == '}' ? '{' : '['))
                    return false;
                m_open.pop_back();
            } else if ((c == 'N' || c == 'I') && isWord(c == 'N' ? "NaN" : "Infinity")) {
                m_nonFinite.push_back({m_offset, c == 'N' ? nanMark : infinityMark});
            } else if (c >= '0' && c <= '9') {
                skipNumber();
            }
        }
        return true;
    }
    [[nodiscard]] size_t offset() const { return m_offset; }
    [[nodiscard]] size_t depth() const { return m_depth; }
    [[nodiscard]] bool endsInside() const { return m_insideString || !m_open.empty(); }
    [[nodiscard]] const std::vector<NonFinite>& nonFinite() const { return m_nonFinite; }

private:
    bool skipString()
    {
        for (size_t i = m_offset + 1; i < m_text.size(); ++i) {
            if (m_text[i] == '\\')
                ++i;
            else if (m_text[i] == '"') {
                m_offset = i;
                return true;
            }
        }
        m_insideString = true;
        m_offset = m_text.size();
        return false;
    }
    /// Moves to the last character of a number. 1e400 is well formed, but infinite as a double, and so Python takes it.
    void skipNumber()
    {
        const size_t end = std::min(m_text.find_first_not_of(numberCharacters, m_offset), m_text.size());
        const std::string_view number = m_text.substr(m_offset, end - m_offset);
        const size_t exponent = number.find_first_of("eE");
        m_offset = end - 1;
        if (exponent == std::string_view::npos || number.front() == '0' || number[exponent - 1] == '.' || number.substr(exponent + 1).starts_with('-'))
            return;
        double value = 0;
        const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
        if (error == std::errc::result_out_of_range && stop == number.data() + number.size())
            m_nonFinite.push_back({end - number.size(), overflowMark});
    }
    [[nodiscard]] bool isWord(std::string_view word) const { return m_text.substr(m_offset, word.size()) == word; }

    std::string_view m_text;
    size_t m_offset = 0;
    size_t m_depth = 0;
    bool m_insideString = false;
    std::vector<char> m_open;
    std::vector<NonFinite> m_nonFinite;
};

class Builder {
public:
    explicit Builder(JsonDocument& document, bool hasNonFinite) : m_document(document), m_hasNonFinite(hasNonFinite) {}

    Value build(simdjson::dom::element element)
    {
        using Type = simdjson::dom::element_type;
        switch (element.type()) {
        case Type::OBJECT: return buildMap(element);
        case Type::ARRAY: return buildList(element);
        case Type::STRING: return Value(std::string_view(element));
        case Type::INT64: return Value(int64_t(element));
        case Type::UINT64: return Value(uint64_t(element));
        case Type::DOUBLE: return buildDouble(double(element));
        case Type::BOOL: return Value(bool(element));
        case Type::NULL_VALUE: break;
        }
        return {};
    }

private:
    Value buildMap(simdjson::dom::object object)
    {
        Value::Map map;
        map.reserve(object.size());
        for (const auto& [key, element] : object) {
            const size_t length = m_path.size();
            m_path += m_path.empty() ? "" : ".";
            m_path += key;
            map.emplace_back(std::string(key), build(element));
            m_path.resize(length);
        }
        noteDuplicates(map);
        return Value(std::move(map));
    }
    Value buildList(simdjson::dom::array array)
    {
        Value::List list;
        list.reserve(array.size());
        for (const auto element : array)
            list.push_back(build(element));
        return Value(std::move(list));
    }
    Value buildDouble(double value)
    {
        if (!m_hasNonFinite)
            return Value(value);
        if (value == 4e4 || std::abs(value) == 1.7e300 || std::abs(value) == 2e300) {
            m_document.nonFinite.push_back(m_path);
            const double infinity = std::numeric_limits<double>::infinity();
            return Value(value == 4e4 ? std::numeric_limits<double>::quiet_NaN() : value > 0 ? infinity : -infinity);
        }
        return Value(value);
    }
    void noteDuplicates(const Value::Map& map)
    {
        std::unordered_set<std::string_view> seen;
        seen.reserve(map.size());
        for (const auto& [key, value] : map)
            if (!seen.insert(key).second && m_document.duplicateKeys.size() < 100)
                m_document.duplicateKeys.push_back(m_path.empty() ? key : m_path + "." + key);
    }

    JsonDocument& m_document;
    bool m_hasNonFinite;
    std::string m_path;
};

Error syntaxError(std::string_view text, const std::string& path, size_t offset, bool truncated, const std::string& what)
{
    const Place place = placeOf(text, offset);
    if (truncated)
        return Error("truncated", fmt::format("The JSON text ends inside a value, at line {}, column {}.", place.line, place.column))
            .at(path).atByte(offset).fixedBy("Download or copy the file again.");
    return Error("corrupt", fmt::format("The JSON text is not well formed at line {}, column {}: {}.", place.line, place.column, what))
        .at(path).atByte(offset).fixedBy("Correct that place, or get the file again.");
}

/// Where nlohmann's parser, which knows its position, stops. Only used when simdjson has already refused the text.
std::pair<size_t, std::string> whereItBreaks(std::string_view text)
{
    struct Sax : nlohmann::json_sax<nlohmann::json> {
        size_t offset = 0;
        std::string what = "unexpected text";
        bool null() override { return true; }
        bool boolean(bool) override { return true; }
        bool number_integer(number_integer_t) override { return true; }
        bool number_unsigned(number_unsigned_t) override { return true; }
        bool number_float(number_float_t, const string_t&) override { return true; }
        bool string(string_t&) override { return true; }
        bool binary(binary_t&) override { return true; }
        bool start_object(size_t) override { return true; }
        bool key(string_t&) override { return true; }
        bool end_object() override { return true; }
        bool start_array(size_t) override { return true; }
        bool end_array() override { return true; }
        bool parse_error(size_t position, const std::string& token, const nlohmann::json::exception& error) override
        {
            offset = position == 0 ? 0 : position - 1;
            const std::string_view message = error.what();
            if (message.find("UTF-8") != std::string_view::npos)
                what = "bytes that are not UTF-8";
            else if (message.find("invalid string") != std::string_view::npos)
                what = "a string with a character or an escape that JSON does not allow";
            else if (message.find("number overflow") != std::string_view::npos)
                what = fmt::format("the number {} is beyond what a double can hold", shown(token, 40));
            else
                what = fmt::format("unexpected {}", shown(token.empty() ? "end" : "'" + token + "'", 60));
            return false;
        }
    } sax;
    nlohmann::json::sax_parse(text.begin(), text.end(), &sax);
    return {sax.offset, sax.what};
}

/// Writes into one string, without a second tree: listings have a million tensors.
class Writer {
public:
    explicit Writer(int indent) : m_indent(indent) {}

    void write(const Value& value)
    {
        if (const auto* map = value.map())
            writeMap(*map);
        else if (const auto* list = value.list())
            writeList(*list);
        else if (const auto* text = value.string())
            writeText(*text);
        else if (const auto* whole = value.integer())
            fmt::format_to(std::back_inserter(m_out), "{}", *whole);
        else if (const auto* flag = value.boolean())
            m_out += *flag ? "true" : "false";
        else if (value.isDouble() && std::isfinite(value.number()))
            m_out += nlohmann::json(value.number()).dump();
        else
            m_out += "null";
    }
    std::string take() { return std::move(m_out); }

private:
    /// Of equal keys the last one counts. Small maps, of which a listing has a million, are searched without a table.
    void writeMap(const Value::Map& map)
    {
        std::unordered_map<std::string_view, size_t> last;
        if (map.size() > 16)
            for (size_t i = 0; i < map.size(); ++i)
                last[map[i].first] = i;
        const auto isOverridden = [&](size_t i) {
            if (!last.empty())
                return last.find(map[i].first)->second != i;
            return std::any_of(map.begin() + static_cast<ptrdiff_t>(i) + 1, map.end(), [&](const auto& later) { return later.first == map[i].first; });
        };
        char opening = '{';
        for (size_t i = 0; i < map.size(); ++i) {
            if (isOverridden(i))
                continue;
            open(opening);
            writeText(map[i].first);
            m_out += m_indent > 0 ? ": " : ":";
            write(map[i].second);
        }
        close(opening, "{}");
    }
    void writeList(const Value::List& list)
    {
        const bool isFlat = std::all_of(list.begin(), list.end(), [](const Value& item) { return item.isNumber(); });
        const int indent = std::exchange(m_indent, isFlat ? 0 : m_indent);
        char opening = '[';
        for (const Value& item : list) {
            open(opening);
            write(item);
        }
        close(opening, "[]");
        m_indent = indent;
    }
    /// The bracket before the first item, a comma before the others.
    void open(char& opening)
    {
        if (opening != ',')
            ++m_level;
        m_out += std::exchange(opening, ',');
        breakLine();
    }
    void close(char opening, const char* brackets)
    {
        if (opening != ',') {
            m_out += brackets;
            return;
        }
        --m_level;
        breakLine();
        m_out += brackets[1];
    }
    void breakLine()
    {
        if (m_indent > 0) {
            m_out += '\n';
            m_out.append(static_cast<size_t>(m_indent) * m_level, ' ');
        }
    }
    void writeText(const std::string& text)
    {
        const bool isPlain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
        if (!isPlain) {
            m_out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
            return;
        }
        m_out += '"';
        m_out += text;
        m_out += '"';
    }

    std::string m_out;
    int m_indent;
    size_t m_level = 0;
};

} // namespace

Result<JsonDocument> parseJson(std::string_view text, const std::string& path)
{
    JsonDocument document;
    if (text.substr(0, 3) == "\xEF\xBB\xBF") {
        document.byteOrderMark = true;
        text.remove_prefix(3);
    }
    if (text.size() > limits::jsonNbytes)
        return failure(Error("resource-bomb", fmt::format("The JSON text has {}, more than the limit of {}.", formatNbytes(text.size()),
                                                          formatNbytes(limits::jsonNbytes))).at(path));
    Scan scan(text);
    const bool wholeStructure = scan.run();
    if (scan.depth() > limits::jsonDepth)
        return failure(Error("resource-bomb", fmt::format("The JSON text is nested {} levels deep, more than the limit of {}.", scan.depth(),
                                                          limits::jsonDepth)).at(path));
    std::string marked;
    if (!scan.nonFinite().empty()) {
        marked = text;
        for (const auto& [offset, mark] : scan.nonFinite()) {
            marked.replace(offset, mark.size(), mark);
            if (mark == overflowMark) // the rest of a longer number
                for (size_t i = offset + mark.size(); i < marked.size() && numberCharacters.find(marked[i]) != std::string_view::npos; ++i)
                    marked[i] = ' ';
        }
    }
    const std::string_view parsed = marked.empty() ? text : std::string_view(marked);
    simdjson::dom::parser parser(limits::jsonNbytes + 64);
    simdjson::dom::element root;
    const auto code = parser.parse(parsed.data(), parsed.size()).get(root);
    if (code == simdjson::MEMALLOC)
        throw std::bad_alloc(); // as every other allocation: the text is not to blame
    if (code != simdjson::SUCCESS) {
        if (scan.endsInside() && (wholeStructure || scan.offset() >= text.size()))
            return failure(syntaxError(text, path, text.size(), true, ""));
        const auto [offset, what] = whereItBreaks(parsed);
        return failure(syntaxError(text, path, offset, false, what));
    }
    document.value = Builder(document, !marked.empty()).build(root);
    return document;
}

std::string toJson(const Value& value, int indent)
{
    Writer writer(indent);
    writer.write(value);
    return writer.take();
}

} // namespace weighbridge
