// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/tensor_rows.h"

#include <string>
#include <vector>

namespace weighbridge {

/// A stretch of cells with a label: "emb.", "layer 0", "pooler", or the module's name.
struct StripGroup {
    std::string label;     ///< short, for the space above the cells; not yet made safe to show
    std::string module;    ///< full name of the module, "encoder.layer.3"
    int begin = 0;         ///< first position
    int end = 0;           ///< exclusive
};

/// One place of the strip: the same tensor in all rows. `present` false: the row draws nothing there.
struct StripCell {
    RowState state = RowState::Present; ///< the worst of the tensors that it stands for
    bool present = false;
    int tensorRow = -1;                 ///< the (first, worst) row of the TensorRows that this strip row was built from
    int tensors = 0;                    ///< that it stands for
};

/// A row of the strip.
struct StripRow {
    enum class Kind : uint8_t { Expected, Found, AfterFix };
    Kind kind = Kind::Found;
    std::vector<StripCell> cells;       ///< parallel to positions
    std::string summary;                ///< at the right end: "103 missing", "85 trained, 18 not"
};

/// The load strip's data. Expected: the expectation, missing tensors red. Found: what the file holds, in the place of the expected
/// tensor that it loads into; tensors in the file only fill the places that would otherwise be empty in that row (in file order), and
/// what is left over stands in a last group. AfterFix: as Found, of the rows after the fix. Qt-free.
struct Strip {
    std::vector<StripGroup> groups;
    std::vector<StripRow> rows;
    int positions = 0;

    /// Merges neighbours (never over a group's end) so that at most `maximum` positions remain; each group keeps at least one
    /// as long as there are no more groups than that. maximum: pixels / 4.
    [[nodiscard]] Strip reduced(int maximum) const;
    /// The position whose cell in any row stands for this row of the TensorRows of `kind`; -1 if none.
    [[nodiscard]] int positionOf(StripRow::Kind kind, int tensorRow) const;
};

/// afterFix may be null. Without an expectation there is only the Found row.
[[nodiscard]] Strip buildStrip(const TensorRows& asItLoads, const TensorRows* afterFix);

} // namespace weighbridge
