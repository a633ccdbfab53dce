// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/thumbnail.h"

#include "core/report/strip_cells.h"

#include <algorithm>
#include <optional>

namespace weighbridge {

QByteArray thumbnailOf(const TensorRows& rows, int maximum)
{
    QByteArray cells;
    const Strip strip = buildStrip(rows, nullptr).reduced(maximum);
    for (int position = 0; position < std::min(strip.positions, maximum); ++position) {
        std::optional<RowState> state;
        for (const StripRow& row : strip.rows)
            if (const StripCell& cell = row.cells[size_t(position)]; cell.tensors > 0 && (!state || row.kind == StripRow::Kind::Found))
                state = cell.state;
        if (state)
            cells.append(char(*state));
    }
    return cells;
}

} // namespace weighbridge
