// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/tree_model_base.h"

#include <QTreeView>

#include <vector>

namespace weighbridge {

/// Nodes of the tree's model, which is a TreeModelBase, that are open and whose parents are.
inline std::vector<int> openNodes(const QTreeView& tree)
{
    std::vector<int> out;
    std::vector<QModelIndex> open{QModelIndex()};
    while (!open.empty()) {
        const QModelIndex index = open.back();
        open.pop_back();
        for (int row = 0; row < tree.model()->rowCount(index); ++row) {
            const QModelIndex child = tree.model()->index(row, 0, index);
            if (!tree.isExpanded(child))
                continue;
            out.push_back(TreeModelBase::nodeOf(child));
            open.push_back(child);
        }
    }
    return out;
}

} // namespace weighbridge
