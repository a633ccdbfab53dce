// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/model_map.h"

#include <QString>

#include <functional>
#include <optional>
#include <vector>

namespace weighbridge {

/// One number of each layer's tensor of one kind.
struct DepthSeries {
    struct Point {
        int layer = 0;        ///< its number
        double value = 0;
        int row = -1;         ///< of the TensorRows
        bool isNeverTrained = false;
    };
    QString label;
    std::vector<Point> points; ///< by rising layer; unknown ones are left out
};

/// At most so many kinds: more would not be seen side by side.
inline constexpr size_t mostDepthSeries = 24;

/// Of the layers' weights: the matrices, or everything where there is none. `valueOf` takes an index into Checkpoint::tensors.
[[nodiscard]] std::vector<DepthSeries> depthSeries(const ModelMap& map, const std::function<std::optional<double>(int found)>& valueOf);

} // namespace weighbridge
