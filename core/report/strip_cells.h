// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"
#include "core/report/tensor_rows.h"

#include <string>
#include <vector>

namespace weighbridge {

/// A stretch of cells with a label: the embeddings, a layer, the head.
struct StripGroup {
    std::string label;     ///< "emb.", "layer 3", "pooler", for the space above the cells; from the file, not yet made safe to show
    std::string module;    ///< full name of the module, "encoder.layer.3", for the tooltip and Document::select()
    int begin = 0;         ///< first position
    int end = 0;           ///< exclusive
};

/// What one row of the strip shows at one position.
struct StripCell {
    RowState state = RowState::Present; ///< the worst of the tensors that it stands for
    int tensorRow = -1;                 ///< row of the TensorRows that the strip's row was built from: of the (first, worst) tensor
    int tensors = 0;                    ///< that it stands for; 0: nothing is drawn here
    int shade = -1;                     ///< B: how far it moved, 0 to shadeSteps - 1; -1: no values were compared
};

struct StripRow {
    enum class Kind : uint8_t {
        Expected, ///< an outline each, red if missing
        Found,    ///< what the file holds, as it loads
        AfterFix,
        A,        ///< of a comparison: an outline each, filled where B has another name for it
        B,        ///< coloured by its change
    };
    static constexpr size_t kinds = 5;
    Kind kind = Kind::Found;
    std::vector<StripCell> cells;       ///< one per position
    std::vector<int> positionOfRow;     ///< per row of the TensorRows (per pair of a comparison); -1: it has no cell in this row
    std::string summary;                ///< for the right end: "103 missing", "103 unexpected, 1 ignored", "103 match"
};

/// How neighbouring positions become one.
struct StripReduction {
    std::vector<StripGroup> groups; ///< as they are afterwards
    std::vector<int> positionOf;    ///< per position before: the one afterwards
    int positions = 0;              ///< afterwards
};

/// The load strip's data. A position is an expected tensor, in the model's order; a tensor that is in the file only stands where it
/// loads after the fix, without such a place behind all others ("in the file only"). Qt-free.
struct Strip {
    std::vector<StripGroup> groups;     ///< cover all positions without a gap
    std::vector<StripRow> rows;
    int positions = 0;
    static constexpr int finest = 16'384; ///< positions: more than any screen has room for, and few enough to be merged in less than a frame

    /// Merges neighbours, never over a group's end, so that at most `maximum` (pixels / 4), which is at least 1, positions remain. With more groups
    /// than that the groups are merged too.
    [[nodiscard]] StripReduction reduction(int maximum) const;
    /// The cells after a reduction; without positionOfRow, which has an entry for every tensor.
    [[nodiscard]] Strip merged(const StripReduction& reduction) const;
    /// Both, and positionOfRow; the same strip if it has no more than `maximum`.
    [[nodiscard]] Strip reduced(int maximum) const;
};

/// A's tensors above B's, in A's order: rows are the pairs.
[[nodiscard]] Strip comparisonStrip(const Difference& difference);

/// afterFix may be null: then there is no such row. Without an expectation there is only Found; with nothing but an expectation only Expected.
[[nodiscard]] Strip buildStrip(const TensorRows& asItLoads, const TensorRows* afterFix);

} // namespace weighbridge
