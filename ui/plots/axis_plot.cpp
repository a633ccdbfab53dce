// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/axis_plot.h"

#include "ui/plots/axis.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr double deepestZoom = 1e-6; // of the whole range
constexpr int tickLength = 4;
constexpr double labelGap = 14; ///< between two labels of a line
constexpr double rightMargin = 10;

double labelRoom(const QFontMetricsF& metrics)
{
    return metrics.horizontalAdvance(QStringLiteral("100 000"));
}

} // namespace

void AxisPlot::setLogarithmic(bool on)
{
    m_logarithmic = on;
    update();
}

void AxisPlot::setTitlesVisible(bool on)
{
    m_titlesVisible = on;
    updateGeometry();
    update();
}

void AxisPlot::fit()
{
    if (message().isEmpty())
        setRange(wholeRange());
}

void AxisPlot::setRange(PlotRange range)
{
    if (!(range.high > range.low)) { // one value only: in the middle
        const double half = std::max(std::abs(range.low) * 0.1, 0.5);
        range = {range.low - half, range.low + half};
    }
    m_x = range;
    update();
}

QRectF AxisPlot::plotArea(const QRectF& area) const
{
    const QFontMetricsF metrics(scaledFont(font(), type::axis));
    double top = m_titlesVisible ? metrics.height() + 8 : 6;
    if (const std::vector<QRectF> boxes = labelBoxes(area); !boxes.empty())
        top = boxes.back().bottom() - area.top() + 4;
    const double bottom = metrics.height() + 7 + (m_titlesVisible ? metrics.height() + 2 : 0);
    return area.adjusted(labelRoom(metrics) + 8, top, -rightMargin, -bottom);
}

std::vector<QRectF> AxisPlot::labelBoxes(const QRectF& area) const
{
    std::vector<QRectF> out;
    if (!message().isEmpty())
        return out;
    const QFontMetricsF metrics(scaledFont(font(), type::axis));
    const double left = area.left() + labelRoom(metrics) + 8;
    const double right = area.right() - rightMargin;
    QPointF next(left, area.top() + (m_titlesVisible ? metrics.height() + 2 : 2));
    for (const PlotLabel& label : labels()) {
        const double width = QFontMetricsF(scaledFont(font(), type::axis, label.weight)).horizontalAdvance(label.text) + 1;
        if (next.x() > left && next.x() + width > right)
            next = QPointF(left, next.y() + metrics.height());
        out.emplace_back(next, QSizeF(std::min(width, right - left), metrics.height()));
        next.rx() += width + labelGap;
    }
    return out;
}

void AxisPlot::paintLabelLines(QPainter& painter, const QRectF& area) const
{
    const std::vector<PlotLabel> all = labels();
    const std::vector<QRectF> boxes = labelBoxes(area);
    for (size_t i = 0; i < boxes.size(); ++i) {
        painter.setFont(scaledFont(font(), type::axis, all[i].weight));
        painter.setPen(colour(all[i].role, palette()));
        painter.drawText(boxes[i], Qt::AlignLeft | Qt::TextDontClip,
                         QFontMetricsF(painter.font()).elidedText(all[i].text, Qt::ElideRight, boxes[i].width()));
    }
}

double AxisPlot::yOf(double value, const QRectF& plot) const
{
    const double share = m_logarithmic ? std::log(std::max(value, m_y.low) / m_y.low) / std::log(m_y.high / m_y.low) : (value - m_y.low) / m_y.span();
    return plot.bottom() - plot.height() * share;
}

