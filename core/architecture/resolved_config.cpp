// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/resolved_config.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t maximumDepth = 8;
constexpr size_t maximumFields = 4096;
constexpr const char* unresolvedKey = "!unresolved";

using Aliases = const Value*;

/// PyTorch implementations give one field several names: `n_embd` is asked for as `hidden_size` too.
std::string canonical(Aliases aliases, const std::string& field)
{
    const Value* found = aliases ? aliases->find(field) : nullptr;
    return found ? found->stringOr(field) : field;
}

const Value::Map& entriesOf(const Value& owner, const char* key)
{
    static const Value::Map none;
    const Value* found = owner.find(key);
    return found && found->map() ? *found->map() : none;
}

/// The class's defaults, replaced by what the config says.
Value withDefaults(const Value& description, Aliases aliases, const Value& given)
{
    Value out(Value::Map{});
    for (const auto& [field, fallback] : entriesOf(description, "fields")) {
        const Value* said = given.find(field);
        out.set(canonical(aliases, field), said ? *said : fallback);
    }
    for (const auto& [field, value] : *given.map())
        if (!entriesOf(description, "fields").size() || !description.find("fields")->find(field))
            out.set(canonical(aliases, field), value);
    return out;
}

/// transformers keeps the number of labels as the length of id2label; a config without it has what num_labels says, else 2.
void addLabels(Value& out)
{
    const Value* labels = out.find("id2label");
    const Value* said = out.find("num_labels");
    if (labels && (labels->isMap() || labels->isList()))
        out.set("num_labels", static_cast<int64_t>(labels->isMap() ? labels->map()->size() : labels->list()->size()));
    else if (!said || said->isNull())
        out.set("num_labels", Value(int64_t{2}));
    if (!labels)
        out.set("id2label", Value());
}

/// What stands for a sub-config in the file, with what the outer class adds to it.
Value givenSubConfig(const Value& rules, const Value& value, const std::string& modelType)
{
    const Value* initial = rules.find("default");
    Value out = value.isNull() ? (initial && initial->isMap() ? *initial : Value(Value::Map{})) : value;
    const Value* merged = rules.find("merge");
    const Value* own = out.find("model_type");
    const Value* mergedType = merged ? merged->find("model_type") : nullptr;
    if (!merged || !merged->isMap() || (own && !own->stringOr("").empty() && own->stringOr("") != (mergedType ? mergedType->stringOr("") : modelType)))
        return out;
    Value all = *merged;
    for (const auto& [field, item] : *out.map())
        all.set(field, item);
    return all;
}

/// The fields of a sub-config that a file of an older version has beside those of the outer config.
Value fieldsBeside(const Value& description, const Value& given)
{
    Value out(Value::Map{});
    for (const auto& [field, value] : *given.map()) {
        const auto isOwn = [&field = field](const auto& entry) { return entry.first == field; };
        const auto& own = entriesOf(description, "fields");
        const auto& subs = entriesOf(description, "sub");
        if (field != "model_type" && std::none_of(own.begin(), own.end(), isOwn) && std::none_of(subs.begin(), subs.end(), isOwn))
            out.set(field, value);
    }
    return out;
}

/// What the file has of a sub-config: by an older name, under its own, or beside the outer fields; null if nothing.
Value writtenSubConfig(const Value& description, const Value& rules, const Value& given, const Value* value)
{
    if (const Value* instead = rules.find("instead"))
        if (const Value* older = given.find(instead->stringOr("")); older && !older->isNull())
            return *older;
    if (value && !value->isNull())
        return *value;
    const Value* flat = rules.find("flat");
    return flat && isTrue(*flat) ? fieldsBeside(description, given) : Value();
}

/// A sub-config that the library makes of fields of the outer config where the file has none; null if it does not.
Result<Value> filledSubConfig(const Value& rules, const Value& outer)
{
    const auto& fill = entriesOf(rules, "fill");
    if (fill.empty())
        return Value();
    const Value* initial = rules.find("default");
    Value out = initial && initial->isMap() ? *initial : Value(Value::Map{});
    for (const auto& [field, text] : fill) {
        auto value = Expression::parse(text.stringOr("")).and_then([&outer](const Expression& expression) { return expression.evaluate(Names(outer)); });
        if (!value)
            return value;
        out.set(field, std::move(*value));
    }
    return out;
}

