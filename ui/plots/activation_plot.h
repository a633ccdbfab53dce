// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/plots/axis_plot.h"

#include <QList>

namespace weighbridge {

/// One number per layer, over depth: a point each, joined; numbers that are none leave a gap.
class ActivationPlot : public AxisPlot {
    Q_OBJECT
public:
    explicit ActivationPlot(const QString& yTitle, QWidget* parent = nullptr);

    void setValues(const QList<double>& values);
    [[nodiscard]] const QList<double>& values() const { return m_values; }

    [[nodiscard]] QSize sizeHint() const override;

protected:
    [[nodiscard]] PlotRange wholeRange() const override;
    [[nodiscard]] PlotRange heightRange(const QRectF& plot) const override;
    void paintData(QPainter& painter, const QRectF& plot) const override;
    [[nodiscard]] QString textAtValue(double x, double y) const override;
    [[nodiscard]] QString xTitle() const override { return tr("after layer (0 = embeddings)"); }
    [[nodiscard]] QString yTitle(const QRectF&) const override { return m_yTitle; }

private:
    QString m_yTitle;
    QList<double> m_values;
};

} // namespace weighbridge
