// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/layer_names.h"

#include "core/base/text.h"

#include <charconv>

namespace weighbridge {

std::optional<LayerName> layerOf(std::string_view name)
{
    size_t begin = 0;
    for (const std::string_view part : split(name, '.')) {
        int64_t index = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
        if (error == std::errc() && end == part.data() + part.size() && index >= 0)
            return LayerName{name.substr(0, begin), index, name.substr(begin + part.size())};
        begin += part.size() + 1;
    }
    return std::nullopt;
}

LayerIndices layerIndices(const std::vector<std::string_view>& names)
{
    LayerIndices out;
    for (const std::string_view name : names) {
        if (const auto layer = layerOf(name))
            out[std::string(layer->stem)].insert(layer->index);
    }
    return out;
}

std::vector<std::string> mergedNames(const std::vector<std::string>& names)
{
    struct Group {
        std::string stem;
        std::string rest;
        std::vector<int64_t> indices;
    };
    std::vector<Group> groups;
    std::map<std::string, size_t> groupOf;
    for (const std::string& name : names) {
        const auto layer = layerOf(name);
        const std::string key = layer ? std::string(layer->stem) + "{}" + std::string(layer->rest) : name;
        const auto [entry, isNew] = groupOf.emplace(key, groups.size());
        if (isNew)
            groups.push_back(layer ? Group{std::string(layer->stem), std::string(layer->rest), {}} : Group{name, "", {}});
        if (layer)
            groups[entry->second].indices.push_back(layer->index);
    }
    std::vector<std::string> out;
    for (const Group& group : groups) {
        const bool single = group.indices.size() == 1;
        out.push_back(group.indices.empty() ? group.stem
                                            : group.stem + (single ? "" : "{") + formatIndices(group.indices) + (single ? "" : "}") + group.rest);
    }
    return out;
}

} // namespace weighbridge
