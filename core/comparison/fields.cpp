// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/fields.h"

#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

using Flat = std::vector<std::pair<std::string, const Value*>>;

/// The fields of nested maps under their joined names. JSON's depth is capped, but the way down keeps its own stack all the same.
Flat flattened(const Value* root)
{
    Flat out;
    if (!root || !root->map())
        return out;
    struct Level {
        const Value::Map* map;
        size_t next;
        std::string prefix;
    };
    std::vector<Level> levels{{root->map(), 0, ""}};
    while (!levels.empty()) {
        Level& level = levels.back();
        if (level.next == level.map->size()) {
            levels.pop_back();
            continue;
        }
        const auto& [key, value] = (*level.map)[level.next++];
        std::string name = level.prefix + key;
        if (value.map() && !value.map()->empty())
            levels.push_back({value.map(), 0, name + "."});
        else
            out.emplace_back(std::move(name), &value);
    }
    return out;
}

} // namespace

FieldsDifference differingFields(const Value* a, const Value* b)
{
    FieldsDifference out;
    out.hasA = a && a->map();
    out.hasB = b && b->map();
    const Flat left = flattened(a);
    const Flat right = flattened(b);
    std::unordered_map<std::string_view, const Value*> ofB;
    for (const auto& [name, value] : right)
        ofB[name] = value;
    std::unordered_set<std::string_view> ofA;
    for (const auto& [name, value] : left) {
        if (!ofA.insert(name).second)
            continue;
        ++out.fields;
        const auto found = ofB.find(name);
        if (found == ofB.end())
            out.differing.push_back({name, *value, std::nullopt});
        else if (!(*found->second == *value))
            out.differing.push_back({name, *value, *found->second});
    }
    for (const auto& [name, value] : right) {
        if (!ofA.insert(name).second)
            continue;
        ++out.fields;
        out.differing.push_back({name, std::nullopt, *value});
    }
    return out;
}

} // namespace weighbridge
