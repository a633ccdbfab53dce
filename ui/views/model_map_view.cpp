// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/model_map_view.h"

#include "core/base/text.h"
#include "ui/glyphs.h"
#include "ui/models/tensor_texts.h"
#include "ui/plots/axis.h"
#include "ui/plots/cell_paint.h"
#include "ui/theme.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr int margin = 12;
constexpr int lowLine = 12;
constexpr int lowestWithNumbers = 24;
constexpr int highestLine = 44;
constexpr double widestPitch = 70;
constexpr double narrowestPitch = 10;
constexpr int blockGap = 10;
constexpr int labelsMeasured = 500; ///< a million layers have labels of one length
constexpr int glyphSize = 14;

QString wordOf(std::string_view text)
{
    return QLatin1String(text.data(), qsizetype(text.size()));
}

} // namespace

ModelMapView::ModelMapView(Facts facts, QWidget* parent) : QAbstractScrollArea(parent), m_facts(std::move(facts))
{
    installModelMapAccessible();
    setLayoutDirection(Qt::LeftToRight); // what it draws is names and numbers, which no language mirrors
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    setAccessibleName(tr("Map of the model: layers by kinds of tensor"));
    m_moved.setSingleShot(true);
    m_moved.setInterval(80);
    connect(&m_moved, &QTimer::timeout, this, &ModelMapView::visibleRowsChanged);
}

void ModelMapView::setMap(ModelMapPtr map)
{
    const int row = m_map ? m_map->rowAt(m_current) : -1;
    m_map = std::move(map);
    m_hoveredLine = -1;
    m_current = m_map ? m_map->placeOf(row) : MapPlace();
    arrange();
}

void ModelMapView::setMode(MapMode mode)
{
    m_mode = mode;
    refresh();
}

void ModelMapView::setScale(const ShadeScale& scale)
{
    m_scale = scale;
    refresh();
}

void ModelMapView::setSelectedRow(int row)
{
    const MapPlace place = m_map ? m_map->placeOf(row) : MapPlace();
    if (place == m_current)
        return;
    m_current = place;
    reveal(place);
    refresh();
}

bool ModelMapView::hasHead(const MapBlock& block) const
{
    return std::any_of(block.columns.begin(), block.columns.end(), [](const MapColumn& column) { return !column.label.empty(); });
}

int ModelMapView::lineHeightFor(int available) const
{
    const double em = QFontInfo(font()).pixelSize() / 13.0;
    const MapBlock* layers = m_map->layers();
    if (layers && layers->end - layers->begin > mostHighLines)
        return int(lowLine * em);
    return int(std::clamp(available / double(std::max<size_t>(1, m_map->lines.size())), lowestWithNumbers * em, highestLine * em));
}

