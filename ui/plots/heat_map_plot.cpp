// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/heat_map_plot.h"

#include "ui/plots/axis.h"
#include "ui/theme.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr double fewestCells = 8;           ///< visible at the deepest zoom
constexpr double mostValues = 512 * 512;    ///< that are shown one by one
constexpr int blockPatienceMs = 120;
constexpr double scaleWidth = 12;
constexpr int zero = 127;                   ///< shades below and above it
constexpr uchar notANumber = 255;

QRgb blended(const QColor& paper, const QColor& ink, double share)
{
    const auto mix = [share](int a, int b) { return int(std::lround(a + (b - a) * share)); };
    return qRgb(mix(paper.red(), ink.red()), mix(paper.green(), ink.green()), mix(paper.blue(), ink.blue()));
}

} // namespace

HeatMapPlot::HeatMapPlot(QWidget* parent) : Plot(parent)
{
    setAccessibleName(tr("Heat map"));
    m_patience.setSingleShot(true);
    m_patience.setInterval(blockPatienceMs);
    connect(&m_patience, &QTimer::timeout, this, &HeatMapPlot::askForBlock);
}

void HeatMapPlot::setHeatMap(const QString& title, HeatMap map, double range)
{
    m_name = title;
    m_map = std::move(map);
    m_range = range > 0 && std::isfinite(range) ? range : 1;
    m_block = {};
    m_blockImage = {};
    setTitle(title);
    drawMap();
    uint64_t notFinite = 0;
    for (const uint32_t count : m_map.notFinite)
        notFinite += count;
    showData(tr("Heat map of %1 rows by %2 columns, full colour at %3 and %4; %5 values are not finite")
                 .arg(m_map.view.rows).arg(m_map.view.columns).arg(numberText(-m_range), numberText(m_range)).arg(notFinite));
    fit();
}

void HeatMapPlot::setBlock(const ValueBlock& block)
{
    m_block = block;
    drawBlock();
    update();
}

uchar HeatMapPlot::shadeOf(double value) const
{
    if (std::isnan(value))
        return notANumber;
    return uchar(zero + std::lround(std::clamp(value / m_range, -1.0, 1.0) * zero));
}

/// From the full colour below zero over the surface to the full colour above it; last that of what is no number.
QList<QRgb> HeatMapPlot::colours() const
{
    const QColor paper = colour(Role::Surface, palette());
    QList<QRgb> table;
    for (int shade = 0; shade < notANumber; ++shade)
        table << blended(paper, colour(shade < zero ? Role::Unexpected : Role::Accent, palette()), std::abs(shade - zero) / double(zero));
    return table << colour(Role::Missing, palette()).rgb();
}

void HeatMapPlot::drawMap()
{
    m_image = QImage(int(m_map.columns), int(m_map.rows), QImage::Format_Indexed8);
    m_image.setColorTable(colours());
    for (size_t row = 0; row < m_map.rows; ++row) {
        uchar* line = m_image.scanLine(int(row));
        for (size_t column = 0; column < m_map.columns; ++column) {
            const size_t at = m_map.index(row, column);
            line[column] = m_map.notFinite[at] > 0 ? notANumber : shadeOf(double(m_map.mean[at]));
        }
    }
}

void HeatMapPlot::drawBlock()
{
    m_blockImage = QImage(int(m_block.columns), int(m_block.rows), QImage::Format_Indexed8);
    m_blockImage.setColorTable(colours());
    for (size_t row = 0; row < m_block.rows; ++row) {
        uchar* line = m_blockImage.scanLine(int(row));
        for (size_t column = 0; column < m_block.columns; ++column)
            line[column] = shadeOf(m_block.at(row, column));
    }
}

void HeatMapPlot::fit()
{
    if (message().isEmpty())
        showCells({0, 0, double(m_map.view.columns), double(m_map.view.rows)});
}

void HeatMapPlot::showCells(QRectF cells)
{
    const double columns = double(m_map.view.columns);
    const double rows = double(m_map.view.rows);
    cells.setSize({std::min(cells.width(), columns), std::min(cells.height(), rows)});
    cells.moveLeft(std::clamp(cells.left(), 0.0, columns - cells.width()));
    cells.moveTop(std::clamp(cells.top(), 0.0, rows - cells.height()));
    m_visible = cells;
    m_patience.start();
    update();
}

