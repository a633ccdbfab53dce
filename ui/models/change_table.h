// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"

#include <QString>

#include <vector>

namespace weighbridge {

/// The change of repeated layers: one row per layer, one column per kind of tensor ("attention.self.query.weight").
struct ChangeTable {
    struct Cell {
        int pair = -1;               ///< -1: this layer has no such tensor, or its values were not compared
        double change = 0;           ///< |B - A| / |A|
    };

    QString stem;                    ///< "encoder.layer."
    std::vector<int64_t> layers;
    std::vector<QString> kinds;      ///< in the order of the first layer that has them
    std::vector<Cell> cells;         ///< row by row

    [[nodiscard]] const Cell& at(size_t layer, size_t kind) const { return cells[layer * kinds.size() + kind]; }
    [[nodiscard]] double largest() const;
};

/// Of the stem with the most tensors; empty if nothing is repeated or no values were compared.
[[nodiscard]] ChangeTable changeTable(const Difference& difference);

} // namespace weighbridge
