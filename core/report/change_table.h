// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"

#include <limits>
#include <string>
#include <vector>

namespace weighbridge {

/// The change of repeated layers: one row per layer, one column per kind of tensor ("attention.self.query.weight").
struct ChangeTable {
    struct Cell {
        int pair = -1;               ///< index into Difference::pairs; -1: this layer has no such tensor on both sides
        double change = std::numeric_limits<double>::quiet_NaN(); ///< |B - A| / |A|; NaN: not compared, or not yet
        [[nodiscard]] bool isKnown() const { return pair >= 0 && change == change; }
    };

    /// A weight and the bias beside it.
    struct Column {
        std::string label;           ///< "query"
        int wide = -1, narrow = -1;  ///< kinds; -1: there is none
    };

    std::string stem;                ///< "encoder.layer."; texts are safe to show
    std::vector<int64_t> layers;
    std::vector<std::string> kinds;  ///< in the order of the first layer that has them
    std::vector<std::string> labels; ///< of the kinds, short: "query", "query bias"
    std::vector<Column> columns;     ///< all kinds, once
    std::vector<bool> isMatrix;      ///< of the kinds: weights of more than one dimension
    std::vector<Cell> cells;         ///< row by row

    [[nodiscard]] const Cell& at(size_t layer, size_t kind) const { return cells[layer * kinds.size() + kind]; }
    [[nodiscard]] double largest() const; ///< finite change; 0 if none is known
    [[nodiscard]] double largestOf(size_t kind) const;
    /// The kinds of matrices, at most `most`, the one that moved most first.
    [[nodiscard]] std::vector<size_t> movedMost(size_t most) const;
    [[nodiscard]] bool hasValues() const; ///< whether any change is known
};

/// Of the stem with the most tensors; empty if nothing is repeated.
[[nodiscard]] ChangeTable changeTable(const Difference& difference);

} // namespace weighbridge
