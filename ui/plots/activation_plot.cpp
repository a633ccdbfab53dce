// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/activation_plot.h"

#include "ui/plots/axis.h"
#include "ui/plots/plot_frame.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

/// From zero, or from the least negative value, to the greatest, with some room.
PlotFrame::Scale scaleOf(const QList<double>& values)
{
    double low = 0;
    double high = 0;
    for (const double value : values)
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    const double room = std::max(1e-6, (high - low) * 0.08);
    return {low < 0 ? low - room : 0, high + room};
}

} // namespace

ActivationPlot::ActivationPlot(const QString& yTitle, QWidget* parent) : QWidget(parent), m_yTitle(yTitle)
{
    setAccessibleName(yTitle);
}

void ActivationPlot::setValues(const QList<double>& values)
{
    m_values = values;
    QStringList spoken;
    for (const double value : values)
        spoken << (std::isfinite(value) ? numberText(value) : tr("not a number"));
    setAccessibleDescription(tr("From the embeddings on: %1").arg(spoken.join(QStringLiteral(", "))));
    update();
}

void ActivationPlot::clear(const QString& why)
{
    m_values.clear();
    m_why = why;
    setAccessibleDescription(why);
    update();
}

QSize ActivationPlot::sizeHint() const
{
    const int line = fontMetrics().height();
    return {18 * line, 9 * line};
}

void ActivationPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_values.isEmpty()) {
        paintReason(painter, *this, m_why);
        return;
    }
    const PlotFrame frame(*this, rect(), {0, std::max(1.0, double(m_values.size() - 1))}, scaleOf(m_values), tr("after layer (0 = embeddings)"), m_yTitle);
    frame.paint(painter);
    const QColor accent = colour(Role::Accent, palette());
    painter.setPen(QPen(accent, 1.6));
    painter.setBrush(accent);
    for (qsizetype i = 0; i < m_values.size(); ++i) {
        if (!std::isfinite(m_values[i]))
            continue;
        const QPointF point(frame.xOf(double(i)), frame.yOf(m_values[i]));
        if (i > 0 && std::isfinite(m_values[i - 1]))
            painter.drawLine(QPointF(frame.xOf(double(i - 1)), frame.yOf(m_values[i - 1])), point);
        painter.drawEllipse(point, 2.4, 2.4);
    }
}

} // namespace weighbridge
