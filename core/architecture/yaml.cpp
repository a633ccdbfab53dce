// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/yaml.h"

#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t maximumCopies = 200'000;

/// Leaves the parser from inside an event; never leaves this file.
struct Refusal {
    Error error;
};

[[noreturn]] void refuse(const YAML::Mark& mark, std::string rule, const std::string& what)
{
    throw Refusal{Error(std::move(rule), fmt::format("{}, at line {}, column {} of the YAML text.", what, mark.line + 1, mark.column + 1)).atByte(static_cast<uint64_t>(std::max(mark.pos, 0)))};
}

/// Tags that only say what the value is anyway. Everything else under python/, ruby/, java/ ... would construct an object.
bool isPlainTag(std::string_view tag)
{
    if (tag.empty() || tag == "?" || tag == "!")
        return true;
    const std::string_view standard = "tag:yaml.org,2002:";
    if (!tag.starts_with(standard))
        return false;
    tag.remove_prefix(standard.size());
    for (const std::string_view name : {"str", "int", "float", "bool", "null", "seq", "map", "omap", "set", "binary", "timestamp", "python/tuple", "python/str", "python/unicode", "python/int", "python/long",
                                        "python/float", "python/bool", "python/none", "python/list", "python/dict"})
        if (tag == name)
            return true;
    return false;
}

