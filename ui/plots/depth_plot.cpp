// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/depth_plot.h"

#include "ui/plots/axis.h"
#include "ui/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>
#include <limits>

namespace weighbridge {
namespace {

constexpr double narrowestPanel = 104;
constexpr double panelGap = 12;
constexpr double dot = 2.2;
constexpr double loudDot = 4;
constexpr size_t dotsMost = 60; ///< of a panel; with more only the line and the loud ones

} // namespace

DepthPlot::DepthPlot(QWidget* parent) : Plot(parent)
{
    setAccessibleName(tr("Over depth"));
}

QSize DepthPlot::sizeHint() const
{
    return {400, 9 * fontMetrics().height()};
}

void DepthPlot::clear(const QString& why)
{
    m_series.clear();
    Plot::clear(why);
}

void DepthPlot::setSeries(const QString& quantity, std::vector<DepthSeries> series, std::optional<double> reference, const QString& referenceName)
{
    m_quantity = quantity;
    m_series = std::move(series);
    m_reference = reference;
    m_referenceName = referenceName;
    m_low = reference.value_or(0);
    m_high = m_low;
    m_firstLayer = std::numeric_limits<int>::max();
    m_lastLayer = 0;
    int never = 0;
    for (const DepthSeries& one : m_series) {
        for (const DepthSeries::Point& point : one.points) {
            m_low = std::min(m_low, point.value);
            m_high = std::max(m_high, point.value);
            m_firstLayer = std::min(m_firstLayer, point.layer);
            m_lastLayer = std::max(m_lastLayer, point.layer);
            never += point.isNeverTrained ? 1 : 0;
        }
    }
    m_low = std::min(m_low, 0.0);
    m_high = m_high > m_low ? m_high + (m_high - m_low) * 0.08 : m_low + 1;
    if (m_low < 0)
        m_low -= (m_high - m_low) * 0.08;
    m_firstLayer = std::min(m_firstLayer, m_lastLayer);
    setTitle(tr("%1 over depth").arg(m_quantity));
    showData(tr("%1 of %2 kinds of tensor over layers %3 to %4, from %5 to %6; %7 points never trained")
                 .arg(m_quantity).arg(m_series.size()).arg(m_firstLayer).arg(m_lastLayer).arg(numberText(m_low), numberText(m_high)).arg(never));
}

void DepthPlot::setSelectedRow(int row)
{
    m_selectedRow = row;
    update();
}

double DepthPlot::leftRoom() const
{
    return QFontMetricsF(scaledFont(font(), type::axis)).horizontalAdvance(QStringLiteral("−0.0000")) + 8;
}

size_t DepthPlot::shownSeries(const QRectF& area) const
{
    return std::min(m_series.size(), size_t(std::max(1.0, (area.width() - leftRoom()) / narrowestPanel)));
}

QRectF DepthPlot::panel(size_t index, const QRectF& area) const
{
    const double line = QFontMetricsF(scaledFont(font(), type::axis)).height();
    const double width = (area.width() - leftRoom() - 10) / double(std::max<size_t>(1, shownSeries(area)));
    return {area.left() + leftRoom() + double(index) * width, area.top() + line + 4, width - panelGap, area.height() - 3 * line - 14};
}

double DepthPlot::xOf(int layer, const QRectF& panel) const
{
    const int span = std::max(1, m_lastLayer - m_firstLayer);
    return panel.left() + 6 + (panel.width() - 12) * (layer - m_firstLayer) / span;
}

double DepthPlot::yOf(double value, const QRectF& panel) const
{
    return panel.bottom() - panel.height() * (value - m_low) / (m_high - m_low);
}

void DepthPlot::paintHeights(QPainter& painter, const QRectF& area) const
{
    const QFontMetricsF metrics(painter.font());
    const QRectF first = panel(0, area);
    const QRectF last = panel(shownSeries(area) - 1, area);
    const std::vector<double> ticks = linearTicks(m_low, m_high, std::clamp(int(first.height() / (metrics.height() * 1.8)), 1, 4));
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : m_high - m_low;
    for (const double tick : ticks) {
        const double y = std::round(yOf(tick, first)) + 0.5;
        painter.setPen(colour(Role::Grid, palette()));
        painter.drawLine(QPointF(first.left(), y), QPointF(last.right(), y));
        painter.setPen(colour(Role::SecondText, palette()));
        painter.drawText(QRectF(area.left(), y - metrics.height() / 2, leftRoom() - 6, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, linearTickText(tick, step));
    }
}

void DepthPlot::paintPanel(QPainter& painter, const DepthSeries& series, const QRectF& panel) const
{
    const QFontMetricsF metrics(painter.font());
    const QColor ink = colour(Role::SecondText, palette());
    painter.setPen(colour(Role::Text, palette()));
    painter.drawText(QRectF(panel.left(), panel.top() - metrics.height() - 3, panel.width(), metrics.height()), Qt::AlignLeft, metrics.elidedText(series.label, Qt::ElideMiddle, panel.width()));
    painter.setPen(ink);
    const double base = std::round(panel.bottom()) + 0.5;
    painter.drawLine(QPointF(panel.left(), base), QPointF(panel.right(), base));
    const int steps = std::max(1, int(panel.width() / 26));
    const int step = std::max(1, (m_lastLayer - m_firstLayer + steps) / steps);
    for (int layer = m_firstLayer; layer <= m_lastLayer; layer += step)
        painter.drawText(QRectF(xOf(layer, panel) - 20, base + 4, 40, metrics.height()), Qt::AlignHCenter, QString::number(layer));
    if (m_reference) {
        painter.setPen(QPen(colour(Role::Random, palette()), 1, Qt::DashLine));
        painter.drawLine(QPointF(panel.left(), yOf(*m_reference, panel)), QPointF(panel.right(), yOf(*m_reference, panel)));
    }
    QPolygonF line;
    for (const DepthSeries::Point& point : series.points)
        line << QPointF(xOf(point.layer, panel), yOf(point.value, panel));
    painter.setPen(QPen(colour(Role::Trained, palette()), 1.4));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
    for (size_t i = 0; i < series.points.size(); ++i) {
        const DepthSeries::Point& point = series.points[i];
        const bool isSelected = point.row == m_selectedRow;
        if (!point.isNeverTrained && !isSelected && series.points.size() > dotsMost)
            continue;
        painter.setPen(isSelected ? QPen(colour(Role::Text, palette()), 1.5) : QPen(Qt::NoPen));
        painter.setBrush(colour(point.isNeverTrained ? Role::Random : Role::Trained, palette()));
        const double radius = point.isNeverTrained || isSelected ? loudDot : dot;
        painter.drawEllipse(line[qsizetype(i)], radius, radius);
    }
}

void DepthPlot::paintPicture(QPainter& painter, const QRectF& area) const
{
    painter.setFont(scaledFont(font(), type::axis));
    if (m_series.empty()) {
        paintMessage(painter, area);
        return;
    }
    paintHeights(painter, area);
    for (size_t i = 0; i < shownSeries(area); ++i)
        paintPanel(painter, m_series[i], panel(i, area));
    const QFontMetricsF metrics(painter.font());
    const QRectF foot(area.left() + leftRoom(), area.bottom() - metrics.height() - 2, area.width() - leftRoom() - 10, metrics.height());
    const QString reference = m_reference ? tr("- - %1 %2").arg(m_referenceName, numberText(*m_reference)) : QString();
    painter.setPen(colour(Role::Random, palette()));
    painter.drawText(foot, Qt::AlignRight, reference);
    const QRectF rest = foot.adjusted(0, 0, -metrics.horizontalAdvance(reference) - 12, 0);
    const QString title = shownSeries(area) < m_series.size() ? tr("layer   (%1 of %2 kinds shown: make the window wider)").arg(shownSeries(area)).arg(m_series.size()) : tr("layer");
    painter.setPen(colour(Role::SecondText, palette()));
    painter.drawText(rest, Qt::AlignHCenter, metrics.elidedText(title, Qt::ElideRight, rest.width()));
}

DepthPlot::Nearest DepthPlot::nearest(const QPointF& point) const
{
    Nearest best;
    double distance = 0;
    for (size_t i = 0; i < shownSeries(rect()) && i < m_series.size(); ++i) {
        const QRectF area = panel(i, rect());
        if (point.x() < area.left() || point.x() > area.right())
            continue;
        for (const DepthSeries::Point& candidate : m_series[i].points) {
            const double away = std::abs(xOf(candidate.layer, area) - point.x());
            if (!best.point || away < distance) {
                best = {&m_series[i], &candidate};
                distance = away;
            }
        }
    }
    return best;
}

QString DepthPlot::textAt(const QPointF& point) const
{
    const Nearest found = nearest(point);
    if (!found.point)
        return {};
    const QString text = tr("layer %1   %2   %3 %4").arg(found.point->layer).arg(found.series->label, m_quantity, numberText(found.point->value));
    return found.point->isNeverTrained ? tr("%1   never trained").arg(text) : text;
}

void DepthPlot::mousePressEvent(QMouseEvent* event)
{
    const Nearest found = nearest(event->position());
    if (event->button() == Qt::LeftButton && found.point)
        Q_EMIT activated(found.point->row);
}

/// Left and right go along the series that holds the selection.
void DepthPlot::keyPressEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Left && event->key() != Qt::Key_Right)
        return Plot::keyPressEvent(event);
    const std::ptrdiff_t step = event->key() == Qt::Key_Left ? -1 : 1;
    for (const DepthSeries& series : m_series) {
        const auto at = std::find_if(series.points.begin(), series.points.end(), [this](const DepthSeries::Point& point) { return point.row == m_selectedRow; });
        if (at == series.points.end())
            continue;
        const auto next = at - series.points.begin() + step;
        if (next >= 0 && next < std::ptrdiff_t(series.points.size()))
            Q_EMIT activated(series.points[size_t(next)].row);
        return;
    }
    if (!m_series.empty() && !m_series[0].points.empty())
        Q_EMIT activated(m_series[0].points[0].row);
}

} // namespace weighbridge
