// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"

#include <QModelIndex>
#include <QString>

#include <vector>

namespace weighbridge {

/// What can be copied of the rows of the tensor tree.
enum class TensorCopy : uint8_t {
    Names,    ///< a line each
    Rows,     ///< what is seen, separated by tabs, digits plain
    Markdown, ///< the same as a table with a head
};

/// `columns`: which cells Rows and Markdown have (never Values, which is a picture). Names are made safe to show.
[[nodiscard]] QString copiedRows(TensorCopy kind, const QModelIndexList& rows, const std::vector<int>& columns);
/// "[30522, 384]", a line each; a Python or C literal.
[[nodiscard]] QString copiedShapes(const Checkpoint& checkpoint, const std::vector<size_t>& tensors);

} // namespace weighbridge
