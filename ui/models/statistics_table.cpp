// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/statistics_table.h"

#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/plots/axis.h"

namespace weighbridge {

StatisticsTable::StatisticsTable(const Document& document, QObject* parent) : QAbstractTableModel(parent), m_document(document)
{
    connect(&document, &Document::stateChanged, this, &StatisticsTable::reset);
    connect(&document, &Document::headerLoaded, this, &StatisticsTable::reset);
    connect(&document, &Document::statisticsReady, this, [this](const QList<int>& tensors) {
        for (const int tensor : tensors)
            Q_EMIT dataChanged(index(tensor, 0), index(tensor, ColumnCount - 1));
    });
    reset();
}

void StatisticsTable::reset()
{
    if (m_checkpoint == m_document.checkpoint())
        return;
    beginResetModel();
    m_checkpoint = m_document.checkpoint();
    endResetModel();
}

QModelIndex StatisticsTable::indexOf(int found) const
{
    return found >= 0 && found < rowCount() ? index(found, 0) : QModelIndex();
}

int StatisticsTable::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_checkpoint ? 0 : int(m_checkpoint->tensors.size());
}

int StatisticsTable::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString StatisticsTable::text(const TensorInfo& tensor, int found, int column) const
{
    switch (column) {
    case NameColumn: return QString::fromStdString(shown(tensor.name));
    case DTypeColumn: return QString::fromStdString(shown(tensor.dtypeName()));
    case ShapeColumn:
        return shapeText(tensor.shape);
    default: break;
    }
    const TensorStatistics* statistics = m_document.statistics(found);
    if (!statistics)
        return {};
    const auto count = [](uint64_t n) { return QString::fromStdString(groupDigits(n)); };
    switch (column) {
    case MeanColumn: return numberText(statistics->mean);
    case StdColumn: return numberText(statistics->std);
    case MinColumn: return numberText(statistics->min);
    case MaxColumn: return numberText(statistics->max);
    case ZerosColumn: return count(statistics->zeros);
    case NanColumn: return count(statistics->nan);
    case InfColumn: return count(statistics->inf);
    default: return numberText(statistics->kurtosis);
    }
}

QVariant StatisticsTable::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((index.column() <= DTypeColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    const TensorInfo& tensor = m_checkpoint->tensors[size_t(index.row())];
    if (role == Qt::DisplayRole)
        return text(tensor, index.row(), index.column());
    if (role == Qt::ToolTipRole) {
        const Error* error = m_document.statisticsError(index.row());
        return (error ? fromCore(error->message, 500) : QString::fromStdString(shown(tensor.name, 500))).toHtmlEscaped();
    }
    return {};
}

QVariant StatisticsTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section <= DTypeColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QString names[] = {tr("Tensor"), tr("dtype"), tr("Shape"), tr("mean"), tr("std"), tr("min"), tr("max"), tr("zeros"), tr("NaN"), tr("Inf"), tr("kurtosis")};
    return names[section];
}

} // namespace weighbridge
