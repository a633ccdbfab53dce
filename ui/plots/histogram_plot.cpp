// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/histogram_plot.h"

#include "core/base/text.h"
#include "ui/plots/axis.h"
#include "ui/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMenu>
#include <QMessageBox>
#include <QPainter>
#include <QPainterPath>
#include <QPdfWriter>
#include <QSvgGenerator>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr int barPixels = 3;
constexpr double deepestZoom = 1e-6; // of the whole range

QString countText(double count)
{
    return QString::fromStdString(groupDigits(uint64_t(std::llround(count))));
}

} // namespace

HistogramPlot::HistogramPlot(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Histogram"));
}

void HistogramPlot::setHistogram(const QString& title, const Histogram& histogram)
{
    m_title = title;
    m_why.clear();
    m_histogram = histogram;
    uint64_t shownCount = 0;
    for (const uint64_t count : histogram.counts)
        shownCount += count;
    setAccessibleDescription(tr("Histogram of %1 values from %2 to %3, %4 outside")
                                 .arg(countText(double(shownCount)), numberText(histogram.low), numberText(histogram.high), countText(double(histogram.below + histogram.above))));
    fit();
}

void HistogramPlot::clear(const QString& why)
{
    m_histogram.reset();
    m_why = why;
    setAccessibleDescription(why);
    update();
}

void HistogramPlot::setLogarithmic(bool on)
{
    m_logarithmic = on;
    update();
}

void HistogramPlot::setTitlesVisible(bool on)
{
    m_titlesVisible = on;
    updateGeometry();
    update();
}

QSize HistogramPlot::sizeHint() const
{
    const int line = fontMetrics().height();
    return {20 * line, (m_titlesVisible ? 14 : 7) * line};
}

QSize HistogramPlot::minimumSizeHint() const
{
    const int line = fontMetrics().height();
    return {10 * line, 5 * line};
}

void HistogramPlot::fit()
{
    if (m_histogram)
        setRange(m_histogram->low, m_histogram->high);
}

void HistogramPlot::setRange(double low, double high)
{
    if (!(high > low)) { // one value only: a bar in the middle
        const double half = std::max(std::abs(low) * 0.1, 0.5);
        low -= half;
        high += half;
    }
    m_low = low;
    m_high = high;
    update();
}

QRectF HistogramPlot::plotArea(const QRectF& area) const
{
    const QFontMetricsF metrics(scaledFont(font(), type::axis));
    const double left = metrics.horizontalAdvance(QStringLiteral("100 000")) + 8;
    const double top = m_titlesVisible ? metrics.height() + 8 : 6;
    const double bottom = metrics.height() + 7 + (m_titlesVisible ? metrics.height() + 2 : 0);
    return area.adjusted(left, top, -10, -bottom);
}

double HistogramPlot::xOf(double value, const QRectF& plot) const
{
    return plot.left() + (value - m_low) / (m_high - m_low) * plot.width();
}

double HistogramPlot::valueAt(double x, const QRectF& plot) const
{
    return m_low + (x - plot.left()) / plot.width() * (m_high - m_low);
}

double HistogramPlot::yOf(double count, const QRectF& plot, double top) const
{
    if (!m_logarithmic)
        return plot.bottom() - plot.height() * count / top;
    // Half an element is the floor, so that a bar of one element is seen.
    return plot.bottom() - plot.height() * std::log(std::max(count, 0.5) / 0.5) / std::log(top / 0.5);
}

std::vector<HistogramPlot::Bar> HistogramPlot::bars(const QRectF& plot) const
{
    std::vector<Bar> result;
    if (!m_histogram || m_histogram->counts.empty())
        return result;
    const double width = m_histogram->binWidth();
    const size_t bins = m_histogram->counts.size();
    if (width <= 0) {
        result.push_back({m_low + (m_high - m_low) * 0.48, m_low + (m_high - m_low) * 0.52, m_histogram->counts[0]});
        return result;
    }
    const double pixels = width / (m_high - m_low) * plot.width();
    const size_t together = std::max<size_t>(1, size_t(std::ceil(barPixels / std::max(pixels, 1e-9))));
    for (size_t first = 0; first < bins; first += together) {
        const size_t end = std::min(bins, first + together);
        Bar bar{m_histogram->edge(first), m_histogram->edge(end), 0};
        for (size_t i = first; i < end; ++i)
            bar.count += m_histogram->counts[i];
        if (bar.high >= m_low && bar.low <= m_high)
            result.push_back(bar);
    }
    return result;
}