void AxisPlot::paintAxes(QPainter& painter, const QRectF& plot) const
{
    const QColor ink = colour(Role::SecondText, palette());
    const QFontMetricsF metrics(painter.font());
    const int rows = std::clamp(int(plot.height() / (metrics.height() * 2)), 2, 6); // of one tick alone no height can be read
    std::vector<double> heights = m_logarithmic ? logTicks(m_y.low, m_y.high, rows) : std::vector<double>();
    const bool inDecades = heights.size() > 1; // else one decade or less: steps of one size
    if (!inDecades)
        heights = linearTicks(m_y.low, m_y.high, rows);
    const double heightStep = heights.size() > 1 ? heights[1] - heights[0] : m_y.span();
    for (const double tick : heights) {
        const double y = std::round(yOf(tick, plot)) + 0.5;
        painter.setPen(colour(Role::Grid, palette()));
        if (y < plot.bottom() - 1)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(ink);
        const QString text = inDecades ? logTickText(tick) : linearTickText(tick, heightStep);
        painter.drawText(QRectF(plot.left() - 110, y - metrics.height() / 2, 104, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, text);
    }
    const double base = std::round(plot.bottom()) + 0.5;
    painter.drawLine(QPointF(plot.left(), base), QPointF(plot.right(), base));
    const std::vector<double> ticks = linearTicks(m_x.low, m_x.high, std::clamp(int(plot.width() / 64), 2, 6));
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : m_x.span();
    for (const double tick : ticks) {
        const double x = xOf(tick, plot);
        painter.drawLine(QPointF(x, base), QPointF(x, base + tickLength));
        painter.drawText(QRectF(x - 50, base + tickLength + 1, 100, metrics.height()), Qt::AlignHCenter | Qt::AlignTop, linearTickText(tick, step));
    }
}

void AxisPlot::paintTitles(QPainter& painter, const QRectF& area, const QRectF& plot) const
{
    const QFontMetricsF metrics(painter.font());
    painter.setPen(colour(Role::SecondText, palette()));
    const QRectF top(plot.left() - labelRoom(metrics) + 2, area.top(), plot.width() + labelRoom(metrics) - 2, metrics.height());
    painter.drawText(top, Qt::AlignLeft, yTitle(plot));
    painter.drawText(top, Qt::AlignRight, note());
    painter.drawText(QRectF(plot.left(), plot.bottom() + 7 + metrics.height(), plot.width(), metrics.height()), Qt::AlignHCenter, xTitle());
}

void AxisPlot::paintPicture(QPainter& painter, const QRectF& area) const
{
    const QRectF plot = plotArea(area);
    painter.setFont(scaledFont(font(), type::axis));
    if (!message().isEmpty()) {
        painter.setPen(colour(Role::SecondText, palette()));
        painter.drawLine(plot.bottomLeft(), plot.bottomRight());
        paintMessage(painter, plot);
        return;
    }
    m_y = heightRange(plot);
    paintAxes(painter, plot);
    if (m_titlesVisible)
        paintTitles(painter, area, plot);
    painter.save();
    painter.setClipRect(plot.adjusted(0, -1, 0, 1));
    paintData(painter, plot);
    painter.restore();
    painter.setFont(scaledFont(font(), type::axis));
    paintLabels(painter, plot);
    paintLabelLines(painter, area);
}

void AxisPlot::paintLine(QPainter& painter, const QPolygonF& line, Role role, double width, Qt::PenStyle style) const
{
    painter.setPen(QPen(colour(role, palette()), width, style));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
}

void AxisPlot::paintLabel(QPainter& painter, const QPointF& point, const QString& text, Role role, Qt::Alignment alignment, QFont::Weight weight) const
{
    painter.setFont(scaledFont(font(), type::axis, weight));
    const QFontMetricsF metrics(painter.font());
    const double width = metrics.horizontalAdvance(text);
    const QRectF box(alignment & Qt::AlignRight ? point.x() - width : point.x(), point.y() - metrics.height() / 2, width, metrics.height());
    QColor paper = colour(Role::Surface, palette());
    paper.setAlphaF(0.8F);
    painter.fillRect(box.adjusted(-2, 0, 2, 0), paper);
    painter.setPen(colour(role, palette()));
    painter.drawText(box, Qt::AlignCenter | Qt::TextDontClip, text);
}

void AxisPlot::paintPointer(QPainter& painter) const
{
    const QRectF plot = plotArea();
    if (!plot.contains(*pointer()))
        return;
    painter.setPen(QPen(colour(Role::SecondText, palette()), 1, Qt::DotLine));
    painter.drawLine(QPointF(pointer()->x(), plot.top()), QPointF(pointer()->x(), plot.bottom()));
    painter.drawLine(QPointF(plot.left(), pointer()->y()), QPointF(plot.right(), pointer()->y()));
}

QString AxisPlot::textAt(const QPointF& point) const
{
    const QRectF plot = plotArea();
    if (!plot.contains(point))
        return {};
    const double share = (plot.bottom() - point.y()) / plot.height();
    const double y = m_logarithmic ? m_y.low * std::pow(m_y.high / m_y.low, share) : m_y.low + share * m_y.span();
    return textAtValue(valueAt(point.x(), plot), y);
}

void AxisPlot::zoom(double factor, double around)
{
    if (!message().isEmpty())
        return;
    const double whole = std::max(wholeRange().span(), m_x.span());
    const double span = std::clamp(m_x.span() * factor, whole * deepestZoom, whole);
    const double share = (around - m_x.low) / m_x.span();
    setRange({around - span * share, around + span * (1 - share)});
    updateReadOut();
}

void AxisPlot::mouseMoveEvent(QMouseEvent* event)
{
    if (m_dragFrom) {
        const QRectF plot = plotArea();
        const double shift = valueAt(m_dragFrom->x(), plot) - valueAt(event->position().x(), plot);
        m_dragFrom = event->position();
        setRange({m_x.low + shift, m_x.high + shift});
    }
    Plot::mouseMoveEvent(event);
    update();
}

void AxisPlot::leaveEvent(QEvent* event)
{
    Plot::leaveEvent(event);
    update();
}

void AxisPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        m_dragFrom = event->position();
}

void AxisPlot::mouseReleaseEvent(QMouseEvent*)
{
    m_dragFrom.reset();
}

void AxisPlot::wheelEvent(QWheelEvent* event)
{
    zoom(std::pow(0.999, event->angleDelta().y()), valueAt(event->position().x(), plotArea()));
    event->accept();
}

void AxisPlot::keyPressEvent(QKeyEvent* event)
{
    const double tenth = m_x.span() / 10;
    switch (event->key()) {
    case Qt::Key_Left: return setRange({m_x.low - tenth, m_x.high - tenth});
    case Qt::Key_Right: return setRange({m_x.low + tenth, m_x.high + tenth});
    case Qt::Key_Plus: return zoom(0.8, (m_x.low + m_x.high) / 2);
    case Qt::Key_Minus: return zoom(1.25, (m_x.low + m_x.high) / 2);
    default: Plot::keyPressEvent(event);
    }
}

} // namespace weighbridge