void HeatMapPlot::askForBlock()
{
    const QRect whole = m_visible.toAlignedRect();
    const bool isReduced = m_map.rows < m_map.view.rows || m_map.columns < m_map.view.columns;
    if (!message().isEmpty() || !isReduced || double(whole.width()) * whole.height() > mostValues)
        return;
    Q_EMIT blockWanted(quint64(whole.top()), quint64(whole.left()), whole.height(), whole.width());
}

QRectF HeatMapPlot::plotArea(const QRectF& area) const
{
    const QFontMetricsF metrics(scaledFont(font(), type::axis));
    const double side = metrics.horizontalAdvance(QStringLiteral("100 000")) + 8;
    return area.adjusted(side, metrics.height() + 8, -side - scaleWidth - 4, -2 * metrics.height() - 8);
}

QRectF HeatMapPlot::shown(const QRectF& cells, const QRectF& plot) const
{
    const double x = plot.width() / m_visible.width();
    const double y = plot.height() / m_visible.height();
    return {plot.left() + (cells.left() - m_visible.left()) * x, plot.top() + (cells.top() - m_visible.top()) * y, cells.width() * x, cells.height() * y};
}

void HeatMapPlot::paintAxes(QPainter& painter, const QRectF& plot) const
{
    const QFontMetricsF metrics(painter.font());
    painter.setPen(colour(Role::SecondText, palette()));
    for (const double tick : linearTicks(m_visible.left(), m_visible.right(), std::clamp(int(plot.width() / 64), 2, 6))) {
        const double x = plot.left() + (tick - m_visible.left()) / m_visible.width() * plot.width();
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4));
        painter.drawText(QRectF(x - 50, plot.bottom() + 5, 100, metrics.height()), Qt::AlignHCenter, linearTickText(tick, 1));
    }
    for (const double tick : linearTicks(m_visible.top(), m_visible.bottom(), std::clamp(int(plot.height() / 40), 2, 6))) {
        const double y = plot.top() + (tick - m_visible.top()) / m_visible.height() * plot.height();
        painter.drawText(QRectF(plot.left() - 110, y - metrics.height() / 2, 104, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, linearTickText(tick, 1));
    }
    painter.drawText(QRectF(plot.left(), plot.bottom() + 5 + metrics.height(), plot.width(), metrics.height()), Qt::AlignHCenter, tr("column"));
    const double left = plot.left() - metrics.horizontalAdvance(QStringLiteral("100 000"));
    const bool isMean = m_map.rows < m_map.view.rows || m_map.columns < m_map.view.columns;
    painter.drawText(QRectF(left, plot.top() - metrics.height() - 6, plot.right() - left, metrics.height()), Qt::AlignLeft, isMean ? tr("row   (a cell is the mean of its values; zoom in to see them)") : tr("row"));
}

void HeatMapPlot::paintScale(QPainter& painter, const QRectF& plot) const
{
    const QFontMetricsF metrics(painter.font());
    const QRectF bar(plot.right() + 10, plot.top(), scaleWidth, plot.height());
    const QList<QRgb> table = colours();
    for (double y = bar.top(); y < bar.bottom(); ++y)
        painter.fillRect(QRectF(bar.left(), y, bar.width(), 1), QColor::fromRgb(table[shadeOf(m_range * (1 - 2 * (y - bar.top()) / bar.height()))]));
    painter.setPen(colour(Role::SecondText, palette()));
    const auto label = [&](double y, double value) { painter.drawText(QRectF(bar.right() + 4, y, 80, metrics.height()), Qt::AlignLeft, numberText(value)); };
    label(bar.top() - metrics.height() / 3, m_range);
    label(bar.center().y() - metrics.height() / 2, 0);
    label(bar.bottom() - metrics.height() * 2 / 3, -m_range);
}

void HeatMapPlot::paintPicture(QPainter& painter, const QRectF& area) const
{
    const QRectF plot = plotArea(area);
    painter.setFont(scaledFont(font(), type::axis));
    if (!message().isEmpty() || m_visible.isEmpty()) {
        paintMessage(painter, plot);
        return;
    }
    painter.save();
    painter.setClipRect(plot);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(shown({0, 0, double(m_map.view.columns), double(m_map.view.rows)}, plot), m_image);
    if (!m_blockImage.isNull())
        painter.drawImage(shown({double(m_block.firstColumn), double(m_block.firstRow), double(m_block.columns), double(m_block.rows)}, plot), m_blockImage);
    painter.restore();
    paintAxes(painter, plot);
    paintScale(painter, plot);
}

