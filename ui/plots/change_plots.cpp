// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/change_plots.h"

#include "core/report/shade_scale.h"
#include "ui/models/difference_model.h"
#include "ui/plots/axis.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {
namespace {

constexpr size_t mostLines = 4;
constexpr std::array<Role, mostLines> lineRoles{Role::Accent, Role::Text, Role::SecondText, Role::Renamed};
constexpr std::array<Qt::PenStyle, mostLines> lineStyles{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
constexpr int numberFrom = 32; ///< pixels of a cell that has room for its number
constexpr int widestCell = 60;
constexpr int highestCell = 28;
constexpr int namesLines = 8;  ///< room over the cells, in lines of text

QString qt(const std::string& text)
{
    return QString::fromStdString(text);
}

QString nothingRepeated()
{
    return ChangeMap::tr("No layers that repeat");
}

QString notCompared()
{
    return ChangeMap::tr("No values of the layers were compared");
}

} // namespace

ChangeOverDepth::ChangeOverDepth(QWidget* parent) : AxisPlot(parent)
{
    setAccessibleName(tr("Change over depth"));
}

void ChangeOverDepth::setTable(const ChangeTable& table)
{
    m_table = table;
    m_kinds = m_table.movedMost(mostLines);
    if (m_kinds.empty() || m_table.layers.size() < 2)
        return clear(nothingRepeated());
    if (!m_table.hasValues())
        return clear(notCompared());
    if (m_table.largest() == 0)
        return clear(tr("The layers are the same in A and B"));
    showData(tr("Relative change of %1 layers, at most %2").arg(m_table.layers.size()).arg(changeText(m_table.largest())));
    fit();
}

PlotRange ChangeOverDepth::wholeRange() const
{
    return {double(m_table.layers.front()), double(m_table.layers.back()) * 1.25 - double(m_table.layers.front()) * 0.25}; // room for the names
}

PlotRange ChangeOverDepth::heightRange(const QRectF&) const
{
    double top = 0;
    for (const size_t kind : m_kinds)
        top = std::max(top, m_table.largestOf(kind) * 100);
    return {0, std::max(top * 1.06, 1e-9)};
}

/// Of more layers than pixels the highest point in each.
QPolygonF ChangeOverDepth::line(size_t kind, const QRectF& plot) const
{
    QPolygonF out;
    for (size_t layer = 0; layer < m_table.layers.size(); ++layer) {
        const ChangeTable::Cell& cell = m_table.at(layer, kind);
        if (!cell.isKnown() || !std::isfinite(cell.change))
            continue;
        const QPointF point = pointOf(double(m_table.layers[layer]), cell.change * 100, plot);
        if (out.isEmpty() || std::floor(point.x()) != std::floor(out.last().x()))
            out << point;
        else if (point.y() < out.last().y())
            out.last() = point;
    }
    return out;
}

void ChangeOverDepth::paintData(QPainter& painter, const QRectF& plot) const
{
    for (size_t i = 0; i < m_kinds.size(); ++i)
        paintLine(painter, line(m_kinds[i], plot), lineRoles[i], 1.5, lineStyles[i]);
}

void ChangeOverDepth::paintLabels(QPainter& painter, const QRectF& plot) const
{
    std::vector<std::pair<QPointF, size_t>> ends;
    for (size_t i = 0; i < m_kinds.size(); ++i)
        if (const QPolygonF points = line(m_kinds[i], plot); !points.isEmpty())
            ends.emplace_back(points.last(), i);
    std::sort(ends.begin(), ends.end(), [](const auto& x, const auto& y) { return x.first.y() < y.first.y(); });
    // Each at its line's end, or as near as the others leave room for it above the axis.
    const double height = QFontMetricsF(painter.font()).height();
    double highest = plot.bottom() - height / 2;
    for (auto place = ends.rbegin(); place != ends.rend(); ++place, highest -= height)
        place->first.setY(std::min(place->first.y(), highest));
    double free = plot.top();
    for (const auto& [end, i] : ends) {
        free = std::max(end.y(), free);
        paintLabel(painter, QPointF(end.x() + 8, free), qt(m_table.labels[m_kinds[i]]), lineRoles[i], Qt::AlignLeft);
        free += height;
    }
}

QString ChangeOverDepth::textAtValue(double x, double) const
{
    const auto nearest = std::min_element(m_table.layers.begin(), m_table.layers.end(), [x](int64_t a, int64_t b) { return std::abs(double(a) - x) < std::abs(double(b) - x); });
    QStringList words{tr("layer %1").arg(*nearest)};
    for (const size_t kind : m_kinds)
        if (m_table.at(size_t(nearest - m_table.layers.begin()), kind).isKnown())
            words << tr("%1 %2").arg(qt(m_table.labels[kind]), changeText(m_table.at(size_t(nearest - m_table.layers.begin()), kind).change));
    return words.join(QStringLiteral("   "));
}

ChangeMap::ChangeMap(QWidget* parent) : Plot(parent)
{
    setAccessibleName(tr("Change by layer and kind"));
}

QSize ChangeMap::sizeHint() const
{
    return {20 * fontMetrics().height(), 18 * fontMetrics().height()};
}

void ChangeMap::setTable(const ChangeTable& table)
{
    const bool isSame = m_table.cells.size() == table.cells.size() && m_table.stem == table.stem; // values have come: the selection stays
    m_table = table;
    m_current = isSame ? m_current : -1;
    if (m_table.cells.empty())
        return clear(nothingRepeated());
    const QFontMetrics metrics(scaledFont(font(), type::axis));
    m_namesHeight = 0;
    m_placeOfKind.resize(m_table.kinds.size());
    for (size_t column = 0; column < m_table.columns.size(); ++column) {
        const ChangeTable::Column& kinds = m_table.columns[column];
        m_namesHeight = std::max(m_namesHeight, std::min(metrics.horizontalAdvance(qt(kinds.label)), namesLines * metrics.height()));
        m_placeOfKind[size_t(kinds.wide)] = {column, false};
        if (kinds.narrow >= 0)
            m_placeOfKind[size_t(kinds.narrow)] = {column, true};
    }
    showData(tr("%1 layers, %2 kinds of tensor, changed by at most %3").arg(m_table.layers.size()).arg(m_table.kinds.size()).arg(changeText(m_table.largest())));
}

void ChangeMap::setSelectedPair(int pair)
{
    const auto found = std::find_if(m_table.cells.begin(), m_table.cells.end(), [pair](const ChangeTable::Cell& cell) { return cell.pair == pair && pair >= 0; });
    m_current = found == m_table.cells.end() ? -1 : int(found - m_table.cells.begin());
    if (m_current >= 0)
        showData(describe(m_current));
    update();
}

namespace {

/// Where part i of `count` begins, of a length that is shared out among them.
int partBegin(int from, int length, size_t i, size_t count)
{
    return from + int(double(length) * double(i) / double(count));
}

/// The part that holds a place, which lies in the length.
size_t partAt(int from, int length, int place, size_t count)
{
    auto at = std::min(count - 1, size_t(double(place - from) / double(length) * double(count)));
    while (at + 1 < count && partBegin(from, length, at + 1, count) <= place) // rounded down when it was shared out
        ++at;
    return at;
}

} // namespace

/// All cells, without the names above and beside them.
QRect ChangeMap::cellsRect(const QRect& area) const
{
    const QFontMetrics metrics(scaledFont(font(), type::axis));
    const QRect room = area.adjusted(metrics.horizontalAdvance(QStringLiteral("layer 99 ")), 10 + m_namesHeight, -6, -6);
    return {room.left(), room.top(), std::min(room.width(), int(m_table.columns.size()) * widestCell), std::min(room.height(), int(std::min<size_t>(m_table.layers.size(), 1'000)) * highestCell)};
}

/// Of the whole column; a weight has the most of it, the bias beside it a narrow rest.
QRect ChangeMap::columnRect(size_t layer, size_t column, const QRect& cells) const
{
    const QPoint first(partBegin(cells.left(), cells.width(), column, m_table.columns.size()), partBegin(cells.top(), cells.height(), layer, m_table.layers.size()));
    const QPoint end(partBegin(cells.left(), cells.width(), column + 1, m_table.columns.size()), partBegin(cells.top(), cells.height(), layer + 1, m_table.layers.size()));
    return {first, QSize(std::max(1, end.x() - first.x() - 2), std::max(1, end.y() - first.y() - 1))};
}

QRect ChangeMap::cellRect(size_t layer, size_t kind, const QRect& cells) const
{
    const auto [column, isNarrow] = m_placeOfKind[kind];
    QRect cell = columnRect(layer, column, cells);
    const int narrow = std::max(1, std::min(7, cell.width() / 4));
    if (isNarrow)
        cell.setLeft(cell.right() - narrow + 1);
    else if (m_table.columns[column].narrow >= 0)
        cell.setRight(std::max(cell.left(), cell.right() - narrow - 1));
    return cell;
}

void ChangeMap::paintPicture(QPainter& painter, const QRectF& area) const
{
    if (!message().isEmpty())
        return paintMessage(painter, area);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setFont(scaledFont(font(), type::axis));
    const QRect cells = cellsRect(area.toRect());
    if (cells.isEmpty())
        return;
    paintNames(painter, area.toRect(), cells);
    const int lineHeight = QFontMetrics(painter.font()).height();
    for (size_t layer = 0, next = 0; layer < m_table.layers.size(); layer = next) {
        next = nextLine(layer, cells);
        for (size_t kind = 0; kind < m_table.kinds.size(); ++kind)
            paintCell(painter, cellRect(layer, kind, cells), int(movedMostOf(layer, next, kind) * m_table.kinds.size() + kind), lineHeight);
    }
}

/// The first layer that begins below this one: where there are more layers than pixels, several share a line.
size_t ChangeMap::nextLine(size_t layer, const QRect& cells) const
{
    const auto top = [&](size_t i) { return partBegin(cells.top(), cells.height(), i, m_table.layers.size()); };
    size_t next = layer + 1;
    while (next < m_table.layers.size() && top(next) == top(layer))
        ++next;
    return next;
}

/// Of the layers that share a line, the one that its cell stands for: the selected one, else the one that moved most.
size_t ChangeMap::movedMostOf(size_t first, size_t last, size_t kind) const
{
    size_t most = first;
    for (size_t layer = first; layer < last; ++layer) {
        if (m_current >= 0 && layer * m_table.kinds.size() + kind == size_t(m_current))
            return layer;
        const ChangeTable::Cell& cell = m_table.at(layer, kind);
        const ChangeTable::Cell& best = m_table.at(most, kind);
        if (cell.pair >= 0 && (best.pair < 0 || (cell.isKnown() && !(cell.change <= best.change)))) // NaN: not compared
            most = layer;
    }
    return most;
}

void ChangeMap::paintNames(QPainter& painter, const QRect& area, const QRect& cells) const
{
    const QFontMetrics metrics(painter.font());
    painter.setPen(colour(Role::SecondText, palette()));
    const double height = double(cells.height()) / double(m_table.layers.size());
    const auto every = size_t(std::max(1.0, std::ceil(metrics.height() / height)));
    for (size_t layer = 0; layer < m_table.layers.size(); layer += every) {
        const QRect cell = columnRect(layer, 0, cells);
        painter.drawText(QRect(area.left(), cell.center().y() - metrics.height() / 2, cell.left() - area.left() - 6, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, tr("layer %1").arg(m_table.layers[layer]));
    }
    const double width = double(cells.width()) / double(m_table.columns.size());
    const auto everyColumn = size_t(std::max(1.0, std::ceil(metrics.height() / width)));
    for (size_t column = 0; column < m_table.columns.size(); column += everyColumn) { // read from below
        const QRect cell = columnRect(0, column, cells);
        painter.save();
        painter.translate(cell.center().x() + metrics.height() / 3.0, cell.top() - 4);
        painter.rotate(-90);
        painter.drawText(QPointF(0, 0), metrics.elidedText(qt(m_table.columns[column].label), Qt::ElideMiddle, m_namesHeight));
        painter.restore();
    }
}

void ChangeMap::paintCell(QPainter& painter, const QRect& rect, int index, int lineHeight) const
{
    const ChangeTable::Cell& cell = m_table.cells[size_t(index)];
    if (cell.pair < 0) {
        painter.setPen(QPen(colour(Role::Line, palette()), 1, Qt::DotLine));
        painter.drawRect(rect.adjusted(0, 0, -1, -1));
        return;
    }
    if (!cell.isKnown()) {
        painter.fillRect(rect, colour(Role::Grid, palette()));
        return;
    }
    const int step = changeShade(cell.change);
    painter.fillRect(rect, shadeColour(step, palette()));
    if (rect.width() >= numberFrom && rect.height() >= lineHeight) {
        painter.setPen(shadeInk(step, palette()));
        painter.drawText(rect, Qt::AlignCenter, cell.change == 0 ? QStringLiteral("=") : numberText(cell.change * 100));
    }
    if (index == m_current) {
        painter.setPen(QPen(colour(Role::Text, palette()), 1.5));
        painter.drawRect(rect.adjusted(0, 0, -1, -1));
    }
}

int ChangeMap::cellAt(const QPoint& point) const
{
    const QRect cells = cellsRect(rect());
    if (m_table.cells.empty() || !cells.contains(point))
        return -1;
    const size_t layer = partAt(cells.top(), cells.height(), point.y(), m_table.layers.size());
    const ChangeTable::Column& column = m_table.columns[partAt(cells.left(), cells.width(), point.x(), m_table.columns.size())];
    for (const int kind : {column.wide, column.narrow})
        if (const size_t cell = layer * m_table.kinds.size() + size_t(std::max(0, kind)); kind >= 0 && cellRect(layer, size_t(kind), cells).contains(point))
            return m_table.cells[cell].pair >= 0 ? int(cell) : -1;
    return -1;
}

QString ChangeMap::describe(int cell) const
{
    if (cell < 0)
        return {};
    const size_t layer = size_t(cell) / m_table.kinds.size();
    const size_t kind = size_t(cell) % m_table.kinds.size();
    const QString place = tr("%1%2, %3").arg(qt(m_table.stem)).arg(m_table.layers[layer]).arg(qt(m_table.kinds[kind]));
    return m_table.cells[size_t(cell)].isKnown() ? tr("%1: changed by %2").arg(place, changeText(m_table.cells[size_t(cell)].change)) : tr("%1: not compared").arg(place);
}

QString ChangeMap::textAt(const QPointF& point) const
{
    return describe(cellAt(point.toPoint()));
}

void ChangeMap::mousePressEvent(QMouseEvent* event)
{
    if (const int cell = cellAt(event->pos()); cell >= 0)
        Q_EMIT activated(m_table.cells[size_t(cell)].pair);
}

void ChangeMap::keyPressEvent(QKeyEvent* event)
{
    const int columns = int(m_table.kinds.size());
    const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Up ? -columns : event->key() == Qt::Key_Down ? columns : 0;
    const int next = m_current < 0 ? 0 : m_current + step;
    if (step == 0 || next < 0 || next >= int(m_table.cells.size()))
        return Plot::keyPressEvent(event);
    if (m_table.cells[size_t(next)].pair >= 0)
        Q_EMIT activated(m_table.cells[size_t(next)].pair);
}

} // namespace weighbridge
