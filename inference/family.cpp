// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"

#include <algorithm>
#include <tuple>

namespace weighbridge::inference {

void KeyValueCache::extend(int64_t layer, at::Tensor& k, at::Tensor& v)
{
    const auto index = static_cast<size_t>(layer);
    if (index == m_layers.size())
        m_layers.emplace_back(k, v);
    else
        m_layers[index] = {at::cat({m_layers[index].first, k}, 2), at::cat({m_layers[index].second, v}, 2)};
    std::tie(k, v) = m_layers[index];
}

Model Model::part(std::string_view key) const
{
    Model out = *this;
    if (const Value* found = config->find(key); found && found->isMap())
        out.config = found;
    return out;
}

int64_t Model::integer(std::string_view key, int64_t fallback) const
{
    const Value* value = config->find(key);
    return value && value->integer() ? *value->integer() : fallback;
}

std::vector<int64_t> Model::integers(std::string_view key, const std::vector<int64_t>& fallback) const
{
    const Value* value = config->find(key);
    if (!value || !value->list())
        return fallback;
    std::vector<int64_t> out;
    for (const Value& entry : *value->list())
        out.push_back(entry.integer() ? *entry.integer() : 0);
    return out;
}

double Model::number(std::string_view key, double fallback) const
{
    const Value* value = config->find(key);
    return value ? value->number(fallback) : fallback;
}

std::string Model::text(std::string_view key, std::string_view fallback) const
{
    const Value* value = config->find(key);
    return value ? value->stringOr(fallback) : std::string(fallback);
}

bool Model::flag(std::string_view key, bool fallback) const
{
    const Value* value = config->find(key);
    return value && value->boolean() ? *value->boolean() : fallback;
}

const Family* familyFor(const std::string& modelType, const std::string& className)
{
    for (const Family* family : allFamilies()) {
        const FamilyInfo info = family->info();
        const auto ends = [&className](std::string_view task) { return className.ends_with(task); };
        if (std::find(info.modelTypes.begin(), info.modelTypes.end(), modelType) != info.modelTypes.end() && std::any_of(info.tasks.begin(), info.tasks.end(), ends))
            return family;
    }
    return nullptr;
}

} // namespace weighbridge::inference
