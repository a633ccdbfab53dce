// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"

#include <algorithm>

namespace weighbridge::inference {

int64_t Model::integer(std::string_view key, int64_t fallback) const
{
    const Value* value = config->find(key);
    return value && value->integer() ? *value->integer() : fallback;
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
