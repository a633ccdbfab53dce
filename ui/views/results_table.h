// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/run_answer.h"

#include <QTableWidget>

namespace weighbridge {

/// The results of a run as a table whose rows can be selected and copied as TSV.
class ResultsTable : public QTableWidget {
    Q_OBJECT
public:
    enum Column { RankColumn, NameColumn, IdColumn, ValueColumn, ColumnCount };

    explicit ResultsTable(QWidget* parent = nullptr);
    void setRows(const QList<RunAnswer::Row>& rows);
    /// The selected rows, all if none is, with a line of titles.
    [[nodiscard]] QString copied() const;

    [[nodiscard]] QSize sizeHint() const override;

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void addRow(int row, const QStringList& texts, bool isHeading);
};

} // namespace weighbridge