std::optional<int64_t> wholeNumber(std::string digits)
{
    std::erase(digits, '_');
    const bool isNegative = digits.starts_with('-');
    if (isNegative || digits.starts_with('+'))
        digits.erase(0, 1);
    const int base = digits.starts_with("0x") ? 16 : digits.starts_with("0o") ? 8 : digits.starts_with("0b") ? 2 : 10;
    if (base != 10)
        digits.erase(0, 2);
    int64_t out = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
    if (digits.empty() || digits[0] == '-' || error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return isNegative ? -out : out;
}

Value plainScalar(const std::string& text)
{
    const std::string lower = lowered(text);
    if (text.empty() || text == "~" || lower == "null")
        return {};
    for (const std::string_view word : {"true", "yes", "on"})
        if (lower == word)
            return true;
    for (const std::string_view word : {"false", "no", "off"})
        if (lower == word)
            return false;
    if (lower == ".nan")
        return std::numeric_limits<double>::quiet_NaN();
    if (lower == ".inf" || lower == "+.inf" || lower == "-.inf")
        return lower[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    if (text.find_first_not_of("+-0123456789abcdefoxABCDEF_.") != std::string::npos || text.find_first_of("0123456789") == std::string::npos)
        return text;
    if (const auto whole = wholeNumber(text))
        return *whole;
    std::string digits = text;
    std::erase(digits, '_');
    double real = 0;
    const char* begin = digits.data() + (digits[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(begin, digits.data() + digits.size(), real);
    return error == std::errc{} && end == digits.data() + digits.size() ? Value(real) : Value(text);
}

/// Builds a Value from the parser's events, with a stack of its own.
class Builder : public YAML::EventHandler {
public:
    explicit Builder(YamlDocument& document) : m_document(document) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, Value(), anchor, 1); }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override
    {
        checkTag(mark, tag);
        // "?" is the tag of a plain scalar, "!" that of a quoted one.
        add(mark, tag == "?" || tag.empty() ? plainScalar(text) : tag.ends_with(":int") || tag.ends_with(":float") || tag.ends_with(":bool") ? plainScalar(text) : Value(text), anchor, 1);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override { open(mark, tag, Value(Value::List{}), anchor); }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override { open(mark, tag, Value(Value::Map{}), anchor); }
    void OnMapEnd() override
    {
        merge(m_open.back());
        noteDuplicates(*m_open.back().value.map());
        close();
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto found = m_anchors.find(anchor);
        if (found == m_anchors.end()) {
            note(fmt::format("An alias at line {} stands inside what it stands for; it was left empty", mark.line + 1));
            add(mark, Value(), YAML::NullAnchor, 1);
        } else {
            countCopies(mark, found->second.nodes);
            add(mark, found->second.value, YAML::NullAnchor, found->second.nodes);
        }
    }

private:
    struct Open {
        Value value;
        YAML::anchor_t anchor = YAML::NullAnchor;
        YAML::Mark mark;
        size_t firstNode = 0;
        std::optional<std::string> key; ///< of a map: read, its value not yet
    };
    struct Anchored {
        Value value;
        size_t nodes = 0;
    };

    void note(std::string sentence)
    {
        if (m_document.oddities.size() < 100)
            m_document.oddities.push_back(std::move(sentence));
    }
    static void checkTag(const YAML::Mark& mark, const std::string& tag)
    {
        if (!isPlainTag(tag))
            refuse(mark, "unsafe-pickle", fmt::format("The tag {} asks the reader to construct a Python object or something else of its own, which could run code", shown(tag, 100)));
    }
    void open(const YAML::Mark& mark, const std::string& tag, Value value, YAML::anchor_t anchor)
    {
        checkTag(mark, tag);
        if (m_open.size() >= limits::jsonDepth)
            refuse(mark, "resource-bomb", fmt::format("The text is nested too deep (the limit is {} levels)", limits::jsonDepth));
        m_open.push_back({std::move(value), anchor, mark, m_nodes, {}});
    }
    void close()
    {
        Open done = std::move(m_open.back());
        m_open.pop_back();
        add(done.mark, std::move(done.value), done.anchor, 1, m_nodes - done.firstNode + 1);
    }
    /// Anchors and aliases copy what they stand for: a few lines can ask for billions of nodes.
    void countCopies(const YAML::Mark& mark, size_t nodes)
    {
        m_copies += nodes;
        if (m_copies > maximumCopies)
            refuse(mark, "resource-bomb", fmt::format("The text's aliases repeat more than the limit of {} nodes", maximumCopies));
    }
    /// `nodes` is what it adds to the count, `repeated` what an alias to it would add.
    void add(const YAML::Mark& mark, Value value, YAML::anchor_t anchor, size_t nodes, size_t repeated = 1)
    {
        m_nodes += nodes;
        if (m_nodes > limits::yamlNodes)
            refuse(mark, "resource-bomb", fmt::format("The text has more nodes than the limit of {} once its aliases are followed", limits::yamlNodes));
        if (anchor != YAML::NullAnchor) {
            countCopies(mark, repeated);
            m_anchors[anchor] = {value, repeated};
        }
        if (m_open.empty()) {
            m_document.value = std::move(value);
            return;
        }
        Open& owner = m_open.back();
        if (auto* list = owner.value.list()) {
            list->push_back(std::move(value));
        } else if (!owner.key) {
            owner.key = keyText(value);
        } else {
            owner.value.map()->emplace_back(std::move(*owner.key), std::move(value));
            owner.key.reset();
        }
    }
    static std::string keyText(const Value& value)
    {
        if (value.isString())
            return *value.string();
        if (value.isInt())
            return std::to_string(*value.integer());
        return value.isBool() ? (*value.boolean() ? "true" : "false") : value.isDouble() ? fmt::format("{}", value.number()) : value.isNull() ? "null" : "(a list or a map)";
    }
    /// `<<: *defaults`: the keys of another map that this one has not.
    static void merge(Open& owner)
    {
        Value::Map& map = *owner.value.map();
        const auto isMerge = [](const auto& entry) { return entry.first == "<<" && entry.second.isMap(); };
        const auto found = std::find_if(map.begin(), map.end(), isMerge);
        if (found == map.end())
            return;
        const Value::Map inherited = *found->second.map();
        map.erase(found);
        std::unordered_set<std::string> own;
        for (const auto& entry : map)
            own.insert(entry.first);
        for (const auto& [key, value] : inherited)
            if (!own.contains(key))
                map.emplace_back(key, value);
    }
    void noteDuplicates(const Value::Map& map)
    {
        std::unordered_set<std::string_view> seen;
        for (const auto& [key, value] : map)
            if (!seen.insert(key).second && m_document.duplicateKeys.size() < 100)
                m_document.duplicateKeys.push_back(key);
    }

    YamlDocument& m_document;
    std::vector<Open> m_open;
    std::map<YAML::anchor_t, Anchored> m_anchors;
    size_t m_nodes = 0;
    size_t m_copies = 0;
};

} // namespace

Result<YamlDocument> parseYaml(std::string_view text, const std::string& path)
{
    if (text.size() > limits::yamlNbytes)
        return failure(Error("resource-bomb", fmt::format("The YAML text has {}, more than the limit of {}.", formatNbytes(text.size()), formatNbytes(limits::yamlNbytes))).at(path));
    YamlDocument document;
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        Builder builder(document);
        if (!parser.HandleNextDocument(builder))
            return failure(Error("empty", "The YAML text holds nothing.").at(path));
        if (parser)
            document.oddities.emplace_back("The text holds further documents behind ---; only the first was read");
    } catch (const Refusal& refusal) {
        return failure(Error(refusal.error).at(path));
    } catch (const YAML::DeepRecursion&) {
        return failure(Error("resource-bomb", "The YAML text is nested too deep.").at(path));
    } catch (const YAML::ParserException& exception) {
        return failure(Error("corrupt", fmt::format("The YAML text is not well formed at line {}, column {}: {}.", exception.mark.line + 1, exception.mark.column + 1, shown(exception.msg, 120)))
                           .at(path).atByte(static_cast<uint64_t>(std::max(exception.mark.pos, 0))).fixedBy("Correct that place, or get the file again."));
    } catch (const std::exception& exception) {
        return failure(Error("corrupt", fmt::format("The YAML text could not be read: {}.", shown(exception.what(), 120))).at(path));
    }
    return document;
}

} // namespace weighbridge
