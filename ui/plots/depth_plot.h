// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/depth_series.h"
#include "ui/plots/plot.h"

namespace weighbridge {

/// A number over depth: small multiples, one per kind of tensor, with one y scale. A click selects the layer's tensor.
class DepthPlot : public Plot {
    Q_OBJECT
public:
    explicit DepthPlot(QWidget* parent = nullptr);

    /// `quantity` is "std" or "mean"; `reference` a dashed line with its name, such as the config's initializer_range.
    void setSeries(const QString& quantity, std::vector<DepthSeries> series, std::optional<double> reference = {}, const QString& referenceName = {});
    void setSelectedRow(int row);
    void clear(const QString& why) override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void activated(int row);

protected:
    void paintPicture(QPainter& painter, const QRectF& area) const override;
    [[nodiscard]] QString textAt(const QPointF& point) const override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Nearest {
        const DepthSeries* series = nullptr;
        const DepthSeries::Point* point = nullptr;
    };

    [[nodiscard]] size_t shownSeries(const QRectF& area) const;
    [[nodiscard]] QRectF panel(size_t index, const QRectF& area) const;
    [[nodiscard]] double leftRoom() const;
    [[nodiscard]] double xOf(int layer, const QRectF& panel) const;
    [[nodiscard]] double yOf(double value, const QRectF& panel) const;
    void paintHeights(QPainter& painter, const QRectF& area) const;
    void paintPanel(QPainter& painter, const DepthSeries& series, const QRectF& panel) const;
    [[nodiscard]] Nearest nearest(const QPointF& point) const;

    QString m_quantity;
    std::vector<DepthSeries> m_series;
    std::optional<double> m_reference;
    QString m_referenceName;
    int m_selectedRow = -1;
    double m_low = 0, m_high = 1;
    int m_firstLayer = 0, m_lastLayer = 1;
};

} // namespace weighbridge
