// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/run_answer.h"

#include <QWidget>

namespace weighbridge {

/// Rows of label, bar and number, with headings between them.
class BarList : public QWidget {
    Q_OBJECT
public:
    explicit BarList(QWidget* parent = nullptr);
    void setRows(const QList<RunAnswer::Row>& rows);
    [[nodiscard]] const QList<RunAnswer::Row>& rows() const { return m_rows; }

    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] int rowHeight() const;
    void paintRow(QPainter& painter, const RunAnswer::Row& row, const QRect& place) const;

    QList<RunAnswer::Row> m_rows;
};

} // namespace weighbridge
