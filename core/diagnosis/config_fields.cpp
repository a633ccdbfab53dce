// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/config_fields.h"

#include "core/base/text.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr int maximumDerivation = 4; ///< derived values that follow from derived values

} // namespace

std::vector<std::string> ConfigFields::of(const Expression& expression, size_t part) const
{
    std::vector<std::string> out;
    addFields(expression, part, "", out, 0);
    return out;
}

std::vector<std::string> ConfigFields::all() const
{
    std::vector<std::string> out;
    for (size_t part = 0; part < m_parts.size(); ++part)
        for (const TensorTemplate& line : m_parts[part]->architecture.lines) {
            for (const Expression& size : line.shape)
                addFields(size, part, "", out, 0);
            for (const auto& [index, count] : line.repetition.loops)
                addFields(count, part, "", out, 0);
            if (line.repetition.condition)
                addFields(*line.repetition.condition, part, "", out, 0);
        }
    return out;
}

std::vector<std::string> ConfigFields::described() const
{
    std::vector<std::string> out;
    const auto add = [&out](const Value* description, const std::string& owner) {
        const Value* fields = description ? description->find("fields") : nullptr;
        for (const auto& [field, fallback] : fields && fields->map() ? *fields->map() : Value::Map{})
            out.push_back(owner + field);
    };
    const Value* root = m_parts[0]->spec->config("");
    add(root, "");
    const Value* sub = root->find("sub");
    for (const auto& [field, rules] : sub && sub->map() ? *sub->map() : Value::Map{})
        add(describe(*m_parts[0], {field, ""}).value, field + ".");
    return out;
}

/// The description of the config that the last of the path's names is a field of.
ConfigFields::Description ConfigFields::describe(const ModelPart& part, const std::vector<std::string_view>& path) const
{
    Description out{part.spec->config(""), part.spec};
    for (size_t i = 0; i + 1 < path.size() && out.value; ++i) {
        const Value* sub = out.value->find("sub");
        const Value* rules = sub ? sub->find(path[i]) : nullptr;
        const Value* name = rules ? rules->find("config") : nullptr;
        if (name && name->stringOr("") == "auto") {
            const Value* type = rules->find("model_type");
            const auto other = m_library.find(type ? type->stringOr("") : "");
            out = other ? Description{(*other)->config(""), *other} : Description{};
        } else {
            out.value = name ? out.spec->config(name->stringOr("")) : nullptr;
        }
    }
    return out;
}

void ConfigFields::addFields(const Expression& expression, size_t part, const std::string& owner, std::vector<std::string>& out, int depth) const
{
    for (const std::string& field : expression.fields())
        addField(part, owner + field, out, depth);
    for (const std::string& field : expression.optionalFields()) { // which need not be listed
        const std::string& outer = m_parts[part]->path;
        std::string path = (outer.empty() ? "" : outer + ".") + owner + field;
        if (std::find(out.begin(), out.end(), path) == out.end())
            out.push_back(std::move(path));
    }
}

void ConfigFields::addField(size_t part, const std::string& field, std::vector<std::string>& out, int depth) const
{
    const auto path = split(field, '.');
    const Description description = describe(*m_parts[part], path);
    if (!description.value || depth > maximumDerivation)
        return;
    const std::string last(path.back());
    const std::string owner = field.substr(0, field.size() - last.size());
    const Value* aliases = description.value->find("alias");
    const Value* canonical = aliases ? aliases->find(last) : nullptr;
    const std::string name = canonical ? canonical->stringOr(last) : last;
    const Value* fields = description.value->find("fields");
    const Value* derived = description.value->find("derived");
    const Value* formula = derived ? derived->find(name) : nullptr;
    const bool isField = (fields && fields->find(name)) || name == "num_labels";
    const std::string& outer = m_parts[part]->path;
    const std::string full = (outer.empty() ? "" : outer + ".") + owner + name;
    if ((isField || formula) && std::find(out.begin(), out.end(), full) != out.end())
        return;
    if (isField || formula)
        out.push_back(full);
    if (formula)
        if (const auto parsed = Expression::parse(formula->isInt() ? std::to_string(*formula->integer()) : formula->stringOr("")))
            addFields(*parsed, part, owner, out, depth + 1);
    const ModelReference* reference = m_parts[part]->reference;
    for (const auto& [overridden, expression] : reference ? reference->overrides : std::vector<std::pair<std::string, Expression>>{})
        if (overridden == field)
            addFields(expression, m_parts[part]->parent, "", out, depth + 1);
}

} // namespace weighbridge
