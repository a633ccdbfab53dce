// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/class_judge.h"

#include "core/architecture/resolved_config.h"
#include "core/base/text.h"
#include "core/diagnosis/config_fields.h"

namespace weighbridge {
namespace {

constexpr size_t maximumParts = 16;
constexpr size_t maximumDepth = 4; ///< of sub-configs

const Value* valueAt(const Value& root, std::string_view path)
{
    const Value* at = &root;
    for (const std::string_view part : split(path, '.'))
        at = at ? at->find(part) : nullptr;
    return at;
}

} // namespace

Result<ClassJudge> ClassJudge::make(ArchitectureLibrary& library, std::shared_ptr<const ArchitectureSpec> spec, const std::string& className,
                                    const FoundNames& found)
{
    auto architecture = spec->compile(className);
    if (!architecture)
        return tl::unexpected(architecture.error());
    ClassJudge out(library, found);
    out.m_parts.push_back(std::make_unique<ModelPart>(ModelPart{std::move(*architecture), std::move(spec), "", "", 0, nullptr}));
    for (size_t i = 0; i < out.m_parts.size(); ++i)
        out.addInner(i);
    return out;
}

/// The models inside a part, each once: those that a loop repeats are built alike.
void ClassJudge::addInner(size_t parent)
{
    const std::vector<Value> configs = configsOf(initial());
    if (configs.size() <= parent || configs[parent].isNull())
        return;
    const Names names(configs[parent]);
    for (const TensorTemplate& line : m_parts[parent]->architecture.lines) {
        const auto& condition = line.repetition.condition;
        const auto wanted = condition ? condition->evaluateCondition(names) : Result<bool>(true);
        if (!wanted || !*wanted)
            continue;
        const Value* config = line.reference && line.repetition.loops.empty() ? valueAt(configs[parent], line.reference->config) : nullptr;
        const Value* type = config ? config->find("model_type") : nullptr;
        const auto name = type ? line.name.expand(names) : failure("", "");
        const auto spec = name ? m_library->find(type->stringOr("")) : failure("", "");
        if (!spec || m_parts.size() >= maximumParts)
            continue;
        auto architecture = (*spec)->compile(line.reference->as.empty() ? line.reference->className : (*spec)->classFor(line.reference->as));
        const ModelPart& outer = *m_parts[parent];
        if (architecture)
            m_parts.push_back(std::make_unique<ModelPart>(ModelPart{std::move(*architecture), *spec, outer.prefix + *name + ".",
                                                                    (outer.path.empty() ? "" : outer.path + ".") + line.reference->config, parent,
                                                                    &*line.reference}));
    }
}

Value ClassJudge::initial() const
{
    Value out = initialParts(*m_parts[0]->spec, *m_parts[0]->spec->config(""), 0);
    out.set("model_type", m_parts[0]->spec->modelType());
    return out;
}

/// Sub-configs with the defaults of their sub-configs: one that is changed replaces what its owner says of it. Those that are made of outer fields
/// are left to that.
Value ClassJudge::initialParts(const ArchitectureSpec& spec, const Value& description, size_t depth) const
{
    Value out = Value::Map{};
    const Value* sub = description.find("sub");
    for (const auto& [field, rules] : sub && sub->map() && depth < maximumDepth ? *sub->map() : Value::Map{}) {
        const Value* type = rules.find("model_type");
        const Value* name = rules.find("config");
        const auto other = name && name->stringOr("") == "auto" ? m_library->find(type ? type->stringOr("") : "") : failure("", "");
        const ArchitectureSpec& owner = other ? **other : spec;
        const Value* inner = owner.config(other || !name ? "" : name->stringOr(""));
        Value parts = inner && (other || name) && !rules.find("fill") ? initialParts(owner, *inner, depth + 1) : Value(Value::Map{});
        if (const Value* fallback = rules.find("default"); fallback && fallback->isMap() && !rules.find("fill"))
            for (const auto& [key, value] : *fallback->map())
                parts.set(key, value);
        if (!parts.map()->empty())
            out.set(field, std::move(parts));
    }
    return out;
}

Value ClassJudge::resolved(const Value& given) const
{
    auto config = resolveConfig(*m_library, *m_parts[0]->spec, "", given);
    return config ? std::move(*config) : Value();
}

std::vector<Value> ClassJudge::configsOf(const Value& given) const
{
    std::vector<Value> out{resolved(given)};
    for (size_t i = 1; i < m_parts.size(); ++i) {
        const ModelPart& part = *m_parts[i];
        const Value* inner = out[part.parent].isNull() ? nullptr : valueAt(out[part.parent], part.reference->config);
        Value config = inner && inner->isMap() ? *inner : Value();
        const Names names(out[part.parent]);
        for (const auto& [field, expression] : part.reference->overrides)
            if (auto value = config.isNull() ? failure("", "") : expression.evaluate(names))
                config.set(field, std::move(*value));
        out.push_back(std::move(config));
    }
    return out;
}

Judgement ClassJudge::judge(const Value& given) const
{
    const std::vector<Value> configs = configsOf(given);
    return configs[0].isNull() ? Judgement{INT32_MIN / 2, {}} : judgeParts(m_parts, configs, *m_found);
}

Value ClassJudge::valueOf(const Question& question, const Value& given) const
{
    const std::vector<Value> configs = configsOf(given);
    if (configs[question.part].isNull())
        return {};
    Names names(configs[question.part]);
    for (const auto& [index, value] : question.indices)
        names.push(index, Value(value));
    return question.expression->evaluate(names).value_or(Value());
}

std::vector<std::string> ClassJudge::fieldsOf(const Question& question) const
{
    return ConfigFields(*m_library, m_parts).of(*question.expression, question.part);
}

std::vector<std::string> ClassJudge::allFields() const
{
    return ConfigFields(*m_library, m_parts).all();
}

std::vector<std::string> ClassJudge::describedFields() const
{
    return ConfigFields(*m_library, m_parts).described();
}

} // namespace weighbridge
