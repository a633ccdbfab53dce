// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/plot_frame.h"

#include "ui/plots/axis.h"
#include "ui/theme.h"

#include <QPainter>
#include <QWidget>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

PlotFrame::Scale widened(PlotFrame::Scale scale)
{
    if (scale.high > scale.low)
        return scale;
    const double half = std::max(std::abs(scale.low) * 0.1, 1e-12);
    return {scale.low - half, scale.low + half};
}

} // namespace

PlotFrame::PlotFrame(const QWidget& widget, const QRectF& whole, Scale x, Scale y, const QString& xTitle, const QString& yTitle)
    : m_widget(widget), m_x(widened(x)), m_y(widened(y)), m_xTitle(xTitle), m_yTitle(yTitle)
{
    const QFontMetricsF metrics(scaledFont(widget.font(), type::axis));
    const double line = metrics.height();
    m_plot = whole.adjusted(metrics.horizontalAdvance(QStringLiteral("100 000")) + 8, yTitle.isEmpty() ? 8 : line + 8, -12, -(line + 7 + (xTitle.isEmpty() ? 0 : line + 2)));
}

void PlotFrame::paint(QPainter& painter) const
{
    const QPalette palette = m_widget.palette();
    const QFont font = scaledFont(m_widget.font(), type::axis);
    const QFontMetricsF metrics(font);
    painter.setFont(font);
    const QColor ink = colour(Role::SecondText, palette);
    const auto rows = linearTicks(m_y.low, m_y.high, std::clamp(int(m_plot.height() / (metrics.height() * 2)), 1, 6));
    for (const double tick : rows) {
        const double y = std::round(yOf(tick)) + 0.5;
        painter.setPen(colour(Role::Grid, palette));
        painter.drawLine(QPointF(m_plot.left(), y), QPointF(m_plot.right(), y));
        painter.setPen(ink);
        painter.drawText(QRectF(m_plot.left() - 110, y - metrics.height() / 2, 104, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, linearTickText(tick, rows.size() > 1 ? rows[1] - rows[0] : 1));
    }
    const double base = std::round(m_plot.bottom()) + 0.5;
    painter.setPen(ink);
    painter.drawLine(QPointF(m_plot.left(), base), QPointF(m_plot.right(), base));
    const auto columns = linearTicks(m_x.low, m_x.high, std::clamp(int(m_plot.width() / 70), 2, 6));
    for (const double tick : columns) {
        painter.drawLine(QPointF(xOf(tick), base), QPointF(xOf(tick), base + 4));
        painter.drawText(QRectF(xOf(tick) - 50, base + 5, 100, metrics.height()), Qt::AlignHCenter | Qt::AlignTop, linearTickText(tick, columns.size() > 1 ? columns[1] - columns[0] : 1));
    }
    painter.drawText(QRectF(m_plot.left(), base + 7 + metrics.height(), m_plot.width(), metrics.height()), Qt::AlignHCenter, m_xTitle);
    painter.drawText(QPointF(m_plot.left() - metrics.horizontalAdvance(QStringLiteral("100 000")) + 2, m_plot.top() - 6 - metrics.descent()), m_yTitle);
}

void paintReason(QPainter& painter, const QWidget& widget, const QString& why)
{
    painter.setPen(colour(Role::SecondText, widget.palette()));
    painter.setFont(scaledFont(widget.font(), type::caption));
    painter.drawText(QRectF(widget.rect()).adjusted(16, 8, -16, -8), Qt::AlignCenter | Qt::TextWordWrap, why);
}

} // namespace weighbridge
