// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A tensor name that holds a number between dots: "encoder.layer." 3 ".output.dense.weight".
struct LayerName {
    std::string_view stem;  ///< with its last dot
    int64_t index = 0;
    std::string_view rest;  ///< with its first dot; empty if the number is last
};

/// At the first part that is a number; nothing if there is none or it does not fit.
[[nodiscard]] std::optional<LayerName> layerOf(std::string_view name);

/// The numbers that stand behind each stem.
using LayerIndices = std::map<std::string, std::set<int64_t>, std::less<>>;
[[nodiscard]] LayerIndices layerIndices(const std::vector<std::string_view>& names);

/// Names of repeated layers on one line each: "encoder.layer.{0–2, 5}.output.dense.weight". Gaps are never bridged; first appearance decides the order.
[[nodiscard]] std::vector<std::string> mergedNames(const std::vector<std::string>& names);

} // namespace weighbridge
