// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QPointF>
#include <QRectF>
#include <QString>

class QPainter;
class QWidget;

namespace weighbridge {

/// The axes of a small plot with linear scales: where values lie in pixels, and how the frame is drawn.
class PlotFrame {
public:
    struct Scale {
        double low = 0, high = 1;
    };

    /// Leaves room for labels and titles inside `whole`.
    PlotFrame(const QWidget& widget, const QRectF& whole, Scale x, Scale y, const QString& xTitle, const QString& yTitle);

    [[nodiscard]] const QRectF& plot() const { return m_plot; }
    [[nodiscard]] double xOf(double value) const { return m_plot.left() + (value - m_x.low) / (m_x.high - m_x.low) * m_plot.width(); }
    [[nodiscard]] double yOf(double value) const { return m_plot.bottom() - (value - m_y.low) / (m_y.high - m_y.low) * m_plot.height(); }
    [[nodiscard]] double xAt(double pixel) const { return m_x.low + (pixel - m_plot.left()) / m_plot.width() * (m_x.high - m_x.low); }
    /// Grid, x axis line, tick labels and titles.
    void paint(QPainter& painter) const;

private:
    const QWidget& m_widget;
    QRectF m_plot;
    Scale m_x, m_y;
    QString m_xTitle, m_yTitle;
};

/// In the middle of an empty plot area: why there is nothing.
void paintReason(QPainter& painter, const QWidget& widget, const QString& why);

} // namespace weighbridge
