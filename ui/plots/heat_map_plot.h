// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/heat_map.h"
#include "ui/plots/plot.h"

#include <QImage>
#include <QTimer>

namespace weighbridge {

/// The values of a matrix as colours: one hue above zero, another below, the surface at zero. The whole matrix is reduced to cells; where
/// one has zoomed in, the values themselves are asked for and shown over it. Wheel zooms around the pointer, drag pans.
class HeatMapPlot : public Plot {
    Q_OBJECT
public:
    static constexpr size_t mostCells = 768;  ///< on each side, of the whole matrix

    explicit HeatMapPlot(QWidget* parent = nullptr);

    /// `range` is the magnitude that has the full colour.
    void setHeatMap(const QString& title, HeatMap map, double range);
    void setBlock(const ValueBlock& block);  ///< answers blockWanted()

    [[nodiscard]] QRectF visibleCells() const { return m_visible; } ///< columns and rows of the tensor

public Q_SLOTS:
    void fit() override;

Q_SIGNALS:
    /// What is visible holds few enough values to be shown one by one.
    void blockWanted(quint64 firstRow, quint64 firstColumn, qsizetype rows, qsizetype columns);

protected:
    void paintPicture(QPainter& painter, const QRectF& area) const override;
    [[nodiscard]] QString textAt(const QPointF& point) const override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QRectF plotArea(const QRectF& area) const;
    [[nodiscard]] QPointF cellAt(const QPointF& point) const; ///< column, row
    [[nodiscard]] QRectF shown(const QRectF& cells, const QRectF& plot) const;
    [[nodiscard]] uchar shadeOf(double value) const; ///< index into colours()
    [[nodiscard]] QList<QRgb> colours() const;
    void drawMap();
    void drawBlock();
    void showCells(QRectF cells);
    void zoom(double factor, const QPointF& around);
    void askForBlock();
    void paintScale(QPainter& painter, const QRectF& plot) const;
    void paintAxes(QPainter& painter, const QRectF& plot) const;

    QString m_name;
    HeatMap m_map;
    ValueBlock m_block;
    double m_range = 1;
    QImage m_image, m_blockImage;
    QRectF m_visible;
    QTimer m_patience;
    std::optional<QPointF> m_dragFrom;
};

} // namespace weighbridge