void HistogramPlot::paintAxes(QPainter& painter, const QRectF& plot, double top) const
{
    const QColor ink = colour(Role::SecondText, palette());
    const QFont axisFont = scaledFont(font(), type::axis);
    const QFontMetricsF metrics(axisFont);
    painter.setFont(axisFont);
    const int rows = std::clamp(int(plot.height() / (metrics.height() * 2)), 1, 6);
    for (const double tick : m_logarithmic ? logTicks(1, top, rows) : linearTicks(0, top, rows)) {
        const double y = std::round(yOf(tick, plot, top)) + 0.5;
        painter.setPen(colour(Role::Grid, palette()));
        if (tick > 0)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(ink);
        const QString text = m_logarithmic ? logTickText(tick) : countText(tick);
        painter.drawText(QRectF(plot.left() - 110, y - metrics.height() / 2, 104, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, text);
    }
    const double base = std::round(plot.bottom()) + 0.5;
    painter.setPen(ink);
    painter.drawLine(QPointF(plot.left(), base), QPointF(plot.right(), base));
    const int columns = std::clamp(int(plot.width() / 64), 2, 6);
    const std::vector<double> ticks = linearTicks(m_low, m_high, columns);
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : m_high - m_low;
    for (const double tick : ticks) {
        const double x = xOf(tick, plot);
        painter.drawLine(QPointF(x, base), QPointF(x, base + 4));
        const QRectF box(x - 50, base + 5, 100, metrics.height());
        painter.drawText(box, Qt::AlignHCenter | Qt::AlignTop, linearTickText(tick, step));
    }
    if (!m_titlesVisible)
        return;
    painter.drawText(QRectF(plot.left(), base + 7 + metrics.height(), plot.width(), metrics.height()), Qt::AlignHCenter, tr("value"));
    const std::vector<Bar> all = bars(plot);
    if (!all.empty())
        painter.drawText(QPointF(plot.left() - metrics.horizontalAdvance(QStringLiteral("100 000")) + 2, plot.top() - 6 - metrics.descent()),
                         tr("elements per %1").arg(numberText(all[0].high - all[0].low)));
}

void HistogramPlot::paintBars(QPainter& painter, const QRectF& plot, double top) const
{
    const std::vector<Bar> all = bars(plot);
    if (all.empty())
        return;
    QPainterPath outline(QPointF(xOf(all.front().low, plot), plot.bottom()));
    for (const Bar& bar : all) {
        const double y = yOf(double(bar.count), plot, top);
        outline.lineTo(xOf(bar.low, plot), y);
        outline.lineTo(xOf(bar.high, plot), y);
    }
    outline.lineTo(xOf(all.back().high, plot), plot.bottom());
    painter.save();
    painter.setClipRect(plot.adjusted(0, -1, 0, 0));
    const QColor line = colour(Role::Trained, palette());
    QColor fill = line;
    fill.setAlphaF(0.25F);
    painter.fillPath(outline, fill);
    painter.setPen(QPen(line, 1.3));
    painter.drawPath(outline);
    painter.restore();
}

void HistogramPlot::paintCursor(QPainter& painter, const QRectF& plot) const
{
    if (!m_cursor || !m_histogram || !plot.contains(*m_cursor))
        return;
    painter.setPen(QPen(colour(Role::SecondText, palette()), 1, Qt::DotLine));
    painter.drawLine(QPointF(m_cursor->x(), plot.top()), QPointF(m_cursor->x(), plot.bottom()));
}

void HistogramPlot::paint(QPainter& painter, const QRectF& area) const
{
    const QRectF plot = plotArea(area);
    double top = 1;
    for (const Bar& bar : bars(plot))
        top = std::max(top, double(bar.count));
    top *= m_logarithmic ? 1.5 : 1.06;
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_histogram) {
        paintAxes(painter, plot, top);
        paintBars(painter, plot, top);
        return;
    }
    painter.setPen(colour(Role::SecondText, palette()));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    painter.setFont(scaledFont(font(), type::caption));
    painter.drawText(plot, Qt::AlignCenter | Qt::TextWordWrap, m_why);
}

void HistogramPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paint(painter, rect());
    paintCursor(painter, plotArea(rect()));
    if (hasFocus()) {
        painter.setPen(QPen(colour(Role::Accent, palette()), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

void HistogramPlot::showReadOut()
{
    const QRectF plot = plotArea(rect());
    if (!m_cursor || !m_histogram || !plot.contains(*m_cursor)) {
        Q_EMIT readOut({});
        return;
    }
    const double value = valueAt(m_cursor->x(), plot);
    for (const Bar& bar : bars(plot)) {
        if (value >= bar.low && value <= bar.high) {
            Q_EMIT readOut(tr("value %1   %2 elements from %3 to %4").arg(numberText(value), countText(double(bar.count)), numberText(bar.low), numberText(bar.high)));
            return;
        }
    }
    Q_EMIT readOut(tr("value %1   no elements").arg(numberText(value)));
}

void HistogramPlot::zoom(double factor, double around)
{
    if (!m_histogram)
        return;
    const double whole = std::max(m_histogram->high - m_histogram->low, m_high - m_low);
    const double span = std::clamp((m_high - m_low) * factor, whole * deepestZoom, whole);
    const double share = (around - m_low) / (m_high - m_low);
    setRange(around - span * share, around + span * (1 - share));
    showReadOut();
}

void HistogramPlot::mouseMoveEvent(QMouseEvent* event)
{
    m_cursor = event->position();
    if (m_dragFrom) {
        const QRectF plot = plotArea(rect());
        const double shift = valueAt(m_dragFrom->x(), plot) - valueAt(m_cursor->x(), plot);
        m_dragFrom = m_cursor;
        setRange(m_low + shift, m_high + shift);
    }
    showReadOut();
    update();
}

void HistogramPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        m_dragFrom = event->position();
}

void HistogramPlot::mouseReleaseEvent(QMouseEvent*)
{
    m_dragFrom.reset();
}

void HistogramPlot::mouseDoubleClickEvent(QMouseEvent*)
{
    fit();
}

void HistogramPlot::wheelEvent(QWheelEvent* event)
{
    zoom(std::pow(0.999, event->angleDelta().y()), valueAt(event->position().x(), plotArea(rect())));
    event->accept();
}

void HistogramPlot::keyPressEvent(QKeyEvent* event)
{
    const double tenth = (m_high - m_low) / 10;
    switch (event->key()) {
    case Qt::Key_Space: fit(); return;
    case Qt::Key_Left: setRange(m_low - tenth, m_high - tenth); return;
    case Qt::Key_Right: setRange(m_low + tenth, m_high + tenth); return;
    case Qt::Key_Plus: zoom(0.8, (m_low + m_high) / 2); return;
    case Qt::Key_Minus: zoom(1.25, (m_low + m_high) / 2); return;
    default: QWidget::keyPressEvent(event);
    }
}

void HistogramPlot::leaveEvent(QEvent*)
{
    m_cursor.reset();
    showReadOut();
    update();
}

void HistogramPlot::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.addAction(tr("Copy picture"), this, &HistogramPlot::copyImage);
    menu.addAction(tr("Save picture…"), this, &HistogramPlot::saveAs);
    menu.addSeparator();
    menu.addAction(tr("Fit to the values"), this, &HistogramPlot::fit);
    menu.exec(event->globalPos());
}

void HistogramPlot::copyImage()
{
    QApplication::clipboard()->setPixmap(grab());
}

void HistogramPlot::saveAs()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save picture"), QStringLiteral("histogram.svg"), tr("SVG (*.svg);;PDF (*.pdf);;PNG (*.png)"));
    if (!path.isEmpty() && !save(path))
        QMessageBox::warning(this, tr("Save picture"), tr("%1 cannot be written. Choose another folder.").arg(path));
}

bool HistogramPlot::save(const QString& path)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    QPainter painter;
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(size());
        generator.setViewBox(rect());
        generator.setTitle(m_title);
        if (!painter.begin(&generator))
            return false;
        paint(painter, rect());
        return painter.end();
    }
    if (suffix == QLatin1String("pdf")) {
        QPdfWriter writer(path);
        writer.setTitle(m_title);
        writer.setResolution(logicalDpiX());
        writer.setPageMargins({});
        writer.setPageSize(QPageSize(QSizeF(size()) / logicalDpiX(), QPageSize::Inch));
        if (!painter.begin(&writer))
            return false;
        paint(painter, rect());
        return painter.end();
    }
    QImage image(size() * 2, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(2);
    image.fill(colour(Role::Surface, palette()));
    painter.begin(&image);
    paint(painter, rect());
    painter.end();
    return image.save(path);
}

} // namespace weighbridge
