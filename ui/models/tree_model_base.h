// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QAbstractItemModel>

namespace weighbridge {

/// A tree model over numbered nodes. index(), parent() and rowCount() are settled here; a model says how its nodes hang together
/// and writes its columns. Node 0 is the invisible root and stands for the invalid index.
class TreeModelBase : public QAbstractItemModel {
    Q_OBJECT

public:
    using QAbstractItemModel::QAbstractItemModel;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const final
    {
        return hasIndex(row, column, parent) ? createIndex(row, column, quintptr(childOf(nodeOf(parent), row))) : QModelIndex();
    }
    [[nodiscard]] QModelIndex parent(const QModelIndex& child) const final
    {
        return child.isValid() ? indexOf(parentOf(nodeOf(child))) : QModelIndex();
    }
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const final { return parent.column() > 0 ? 0 : childCountOf(nodeOf(parent)); }
    using QObject::parent;

    /// The node of an index; 0 for the invalid index.
    [[nodiscard]] static int nodeOf(const QModelIndex& index) { return index.isValid() ? int(index.internalId()) : 0; }
    /// The index of a node; invalid for the root and for a node that is not shown.
    [[nodiscard]] QModelIndex indexOf(int node, int column = 0) const
    {
        const int row = node > 0 ? rowOf(node) : -1;
        return row < 0 ? QModelIndex() : createIndex(row, column, quintptr(node));
    }

protected:
    [[nodiscard]] virtual int childCountOf(int node) const = 0;
    [[nodiscard]] virtual int childOf(int node, int row) const = 0;
    [[nodiscard]] virtual int parentOf(int node) const = 0;
    /// Position among the siblings that are shown; -1 for a node that is not shown.
    [[nodiscard]] virtual int rowOf(int node) const = 0;
};

} // namespace weighbridge
