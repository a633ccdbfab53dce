// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/tensor_copy.h"

#include "ui/models/tensor_tree_model.h"

#include <QStringList>

namespace weighbridge {
namespace {

QStringList cellsOf(const QModelIndex& index, const std::vector<int>& columns)
{
    QStringList cells;
    for (const int column : columns)
        cells << index.siblingAtColumn(column).data(TensorTreeModel::PlainTextRole).toString();
    return cells;
}

QString markdownLine(QStringList cells)
{
    for (QString& cell : cells)
        cell.replace(u'\\', QStringLiteral("\\\\")).replace(u'|', QStringLiteral("\\|"));
    return QStringLiteral("| %1 |").arg(cells.join(QStringLiteral(" | ")));
}

QStringList markdownHead(const QAbstractItemModel& model, const std::vector<int>& columns)
{
    QStringList titles;
    QStringList rules;
    for (const int column : columns) {
        titles << model.headerData(column, Qt::Horizontal).toString();
        const bool isRight = (model.headerData(column, Qt::Horizontal, Qt::TextAlignmentRole).toInt() & int(Qt::AlignRight)) != 0;
        rules << (isRight ? QStringLiteral("---:") : QStringLiteral("---"));
    }
    return {markdownLine(titles), markdownLine(rules)};
}

} // namespace

QString copiedRows(TensorCopy kind, const QModelIndexList& rows, const std::vector<int>& columns)
{
    if (rows.isEmpty())
        return {};
    QStringList lines = kind == TensorCopy::Markdown ? markdownHead(*rows.first().model(), columns) : QStringList();
    for (const QModelIndex& index : rows) {
        if (kind == TensorCopy::Names)
            lines << index.data(TensorTreeModel::FullNameRole).toString();
        else
            lines << (kind == TensorCopy::Markdown ? markdownLine(cellsOf(index, columns)) : cellsOf(index, columns).join(u'\t'));
    }
    return lines.join(u'\n');
}

QString copiedShapes(const Checkpoint& checkpoint, const std::vector<size_t>& tensors)
{
    QStringList lines;
    for (const size_t index : tensors) {
        QStringList sizes;
        for (const int64_t size : checkpoint.tensors[index].shape)
            sizes << QString::number(size);
        lines << QStringLiteral("[%1]").arg(sizes.join(QStringLiteral(", ")));
    }
    return lines.join(u'\n');
}

} // namespace weighbridge
