// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/activation_plot.h"

#include "ui/plots/axis.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr double edge = 0.02; ///< of the range, so that the first and the last point are whole

} // namespace

ActivationPlot::ActivationPlot(const QString& yTitle, QWidget* parent) : AxisPlot(parent), m_yTitle(yTitle)
{
    setAccessibleName(yTitle);
}

void ActivationPlot::setValues(const QList<double>& values)
{
    m_values = values;
    if (values.isEmpty())
        return clear(tr("No layers"));
    QStringList spoken;
    for (const double value : values)
        spoken << (std::isfinite(value) ? numberText(value) : tr("not a number"));
    showData(tr("From the embeddings on: %1").arg(spoken.join(QStringLiteral(", "))));
    fit();
}

QSize ActivationPlot::sizeHint() const
{
    const int line = fontMetrics().height();
    return {18 * line, 9 * line};
}

PlotRange ActivationPlot::wholeRange() const
{
    const double last = std::max(1.0, double(m_values.size() - 1));
    return {-edge * last, (1 + edge) * last};
}

/// From zero, or from the least negative value, to the greatest, with some room.
PlotRange ActivationPlot::heightRange(const QRectF&) const
{
    double low = 0;
    double high = 0;
    for (const double value : m_values)
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    const double room = std::max(1e-6, (high - low) * 0.08);
    return {low < 0 ? low - room : 0, high + room};
}

void ActivationPlot::paintData(QPainter& painter, const QRectF& plot) const
{
    for (qsizetype i = 0; i < m_values.size(); ++i) {
        if (!std::isfinite(m_values[i]))
            continue;
        const QPointF point = pointOf(double(i), m_values[i], plot);
        if (i > 0 && std::isfinite(m_values[i - 1]))
            paintLine(painter, QPolygonF{pointOf(double(i - 1), m_values[i - 1], plot), point}, Role::Accent, 1.6);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour(Role::Accent, palette())); // paintLine() takes it away
        painter.drawEllipse(point, 2.4, 2.4);
    }
}

QString ActivationPlot::textAtValue(double x, double) const
{
    const auto layer = std::clamp<qsizetype>(std::llround(x), 0, m_values.size() - 1);
    return tr("layer %1   %2").arg(layer).arg(std::isfinite(m_values[layer]) ? numberText(m_values[layer]) : tr("not a number"));
}

} // namespace weighbridge
