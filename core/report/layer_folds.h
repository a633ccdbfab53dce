// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What folding needs to know of one of several numbered siblings (layer.0, layer.1, ...).
struct NumberedLayer {
    int64_t number = 0;
    uint64_t signature = 0;  ///< of names, shapes, dtypes and states below it
    bool deviates = false;   ///< something below it is wrong
};

/// Layers that are shown as one, or a single one.
struct LayerGroup {
    std::vector<int> members; ///< indices into the layers given, by rising number
    std::string numbers;      ///< "0–2", "4, 5", "0, 2, …, 30"; of a single one its number
    std::string note;         ///< "3 alike", "even", "odd"; empty for a single one
};

/// Folds neighbours that are alike: a gap is never bridged, and where only some layers deviate each of those stands on its own.
/// If the even ones are alike and the odd ones are alike, but not with each other, they make one group each.
/// `layers` must be sorted by number, without duplicates. Groups come by their first number.
[[nodiscard]] std::vector<LayerGroup> foldLayers(const std::vector<NumberedLayer>& layers);

/// The number that a name's segment is: digits only, no leading zeros, below a billion.
[[nodiscard]] std::optional<int64_t> layerNumber(std::string_view segment);

} // namespace weighbridge