QPointF HeatMapPlot::cellAt(const QPointF& point) const
{
    const QRectF plot = plotArea(rect());
    return {m_visible.left() + (point.x() - plot.left()) / plot.width() * m_visible.width(), m_visible.top() + (point.y() - plot.top()) / plot.height() * m_visible.height()};
}

QString HeatMapPlot::textAt(const QPointF& point) const
{
    if (!plotArea(rect()).contains(point) || m_visible.isEmpty())
        return {};
    const QPointF at = cellAt(point);
    const auto row = uint64_t(std::clamp(at.y(), 0.0, double(m_map.view.rows) - 1));
    const auto column = uint64_t(std::clamp(at.x(), 0.0, double(m_map.view.columns) - 1));
    if (row >= m_block.firstRow && row < m_block.firstRow + m_block.rows && column >= m_block.firstColumn && column < m_block.firstColumn + m_block.columns)
        return tr("row %1   column %2   value %3").arg(row).arg(column).arg(numberText(m_block.at(size_t(row - m_block.firstRow), size_t(column - m_block.firstColumn))));
    const size_t cell = m_map.index(std::min(m_map.rows - 1, size_t(row * m_map.rows / m_map.view.rows)), std::min(m_map.columns - 1, size_t(column * m_map.columns / m_map.view.columns)));
    return tr("row %1   column %2   mean %3   largest magnitude %4").arg(row).arg(column).arg(numberText(double(m_map.mean[cell])), numberText(double(m_map.maxAbs[cell])));
}

void HeatMapPlot::zoom(double factor, const QPointF& around)
{
    if (!message().isEmpty() || m_visible.isEmpty())
        return;
    const QPointF at = cellAt(around);
    const QSizeF size(std::max(m_visible.width() * factor, std::min(fewestCells, double(m_map.view.columns))), std::max(m_visible.height() * factor, std::min(fewestCells, double(m_map.view.rows))));
    const double left = at.x() - (at.x() - m_visible.left()) * size.width() / m_visible.width();
    const double top = at.y() - (at.y() - m_visible.top()) * size.height() / m_visible.height();
    showCells(QRectF(QPointF(left, top), size));
    updateReadOut();
}

void HeatMapPlot::mouseMoveEvent(QMouseEvent* event)
{
    if (m_dragFrom && !m_visible.isEmpty()) {
        showCells(m_visible.translated(cellAt(*m_dragFrom) - cellAt(event->position())));
        m_dragFrom = event->position();
    }
    Plot::mouseMoveEvent(event);
}

void HeatMapPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        m_dragFrom = event->position();
}

void HeatMapPlot::mouseReleaseEvent(QMouseEvent*)
{
    m_dragFrom.reset();
}

void HeatMapPlot::wheelEvent(QWheelEvent* event)
{
    zoom(std::pow(0.999, event->angleDelta().y()), event->position());
    event->accept();
}

void HeatMapPlot::keyPressEvent(QKeyEvent* event)
{
    const double x = m_visible.width() / 10;
    const double y = m_visible.height() / 10;
    const QPointF middle = plotArea(rect()).center();
    switch (event->key()) {
    case Qt::Key_Left: return showCells(m_visible.translated(-x, 0));
    case Qt::Key_Right: return showCells(m_visible.translated(x, 0));
    case Qt::Key_Up: return showCells(m_visible.translated(0, -y));
    case Qt::Key_Down: return showCells(m_visible.translated(0, y));
    case Qt::Key_Plus: return zoom(0.8, middle);
    case Qt::Key_Minus: return zoom(1.25, middle);
    default: Plot::keyPressEvent(event);
    }
}

void HeatMapPlot::changeEvent(QEvent* event)
{
    Plot::changeEvent(event);
    if (event->type() != QEvent::PaletteChange || m_image.isNull())
        return;
    m_image.setColorTable(colours());
    if (!m_blockImage.isNull())
        m_blockImage.setColorTable(colours());
}

} // namespace weighbridge
