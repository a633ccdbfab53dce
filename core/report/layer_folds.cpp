// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/layer_folds.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

/// "0, 2, …, 30" for steps of two: runs of more than four are shortened, shorter ones written out, gaps kept.
std::string everySecond(const std::vector<NumberedLayer>& layers, const std::vector<int>& members)
{
    const auto number = [&](size_t i) { return layers[static_cast<size_t>(members[i])].number; };
    std::vector<std::string> parts;
    for (size_t i = 0; i < members.size();) {
        size_t last = i;
        while (last + 1 < members.size() && number(last + 1) == number(last) + 2)
            ++last;
        if (last >= i + 4)
            parts.push_back(fmt::format("{}, {}, …, {}", number(i), number(i + 1), number(last)));
        else
            for (size_t k = i; k <= last; ++k)
                parts.push_back(fmt::format("{}", number(k)));
        i = last + 1;
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

LayerGroup single(const std::vector<NumberedLayer>& layers, int layer)
{
    return {{layer}, fmt::format("{}", layers[static_cast<size_t>(layer)].number), {}};
}

/// The two groups of layers that alternate, and the single ones between them; nothing if they do not.
std::optional<std::vector<LayerGroup>> alternating(const std::vector<NumberedLayer>& layers, const std::vector<bool>& standsAlone)
{
    std::array<LayerGroup, 2> parity;
    std::vector<LayerGroup> groups;
    for (size_t i = 0; i < layers.size(); ++i) {
        if (standsAlone[i]) {
            groups.push_back(single(layers, int(i)));
            continue;
        }
        std::vector<int>& members = parity[static_cast<size_t>(layers[i].number % 2)].members;
        if (!members.empty() && layers[static_cast<size_t>(members[0])].signature != layers[i].signature)
            return std::nullopt;
        members.push_back(int(i));
    }
    if (parity[0].members.size() < 2 || parity[1].members.size() < 2
        || layers[static_cast<size_t>(parity[0].members[0])].signature == layers[static_cast<size_t>(parity[1].members[0])].signature)
        return std::nullopt;
    for (size_t odd = 0; odd < 2; ++odd) {
        parity[odd].numbers = everySecond(layers, parity[odd].members);
        parity[odd].note = odd ? "odd" : "even";
        groups.push_back(std::move(parity[odd]));
    }
    std::sort(groups.begin(), groups.end(), [](const LayerGroup& a, const LayerGroup& b) { return a.members[0] < b.members[0]; });
    return groups;
}

} // namespace

std::vector<LayerGroup> foldLayers(const std::vector<NumberedLayer>& layers)
{
    const auto deviating = std::count_if(layers.begin(), layers.end(), [](const NumberedLayer& layer) { return layer.deviates; });
    const bool someDeviate = deviating > 0 && deviating < std::ptrdiff_t(layers.size());
    std::vector<bool> standsAlone(layers.size());
    for (size_t i = 0; i < layers.size(); ++i)
        standsAlone[i] = someDeviate && layers[i].deviates;

    if (auto groups = alternating(layers, standsAlone))
        return *std::move(groups);

    std::vector<LayerGroup> groups;
    for (size_t i = 0; i < layers.size();) {
        size_t end = i + 1;
        while (!standsAlone[i] && end < layers.size() && !standsAlone[end] && layers[end].number == layers[end - 1].number + 1
               && layers[end].signature == layers[i].signature)
            ++end;
        LayerGroup group = single(layers, int(i));
        if (end - i > 1) {
            std::vector<int64_t> numbers{layers[i].number};
            for (size_t k = i + 1; k < end; ++k) {
                group.members.push_back(int(k));
                numbers.push_back(layers[k].number);
            }
            group.numbers = formatIndices(std::move(numbers));
            group.note = fmt::format("{} alike", end - i);
        }
        groups.push_back(std::move(group));
        i = end;
    }
    return groups;
}

std::optional<int64_t> layerNumber(std::string_view segment)
{
    if (segment.empty() || segment.size() > 9 || (segment[0] == '0' && segment.size() > 1))
        return std::nullopt;
    int64_t number = 0;
    for (const char c : segment) {
        if (c < '0' || c > '9')
            return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return number;
}

} // namespace weighbridge
