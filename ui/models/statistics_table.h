// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"

#include <QAbstractTableModel>

namespace weighbridge {

/// One row per tensor of the file, one column per number. Cells are made when they are asked for.
class StatisticsTable : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { NameColumn, DTypeColumn, ShapeColumn, MeanColumn, StdColumn, MinColumn, MaxColumn, ZerosColumn, NanColumn, InfColumn, KurtosisColumn, ColumnCount };

    explicit StatisticsTable(const Document& document, QObject* parent = nullptr);

    [[nodiscard]] QModelIndex indexOf(int found) const;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void reset();
    [[nodiscard]] QString text(const TensorInfo& tensor, int found, int column) const;

    const Document& m_document;
    CheckpointPtr m_checkpoint;
};

} // namespace weighbridge
