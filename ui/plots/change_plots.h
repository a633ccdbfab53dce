// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/change_table.h"
#include "ui/plots/axis_plot.h"

namespace weighbridge {

/// Relative change over the layers, one line for each of the kinds of matrices that moved most.
class ChangeOverDepth : public AxisPlot {
    Q_OBJECT
public:
    explicit ChangeOverDepth(QWidget* parent = nullptr);
    void setTable(const ChangeTable& table);
    [[nodiscard]] const std::vector<size_t>& kinds() const { return m_kinds; } ///< that have a line; at most four

protected:
    [[nodiscard]] PlotRange wholeRange() const override;
    [[nodiscard]] PlotRange heightRange(const QRectF& plot) const override;
    void paintData(QPainter& painter, const QRectF& plot) const override;
    void paintLabels(QPainter& painter, const QRectF& plot) const override;
    [[nodiscard]] QString textAtValue(double x, double y) const override;
    [[nodiscard]] QString xTitle() const override { return tr("layer"); }
    [[nodiscard]] QString yTitle(const QRectF&) const override { return tr("relative change, %"); }

private:
    [[nodiscard]] QPolygonF line(size_t kind, const QRectF& plot) const;

    ChangeTable m_table;
    std::vector<size_t> m_kinds;
};

/// Layers down, kinds of tensor across, the change as shade and, where there is room, as number. Click or arrow keys select.
class ChangeMap : public Plot {
    Q_OBJECT
public:
    explicit ChangeMap(QWidget* parent = nullptr);
    void setTable(const ChangeTable& table);
    void setSelectedPair(int pair);
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void activated(int pair);

protected:
    void paintPicture(QPainter& painter, const QRectF& area) const override;
    [[nodiscard]] QString textAt(const QPointF& point) const override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    [[nodiscard]] QRect cellsRect(const QRect& area) const;
    [[nodiscard]] QRect columnRect(size_t layer, size_t column, const QRect& cells) const;
    [[nodiscard]] QRect cellRect(size_t layer, size_t kind, const QRect& cells) const;
    [[nodiscard]] size_t nextLine(size_t layer, const QRect& cells) const;
    [[nodiscard]] size_t movedMostOf(size_t first, size_t last, size_t kind) const;
    [[nodiscard]] int cellAt(const QPoint& point) const; ///< index into the table's cells; -1 if none
    [[nodiscard]] QString describe(int cell) const;
    void paintNames(QPainter& painter, const QRect& area, const QRect& cells) const;
    void paintCell(QPainter& painter, const QRect& rect, int cell, int lineHeight) const;

    ChangeTable m_table;
    std::vector<std::pair<size_t, bool>> m_placeOfKind; ///< column, and whether it is the narrow one
    int m_namesHeight = 0;           ///< of the kinds, which are read from below
    int m_current = -1;              ///< cell
};

} // namespace weighbridge
