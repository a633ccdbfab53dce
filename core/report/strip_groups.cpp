// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/strip_groups.h"

#include "core/report/layer_folds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace weighbridge {
namespace {

/// A name up to where its group ends.
struct GroupName {
    std::string_view module;           ///< "encoder.layer.3", "pooler"
    std::string_view list;             ///< of a layer: "encoder.layer"; else empty
    std::optional<int64_t> number;     ///< of a layer
};

size_t segmentEnd(std::string_view name, size_t begin)
{
    return std::min(name.find_first_of("./", begin), name.size());
}

/// The name up to its first number, if it has one that is not its last segment.
std::optional<GroupName> layerOf(std::string_view name)
{
    for (size_t begin = 0; begin < name.size();) {
        const size_t end = segmentEnd(name, begin);
        const auto number = end < name.size() ? layerNumber(name.substr(begin, end - begin)) : std::nullopt;
        if (number)
            return GroupName{name.substr(0, end), name.substr(0, begin == 0 ? 0 : begin - 1), number};
        begin = end + 1;
    }
    return std::nullopt;
}

/// One segment more than the name has in common with the list of layers: "bert.embeddings" beside "bert.encoder.layer".
std::string_view besideLayers(std::string_view name, std::string_view list)
{
    size_t end = segmentEnd(name, 0);
    while (end < name.size() && end < list.size() && name.substr(0, end) == list.substr(0, end) && (list[end] == '.' || list[end] == '/'))
        end = segmentEnd(name, end + 1);
    return name.substr(0, end);
}

std::string_view lastSegment(std::string_view name)
{
    const size_t separator = name.find_last_of("./");
    return separator == std::string_view::npos ? name : name.substr(separator + 1);
}

std::string labelOf(const GroupName& group)
{
    const std::string_view last = lastSegment(group.number ? group.list : group.module);
    if (!group.number)
        return std::string(last.starts_with("embed") ? std::string_view("emb.") : last);
    constexpr std::array<std::string_view, 3> wordsForLayer{"layer", "layers", "h"};
    const bool isLayer = std::find(wordsForLayer.begin(), wordsForLayer.end(), last) != wordsForLayer.end();
    return fmt::format("{}{}{}", isLayer ? "layer" : last, last.empty() ? "" : " ", *group.number);
}

} // namespace

std::vector<TensorGroup> groupTensors(const TensorRows& rows, const std::vector<int>& chosen)
{
    return groupNames([&rows](int row) { return rows.rows()[static_cast<size_t>(row)].name; }, chosen);
}

std::vector<TensorGroup> groupNames(const std::function<std::string_view(int)>& nameOf, const std::vector<int>& chosen)
{
    struct Ranked {
        TensorGroup group;
        size_t list = 0;   ///< rank of the list that it belongs to, by first appearance
        int64_t number = 0;
    };
    std::string_view firstList;
    for (const int row : chosen) {
        if (const auto layer = layerOf(nameOf(row))) {
            firstList = layer->list;
            break;
        }
    }
    std::vector<Ranked> ranked;
    std::unordered_map<std::string_view, size_t> groupOfModule;
    std::unordered_map<std::string_view, size_t> rankOfList;
    for (const int row : chosen) {
        const std::string_view name = nameOf(row);
        const auto layer = layerOf(name);
        const GroupName group = layer ? *layer : GroupName{besideLayers(name, firstList), {}, {}};
        const auto [known, isNew] = groupOfModule.try_emplace(group.module, ranked.size());
        if (isNew) {
            const size_t list = layer ? rankOfList.try_emplace(group.list, ranked.size()).first->second : ranked.size();
            ranked.push_back({{labelOf(group), std::string(group.module), {}}, list, group.number.value_or(0)});
        }
        ranked[known->second].group.rows.push_back(row);
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) { return std::pair(a.list, a.number) < std::pair(b.list, b.number); });
    std::vector<TensorGroup> out;
    for (Ranked& entry : ranked)
        out.push_back(std::move(entry.group));
    return out;
}

} // namespace weighbridge
