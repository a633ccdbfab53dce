// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/quantile_plot.h"
#include "ui/plots/axis_plot.h"

namespace weighbridge {

/// Quantiles found against those of a distribution: along the dashed line, inside the band, if the values are draws of it.
class QuantilesPlot : public AxisPlot {
    Q_OBJECT
public:
    explicit QuantilesPlot(QWidget* parent = nullptr);
    void setQuantiles(const QString& title, QuantilePlot quantiles, bool isNeverTrained);

protected:
    [[nodiscard]] PlotRange wholeRange() const override;
    [[nodiscard]] PlotRange heightRange(const QRectF& plot) const override;
    void paintData(QPainter& painter, const QRectF& plot) const override;
    [[nodiscard]] std::vector<PlotLabel> labels() const override;
    [[nodiscard]] QString textAtValue(double x, double y) const override;
    [[nodiscard]] QString xTitle() const override;
    [[nodiscard]] QString yTitle(const QRectF& plot) const override;
    [[nodiscard]] QString note() const override;

private:
    QuantilePlot m_quantiles;
    bool m_isNeverTrained = false;
};

} // namespace weighbridge