Result<Value> resolveSubConfig(ArchitectureLibrary& library, const ArchitectureSpec& spec, const std::string& field, const Value& rules, const Value& value, size_t depth)
{
    const Value* type = rules.find("model_type");
    std::string modelType = type ? type->stringOr("") : std::string();
    if (!value.isNull() && !value.isMap())
        return failure("bad-shape", fmt::format("The field {} of the config is no map.", shown(field)));
    const Value given = givenSubConfig(rules, value, modelType);
    if (const Value* own = given.find("model_type"); own && !own->stringOr("").empty())
        modelType = own->stringOr("");
    const Value* name = rules.find("config");
    Result<Value> out = Value();
    if (name && name->stringOr("") != "auto" && !(field == "backbone_config" && given.find("model_type"))) {
        out = resolveConfig(library, spec, name->stringOr(""), given, depth + 1);
    } else {
        const auto other = library.find(modelType);
        if (!other)
            return tl::unexpected(other.error());
        out = resolveConfig(library, **other, "", given, depth + 1);
    }
    if (out)
        out->set("model_type", modelType);
    return out;
}

/// Sets `a.b.c`; nothing if there is no map a.b.
void setPath(Value& root, const std::string& path, Value value)
{
    Value* owner = &root;
    const auto parts = split(path, '.');
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
        Value::Map* map = owner->map();
        Value* next = nullptr;
        for (auto& [key, item] : map ? *map : *root.map())
            if (map && key == parts[i])
                next = &item;
        if (!next || !next->isMap())
            return;
        owner = next;
    }
    owner->set(std::string(parts.back()), std::move(value));
}

/// Derived values see the config's own fields, not each other: their order says nothing.
Result<void> addDerived(const Value& description, Value& out)
{
    const Value own = out;
    for (const auto& [path, text] : entriesOf(description, "derived")) {
        const auto expression = Expression::parse(text.isInt() ? std::to_string(*text.integer()) : text.stringOr(""));
        if (!expression)
            return tl::unexpected(expression.error());
        auto value = expression->evaluate(Names(own));
        setPath(out, path, value ? std::move(*value) : unresolved(value.error().message));
    }
    return {};
}

void addAliases(Aliases aliases, Value& out)
{
    for (const auto& [alias, field] : aliases && aliases->map() ? *aliases->map() : Value::Map{})
        if (const Value* value = out.find(field.stringOr("")))
            out.set(alias, Value(*value));
}

} // namespace

Value unresolved(const std::string& why)
{
    return Value::Map{{unresolvedKey, why}};
}

const std::string* whyUnresolved(const Value& value)
{
    const auto* map = value.map();
    return map && map->size() == 1 && map->front().first == unresolvedKey ? map->front().second.string() : nullptr;
}

Result<Value> resolveConfig(ArchitectureLibrary& library, const ArchitectureSpec& spec, const std::string& name, const Value& given, size_t depth)
{
    const Value* description = spec.config(name);
    if (!description)
        return failure(Error("architecture-syntax", fmt::format("The specification has no config called {}.", shown(name))).at(spec.path()));
    if (depth > maximumDepth || !given.isMap())
        return failure("bad-shape", "The config's sub-configs are nested too deep, or are no maps.");
    if (given.map()->size() > maximumFields)
        return failure("resource-bomb", fmt::format("The config has {} fields, more than the limit of {}.", given.map()->size(), maximumFields));
    if (const Value* failed = description->find("failed"))
        return failure("unknown-class", fmt::format("What such a config stands for is not known for certain: {}.", shown(failed->stringOr(""))));
    const Aliases aliases = description->find("alias");
    Value out = withDefaults(*description, aliases, given);
    addLabels(out);
    for (const auto& [field, rules] : entriesOf(*description, "sub")) {
        const Value written = writtenSubConfig(*description, rules, given, out.find(field));
        const Value* optional = rules.find("optional");
        if (written.isNull() && optional && isTrue(*optional)) {
            out.set(field, Value());
            continue;
        }
        const auto filled = written.isNull() ? filledSubConfig(rules, out) : Result<Value>(written);
        if (!filled)
            return filled;
        auto sub = resolveSubConfig(library, spec, field, rules, *filled, depth);
        if (!sub)
            return sub;
        out.set(field, std::move(*sub));
    }
    if (auto derived = addDerived(*description, out); !derived)
        return tl::unexpected(derived.error());
    addAliases(aliases, out);
    const Value* type = out.find("model_type");
    if ((!type || type->isNull()) && description->find("model_type"))
        out.set("model_type", Value(*description->find("model_type")));
    return out;
}

} // namespace weighbridge