void ModelMapView::arrange()
{
    m_tops.clear();
    m_headTops.clear();
    m_pitches.clear();
    m_contentWidth = m_contentHeight = 0;
    if (!m_map) {
        viewport()->update();
        return;
    }
    const double em = QFontInfo(font()).pixelSize() / 13.0;
    const QFontMetrics labels(scaledFont(font(), type::caption, QFont::DemiBold));
    const int head = labels.height() + 4;
    m_labelWidth = QFontMetrics(scaledFont(font(), type::axis)).horizontalAdvance(tr("never trained")) + glyphSize + 6;
    for (size_t line = 0; line < std::min<size_t>(m_map->lines.size(), labelsMeasured); ++line)
        m_labelWidth = std::max(m_labelWidth, labels.horizontalAdvance(fromCore(m_map->lines[line].label)) + glyphSize + 6);
    m_labelWidth = std::min(m_labelWidth, int(130 * em)) + margin + 8;
    int fixed = 2 * margin;
    for (const MapBlock& block : m_map->blocks)
        fixed += blockGap + (hasHead(block) ? head : 0);
    m_lineHeight = lineHeightFor(viewport()->height() - fixed);
    int top = margin - blockGap;
    for (const MapBlock& block : m_map->blocks) {
        top += blockGap;
        m_headTops.push_back(top);
        top += hasHead(block) ? head : 0;
        const double room = viewport()->width() - m_labelWidth - margin;
        m_pitches.push_back(std::clamp(room / double(std::max<size_t>(1, block.columns.size())), narrowestPitch, widestPitch * em));
        m_contentWidth = std::max(m_contentWidth, int(m_labelWidth + m_pitches.back() * double(block.columns.size())) + margin);
        for (int line = block.begin; line < block.end; ++line, top += m_lineHeight)
            m_tops.push_back(top);
    }
    m_contentHeight = top + margin;
    verticalScrollBar()->setRange(0, std::max(0, m_contentHeight - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_lineHeight);
    horizontalScrollBar()->setRange(0, std::max(0, m_contentWidth - viewport()->width()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(int(widestPitch));
    viewport()->update();
    m_moved.start();
}

QRectF ModelMapView::rectIn(const MapPlace& place, double top, double height) const
{
    const double pitch = m_pitches[size_t(m_map->lines[size_t(place.line)].block)];
    const double gap = pitch >= 24 ? 2 : 1;
    const double narrow = std::round(pitch >= 36 ? pitch / 6 : pitch / 4);
    const double left = std::round(m_labelWidth + place.column * pitch) - horizontalScrollBar()->value();
    const double wide = std::round(pitch) - narrow - 1 - 2 * gap;
    const double cellHeight = height - gap;
    return place.slot == MapSlot::Wide ? QRectF(left, top, wide, cellHeight) : QRectF(left + wide + 1, top, narrow, cellHeight);
}

QRect ModelMapView::cellRect(const MapPlace& place) const
{
    if (!m_map || !place.isValid())
        return {};
    return rectIn(place, m_tops[size_t(place.line)] - verticalScrollBar()->value(), m_lineHeight).toAlignedRect();
}

CellLook ModelMapView::look(const MapPlace& place) const
{
    return look(m_map->rowAt(place), isNeverTrained(m_map->lines[size_t(place.line)]));
}

/// What stands at its initial constant in a layer that was never trained belongs to it: biases at 0, norms at 1.
CellLook ModelMapView::look(int row, bool lineIsNeverTrained) const
{
    CellLook look = cellLook(m_mode, m_facts(row), m_scale);
    if (lineIsNeverTrained && look.form == CellForm::Constant)
        look.form = CellForm::NeverTrained;
    return look;
}

/// Some of its tensors are, and nothing of it shows training.
bool ModelMapView::isNeverTrained(const MapLine& line) const
{
    bool some = false;
    for (const MapCell& cell : line.cells) {
        for (const int row : cell.rows) {
            if (row < 0)
                continue;
            const CellForm form = cellLook(MapMode::Std, m_facts(row), m_scale).form;
            some = some || form == CellForm::NeverTrained;
            if (form != CellForm::NeverTrained && form != CellForm::Constant)
                return false;
        }
    }
    return some;
}

void ModelMapView::paintHead(QPainter& painter, const MapBlock& block, int top) const
{
    const QFont captions = scaledFont(font(), type::axis);
    const QFontMetrics metrics(captions);
    const double pitch = m_pitches[size_t(m_map->lines[size_t(block.begin)].block)];
    if (pitch < 30)
        return;
    painter.setFont(captions);
    painter.setPen(colour(Role::SecondText, palette()));
    const int left = horizontalScrollBar()->value() - m_labelWidth;
    const int first = std::max(0, int(left / pitch));
    const int last = std::min(int(block.columns.size()) - 1, int((left + viewport()->width()) / pitch));
    for (int column = first; column <= last; ++column) {
        const QRectF cell = rectIn({block.begin, column, MapSlot::Wide}, top, m_lineHeight);
        const QRectF room(cell.left() - 6, top, pitch, metrics.height());
        painter.drawText(room, Qt::AlignHCenter | Qt::AlignTop,
                         metrics.elidedText(fromFile(block.columns[size_t(column)].label), Qt::ElideMiddle, int(pitch)));
    }
}

void ModelMapView::paintLabel(QPainter& painter, const MapLine& line, bool never, double top, double height) const
{
    const QFont font = scaledFont(this->font(), height < lowestWithNumbers - 2 ? type::axis * 0.9 : type::caption, never ? QFont::DemiBold : QFont::Normal);
    const QFontMetricsF metrics(font);
    const QRectF room(margin, top, m_labelWidth - margin - 8, height);
    painter.setFont(font);
    painter.setPen(colour(never ? Role::Random : Role::Text, palette()));
    if (!never || height < lowestWithNumbers - 2) {
        painter.drawText(room, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(fromCore(line.label), Qt::ElideMiddle, room.width()));
        return;
    }
    const bool twoLines = height >= 2 * metrics.height();
    const double first = twoLines ? room.center().y() - metrics.height() : room.center().y() - metrics.height() / 2;
    paintGlyph(&painter, QRectF(room.left(), first + (metrics.height() - glyphSize) / 2, glyphSize, glyphSize), Glyph::Random, palette());
    const QRectF words(room.left() + glyphSize + 5, first, room.width() - glyphSize - 5, metrics.height());
    painter.setFont(font);
    painter.setPen(colour(Role::Random, palette()));
    painter.drawText(words, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(fromCore(line.label), Qt::ElideMiddle, words.width()));
    if (!twoLines)
        return;
    painter.setFont(scaledFont(this->font(), type::axis));
    painter.drawText(words.translated(0, metrics.height()), Qt::AlignVCenter | Qt::AlignLeft, tr("never trained"));
}

std::pair<size_t, size_t> ModelMapView::visibleCells(const MapLine& line) const
{
    const double pitch = m_pitches[size_t(line.block)];
    const int left = horizontalScrollBar()->value() - m_labelWidth;
    const auto before = [](const MapCell& cell, double column) { return cell.column < column; };
    const auto first = std::lower_bound(line.cells.begin(), line.cells.end(), std::floor(left / pitch), before);
    const auto end = std::lower_bound(first, line.cells.end(), (left + viewport()->width()) / pitch, before);
    return {size_t(first - line.cells.begin()), size_t(end - line.cells.begin())};
}

void ModelMapView::paintLine(QPainter& painter, int line, double top, double height) const
{
    const MapLine& content = m_map->lines[size_t(line)];
    const bool never = isNeverTrained(content);
    paintLabel(painter, content, never, top, height);
    painter.setFont(numberFont(scaledFont(font(), type::axis)));
    const auto [first, end] = visibleCells(content);
    for (size_t i = first; i < end; ++i) {
        for (const MapSlot slot : {MapSlot::Wide, MapSlot::Narrow}) {
            const int row = content.cells[i].row(slot);
            if (row >= 0)
                paintMapCell(painter, rectIn({line, content.cells[i].column, slot}, top, height), look(row, never), palette());
        }
    }
}

/// The line under the pointer, over its neighbours: nothing moves.
void ModelMapView::paintEnlarged(QPainter& painter) const
{
    if (m_hoveredLine < 0 || m_lineHeight >= lowestWithNumbers)
        return;
    const double height = lowestWithNumbers + 2;
    const double top = m_tops[size_t(m_hoveredLine)] - verticalScrollBar()->value() + m_lineHeight / 2.0 - height / 2;
    painter.fillRect(QRectF(0, top - 2, viewport()->width(), height + 2), colour(Role::Hover, palette()));
    paintLine(painter, m_hoveredLine, top, height);
}

void ModelMapView::paintMark(QPainter& painter, const MapPlace& place, const QPen& pen) const
{
    const double half = pen.widthF() / 2;
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(cellRect(place)).adjusted(-half, -half, half, half));
}

void ModelMapView::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    painter.fillRect(viewport()->rect(), colour(Role::Surface, palette()));
    if (!m_map || m_tops.empty())
        return;
    const int offset = verticalScrollBar()->value();
    const auto first = std::upper_bound(m_tops.begin(), m_tops.end(), offset - m_lineHeight) - m_tops.begin();
    for (size_t line = size_t(first); line < m_tops.size() && m_tops[line] - offset < viewport()->height(); ++line) {
        const int block = m_map->lines[line].block;
        if (int(line) == m_map->blocks[size_t(block)].begin)
            paintHead(painter, m_map->blocks[size_t(block)], m_headTops[size_t(block)] - offset);
        paintLine(painter, int(line), m_tops[line] - offset, m_lineHeight);
    }
    if (m_current.isValid())
        paintMark(painter, m_current, hasFocus() ? QPen(colour(Role::Accent, palette()), 2) : QPen(colour(Role::Text, palette()), 1.5));
    paintEnlarged(painter);
    if (hasFocus() && !m_current.isValid()) {
        painter.setPen(QPen(colour(Role::Accent, palette()), 2));
        painter.drawRect(viewport()->rect().adjusted(1, 1, -1, -1));
    }
}

int ModelMapView::lineAt(int y) const
{
    const int at = y + verticalScrollBar()->value();
    const auto after = std::upper_bound(m_tops.begin(), m_tops.end(), at);
    if (after == m_tops.begin() || at >= *(after - 1) + m_lineHeight)
        return -1;
    return int(after - m_tops.begin()) - 1;
}

MapPlace ModelMapView::placeAt(const QPoint& point) const
{
    const int line = m_map ? lineAt(point.y()) : -1;
    const int x = point.x() + horizontalScrollBar()->value() - m_labelWidth;
    if (line < 0 || x < 0)
        return {};
    const int column = int(x / m_pitches[size_t(m_map->lines[size_t(line)].block)]);
    for (const MapSlot slot : {MapSlot::Wide, MapSlot::Narrow}) {
        const MapPlace place{line, column, slot};
        if (m_map->rowAt(place) >= 0 && cellRect(place).contains(point))
            return place;
    }
    return {};
}

QString ModelMapView::describe(const MapPlace& place) const
{
    const int row = m_map ? m_map->rowAt(place) : -1;
    if (row < 0)
        return {};
    const CellFacts facts = m_facts(row);
    const std::string_view name = m_map->rows->rows()[size_t(row)].name;
    const MapLine& line = m_map->lines[size_t(place.line)];
    QStringList parts{fromCore(line.label), fromFile(name.substr(std::min(name.size(), line.module.size() + 1)))};
    if (facts.state > RowState::Matched || facts.origin.empty())
        parts << wordOf(word(facts.state));
    else
        parts << wordOf(facts.origin);
    if (facts.isUnreadable)
        parts << tr("its values cannot be read");
    else if (!facts.statistics)
        parts << tr("not read yet");
    else
        parts << tr("std %1").arg(numberText(facts.statistics->std)) << tr("mean %1").arg(numberText(facts.statistics->mean)) << tr("kurtosis %1").arg(numberText(facts.statistics->kurtosis));
    if (facts.statistics && facts.statistics->nan + facts.statistics->inf > 0)
        parts << tr("%1 NaN, %2 Inf").arg(QString::fromStdString(groupDigits(facts.statistics->nan)), QString::fromStdString(groupDigits(facts.statistics->inf)));
    return parts.join(QStringLiteral(", "));
}

std::vector<int> ModelMapView::visibleRows() const
{
    std::vector<int> out;
    const int offset = verticalScrollBar()->value();
    const auto first = std::upper_bound(m_tops.begin(), m_tops.end(), offset - m_lineHeight) - m_tops.begin();
    for (size_t line = size_t(first); line < m_tops.size() && m_tops[line] - offset < viewport()->height(); ++line) {
        const auto [begin, end] = visibleCells(m_map->lines[line]);
        for (size_t cell = begin; cell < end; ++cell)
            for (const int row : m_map->lines[line].cells[cell].rows)
                if (row >= 0)
                    out.push_back(row);
    }
    return out;
}

void ModelMapView::reveal(const MapPlace& place)
{
    if (!place.isValid())
        return;
    const QRect cell = cellRect(place);
    QScrollBar* vertical = verticalScrollBar();
    QScrollBar* horizontal = horizontalScrollBar();
    if (cell.top() < 0)
        vertical->setValue(vertical->value() + cell.top() - margin);
    else if (cell.bottom() > viewport()->height())
        vertical->setValue(vertical->value() + cell.bottom() - viewport()->height() + margin);
    if (cell.left() < m_labelWidth)
        horizontal->setValue(horizontal->value() + cell.left() - m_labelWidth);
    else if (cell.right() > viewport()->width())
        horizontal->setValue(horizontal->value() + cell.right() - viewport()->width() + margin);
}

void ModelMapView::activate(const MapPlace& place)
{
    const int row = m_map ? m_map->rowAt(place) : -1;
    if (row < 0)
        return;
    m_current = place;
    reveal(place);
    refresh();
    Q_EMIT activated(row);
    Q_EMIT readOut(describe(place));
}

/// The next tensor to the left or right, the narrow cells included; the place itself at the end.
MapPlace ModelMapView::nextInLine(const MapPlace& place, int step) const
{
    const std::vector<MapCell>& cells = m_map->lines[size_t(place.line)].cells;
    const auto cell = std::lower_bound(cells.begin(), cells.end(), place.column, [](const MapCell& a, int column) { return a.column < column; });
    const auto last = std::ptrdiff_t(cells.size()) * 2 - 1;
    for (auto at = (cell - cells.begin()) * 2 + int(place.slot) + step; at >= 0 && at <= last; at += step) {
        const MapPlace next{place.line, cells[size_t(at / 2)].column, MapSlot(at % 2)};
        if (m_map->rowAt(next) >= 0)
            return next;
    }
    return place;
}

/// The tensor of `line` that stands nearest below or above `place`.
MapPlace ModelMapView::nearestIn(int line, const MapPlace& place) const
{
    const double centre = QRectF(cellRect(place)).center().x();
    MapPlace nearest;
    double distance = 0;
    for (const MapCell& cell : m_map->lines[size_t(line)].cells) {
        for (const MapSlot slot : {MapSlot::Wide, MapSlot::Narrow}) {
            const MapPlace candidate{line, cell.column, slot};
            const double away = std::abs(QRectF(cellRect(candidate)).center().x() - centre);
            if (cell.row(slot) >= 0 && (!nearest.isValid() || away < distance)) {
                nearest = candidate;
                distance = away;
            }
        }
    }
    return nearest;
}

MapPlace ModelMapView::placeInOtherLine(const MapPlace& place, int step) const
{
    const int line = std::clamp(place.line + step, 0, int(m_map->lines.size()) - 1);
    return line == place.line ? place : nearestIn(line, place);
}

void ModelMapView::keyPressEvent(QKeyEvent* event)
{
    if (!m_map || m_map->lines.empty())
        return QAbstractScrollArea::keyPressEvent(event);
    if (!m_current.isValid()) {
        if (event->key() >= Qt::Key_Home && event->key() <= Qt::Key_PageDown)
            return activate(nearestIn(0, {0, m_map->lines[0].cells[0].column, MapSlot::Wide}));
        return QAbstractScrollArea::keyPressEvent(event);
    }
    const int page = std::max(1, viewport()->height() / m_lineHeight - 1);
    const MapLine& line = m_map->lines[size_t(m_current.line)];
    const auto firstOf = [this](const MapCell& cell, MapSlot preferred) {
        const MapSlot other = preferred == MapSlot::Wide ? MapSlot::Narrow : MapSlot::Wide;
        return MapPlace{m_current.line, cell.column, cell.row(preferred) >= 0 ? preferred : other};
    };
    switch (event->key()) {
    case Qt::Key_Left: return activate(nextInLine(m_current, -1));
    case Qt::Key_Right: return activate(nextInLine(m_current, 1));
    case Qt::Key_Up: return activate(placeInOtherLine(m_current, -1));
    case Qt::Key_Down: return activate(placeInOtherLine(m_current, 1));
    case Qt::Key_PageUp: return activate(placeInOtherLine(m_current, -page));
    case Qt::Key_PageDown: return activate(placeInOtherLine(m_current, page));
    case Qt::Key_Home: return activate(firstOf(line.cells.front(), MapSlot::Wide));
    case Qt::Key_End: return activate(firstOf(line.cells.back(), MapSlot::Narrow));
    default: QAbstractScrollArea::keyPressEvent(event);
    }
}

void ModelMapView::hover(const QPoint& point)
{
    const int line = m_map ? lineAt(point.y()) : -1;
    Q_EMIT readOut(describe(placeAt(point)));
    if (line == m_hoveredLine)
        return;
    m_hoveredLine = line;
    if (m_lineHeight < lowestWithNumbers)
        refresh();
}

void ModelMapView::mouseMoveEvent(QMouseEvent* event)
{
    hover(event->position().toPoint());
}

void ModelMapView::mousePressEvent(QMouseEvent* event)
{
    const QPoint point = event->position().toPoint();
    const int line = m_map ? lineAt(point.y()) : -1;
    if (event->button() != Qt::LeftButton || line < 0)
        return;
    if (const MapPlace place = placeAt(point); place.isValid())
        activate(place);
    else if (point.x() < m_labelWidth - horizontalScrollBar()->value())
        Q_EMIT moduleActivated(QString::fromStdString(m_map->lines[size_t(line)].module));
}

bool ModelMapView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::Leave) {
        m_hoveredLine = -1;
        Q_EMIT readOut({});
        refresh();
    }
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    auto* help = static_cast<QHelpEvent*>(event);
    const MapPlace place = placeAt(help->pos());
    if (place.isValid())
        QToolTip::showText(help->globalPos(), fromFile(m_map->rows->rows()[size_t(m_map->rowAt(place))].name).toHtmlEscaped(), viewport(),
                           cellRect(place));
    else
        QToolTip::hideText();
    return true;
}

void ModelMapView::scrollContentsBy(int, int)
{
    viewport()->update();
    m_moved.start();
}

void ModelMapView::resizeEvent(QResizeEvent*)
{
    arrange();
}

void ModelMapView::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        arrange();
}

QSize ModelMapView::sizeHint() const
{
    return {600, 420};
}

QSize ModelMapView::minimumSizeHint() const
{
    return {200, 120};
}

} // namespace weighbridge
