// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QItemSelectionModel>
#include <QTreeView>

namespace weighbridge {

/// Selects one row and shows it, whatever keys are held: with Shift or Control down, QTreeView::setCurrentIndex() would add to what is selected.
inline void selectAlone(QTreeView& tree, const QModelIndex& index)
{
    tree.selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    tree.scrollTo(index);
}

} // namespace weighbridge
