// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/change_table.h"

#include <QWidget>

namespace weighbridge {

/// Relative change over the layers, one line for each of the kinds that moved most.
class DepthPlot : public QWidget {
    Q_OBJECT
public:
    explicit DepthPlot(QWidget* parent = nullptr);
    void setTable(const ChangeTable& table);
    /// The kinds that have a line; at most four.
    [[nodiscard]] const std::vector<size_t>& kinds() const { return m_kinds; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ChangeTable m_table;
    std::vector<size_t> m_kinds;
};

/// Layers down, kinds of tensor across, the change as shade and, where there is room, as number. Click or arrow keys select.
class ChangeMap : public QWidget {
    Q_OBJECT
public:
    explicit ChangeMap(QWidget* parent = nullptr);
    void setTable(const ChangeTable& table);
    void setSelectedPair(int pair);
    [[nodiscard]] QRect cellRect(size_t layer, size_t kind) const;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void activated(int pair);
    void readOut(const QString& text);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    [[nodiscard]] int cellAt(const QPoint& point) const; ///< index into the table's cells; -1 if none
    [[nodiscard]] QString describe(int cell) const;
    [[nodiscard]] QRect grid() const;

    ChangeTable m_table;
    int m_current = -1;              ///< cell
};

} // namespace weighbridge
