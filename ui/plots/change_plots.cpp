// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/change_plots.h"

#include "ui/models/difference_model.h"
#include "ui/plots/plot_frame.h"
#include "ui/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr size_t mostLines = 4;
constexpr int numberFrom = 40; ///< pixels of a cell that has room for its number

/// "query" of "attention.self.query.weight".
QString shortKind(const QString& kind)
{
    const QStringList parts = kind.split(u'.');
    return parts.size() > 1 ? parts[parts.size() - 2] : kind;
}

bool isMatrix(const QString& kind)
{
    return kind.endsWith(QLatin1String("weight")) && !kind.contains(QLatin1String("norm"), Qt::CaseInsensitive) && !kind.contains(QLatin1String("ln_"));
}

} // namespace

DepthPlot::DepthPlot(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Change over depth"));
}

QSize DepthPlot::sizeHint() const
{
    return {20 * fontMetrics().height(), 10 * fontMetrics().height()};
}

void DepthPlot::setTable(const ChangeTable& table)
{
    m_table = table;
    m_kinds.clear();
    const auto largest = [&](size_t kind) {
        double out = 0;
        for (size_t layer = 0; layer < m_table.layers.size(); ++layer)
            out = std::max(out, m_table.at(layer, kind).change);
        return out;
    };
    for (size_t kind = 0; kind < m_table.kinds.size(); ++kind)
        if (isMatrix(m_table.kinds[kind]))
            m_kinds.push_back(kind);
    std::stable_sort(m_kinds.begin(), m_kinds.end(), [&](size_t x, size_t y) { return largest(x) > largest(y); });
    m_kinds.resize(std::min(m_kinds.size(), mostLines));
    setAccessibleDescription(m_kinds.empty() ? tr("No repeated layers") : tr("Relative change of %1 layers, at most %2").arg(m_table.layers.size()).arg(changeText(m_table.largest())));
    update();
}

void DepthPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_kinds.empty() || m_table.layers.size() < 2) {
        paintReason(painter, *this, tr("No repeated layers whose values were compared"));
        return;
    }
    const double room = QFontMetricsF(scaledFont(font(), type::axis)).horizontalAdvance(QStringLiteral("intermediate "));
    double top = 0;
    for (const size_t kind : m_kinds)
        for (size_t layer = 0; layer < m_table.layers.size(); ++layer)
            if (std::isfinite(m_table.at(layer, kind).change))
                top = std::max(top, m_table.at(layer, kind).change * 100);
    const PlotFrame frame(*this, QRectF(rect()).adjusted(0, 0, -room, 0), {double(m_table.layers.front()), double(m_table.layers.back())}, {0, std::max(top * 1.06, 1e-9)}, tr("layer"), tr("relative change, %"));
    frame.paint(painter);
    const Role roles[mostLines] = {Role::Accent, Role::Text, Role::SecondText, Role::Renamed};
    const Qt::PenStyle styles[mostLines] = {Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
    std::vector<std::pair<double, size_t>> labels; // y, line
    for (size_t line = 0; line < m_kinds.size(); ++line) {
        QPainterPath path;
        bool isBegun = false;
        double last = 0;
        for (size_t layer = 0; layer < m_table.layers.size(); ++layer) {
            const ChangeTable::Cell& cell = m_table.at(layer, m_kinds[line]);
            if (cell.pair < 0 || !std::isfinite(cell.change))
                continue;
            const QPointF point(frame.xOf(double(m_table.layers[layer])), frame.yOf(cell.change * 100));
            isBegun ? path.lineTo(point) : path.moveTo(point);
            isBegun = true;
            last = point.y();
        }
        painter.setPen(QPen(colour(roles[line], palette()), 1.5, styles[line]));
        painter.drawPath(path);
        labels.emplace_back(last, line);
    }
    std::sort(labels.begin(), labels.end());
    const QFontMetricsF metrics(scaledFont(font(), type::axis));
    painter.setFont(scaledFont(font(), type::axis));
    double y = -1e9;
    for (const auto& [at, line] : labels) {
        y = std::max(at - metrics.height() / 2, y + metrics.height());
        painter.setPen(colour(roles[line], palette()));
        painter.drawText(QRectF(frame.plot().right() + 8, y, room, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(shortKind(m_table.kinds[m_kinds[line]]), Qt::ElideRight, room - 4));
    }
}

ChangeMap::ChangeMap(QWidget* parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Change by layer and kind"));
}

QSize ChangeMap::sizeHint() const
{
    return {20 * fontMetrics().height(), 18 * fontMetrics().height()};
}

void ChangeMap::setTable(const ChangeTable& table)
{
    m_table = table;
    m_current = -1;
    update();
}

void ChangeMap::setSelectedPair(int pair)
{
    const auto found = std::find_if(m_table.cells.begin(), m_table.cells.end(), [pair](const ChangeTable::Cell& cell) { return cell.pair == pair && pair >= 0; });
    m_current = found == m_table.cells.end() ? -1 : int(found - m_table.cells.begin());
    setAccessibleDescription(describe(m_current));
    update();
}

QRect ChangeMap::grid() const
{
    const QFontMetrics metrics(scaledFont(font(), type::axis));
    return rect().adjusted(metrics.horizontalAdvance(QStringLiteral("layer 99 ")), 6 + 8 * metrics.height(), -6, -6);
}

QRect ChangeMap::cellRect(size_t layer, size_t kind) const
{
    const QRect whole = grid();
    const auto place = [](int from, int length, size_t i, size_t count) { return from + int(double(length) * double(i) / double(count)); };
    const int height = std::min(whole.height(), int(m_table.layers.size()) * 28);
    const QPoint first(place(whole.left(), whole.width(), kind, m_table.kinds.size()), place(whole.top(), height, layer, m_table.layers.size()));
    const QPoint end(place(whole.left(), whole.width(), kind + 1, m_table.kinds.size()), place(whole.top(), height, layer + 1, m_table.layers.size()));
    return QRect(first, QSize(std::max(1, end.x() - first.x() - 1), std::max(1, end.y() - first.y() - 1)));
}

void ChangeMap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_table.cells.empty()) {
        paintReason(painter, *this, tr("No repeated layers whose values were compared"));
        return;
    }
    const double largest = std::max(m_table.largest(), 1e-12);
    painter.setFont(scaledFont(font(), type::axis));
    const QFontMetrics metrics(painter.font());
    painter.setPen(colour(Role::SecondText, palette()));
    const int everyLayer = std::max(1, int(double(metrics.height()) / std::max(1, cellRect(0, 0).height())) + (cellRect(0, 0).height() < metrics.height() ? 1 : 0));
    for (size_t layer = 0; layer < m_table.layers.size(); layer += size_t(everyLayer)) {
        const QRect cell = cellRect(layer, 0);
        painter.drawText(QRect(0, cell.center().y() - metrics.height() / 2, cell.left() - 6, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, tr("layer %1").arg(m_table.layers[layer]));
    }
    for (size_t kind = 0; kind < m_table.kinds.size(); ++kind) { // upright names over the columns
        painter.save();
        const QRect cell = cellRect(0, kind);
        painter.translate(cell.center().x() + metrics.height() / 3.0, cell.top() - 4);
        painter.rotate(-90);
        painter.drawText(QPointF(0, 0), metrics.elidedText(m_table.kinds[kind], Qt::ElideMiddle, cell.top() - 8));
        painter.restore();
    }
    for (size_t i = 0; i < m_table.cells.size(); ++i) {
        const ChangeTable::Cell& cell = m_table.cells[i];
        const QRect rect = cellRect(i / m_table.kinds.size(), i % m_table.kinds.size());
        QColor shade = colour(Role::Accent, palette());
        const double share = std::isfinite(cell.change) ? cell.change / largest : 1;
        shade.setAlphaF(float(0.06 + 0.94 * share));
        if (cell.pair < 0) {
            painter.setPen(QPen(colour(Role::Line, palette()), 1, Qt::DotLine));
            painter.drawRect(rect.adjusted(0, 0, -1, -1));
            continue;
        }
        painter.fillRect(rect, shade);
        if (rect.width() >= numberFrom && rect.height() >= metrics.height()) {
            painter.setPen(colour(share > 0.55 ? Role::Surface : Role::Text, palette()));
            painter.drawText(rect, Qt::AlignCenter, QString::number(cell.change * 100, 'f', cell.change < 0.1 ? 2 : 0));
        }
        if (int(i) == m_current) {
            painter.setPen(QPen(colour(Role::Text, palette()), 1.5));
            painter.drawRect(rect.adjusted(0, 0, -1, -1));
        }
    }
    if (hasFocus()) {
        painter.setPen(QPen(colour(Role::Accent, palette()), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

int ChangeMap::cellAt(const QPoint& point) const
{
    for (size_t i = 0; i < m_table.cells.size(); ++i)
        if (cellRect(i / m_table.kinds.size(), i % m_table.kinds.size()).contains(point))
            return m_table.cells[i].pair >= 0 ? int(i) : -1;
    return -1;
}

QString ChangeMap::describe(int cell) const
{
    if (cell < 0)
        return {};
    const size_t layer = size_t(cell) / m_table.kinds.size();
    const size_t kind = size_t(cell) % m_table.kinds.size();
    return tr("%1%2, %3: changed by %4").arg(m_table.stem).arg(m_table.layers[layer]).arg(m_table.kinds[kind], changeText(m_table.cells[size_t(cell)].change));
}

void ChangeMap::mousePressEvent(QMouseEvent* event)
{
    if (const int cell = cellAt(event->pos()); cell >= 0)
        Q_EMIT activated(m_table.cells[size_t(cell)].pair);
}

void ChangeMap::mouseMoveEvent(QMouseEvent* event)
{
    Q_EMIT readOut(describe(cellAt(event->pos())));
}

void ChangeMap::leaveEvent(QEvent*)
{
    Q_EMIT readOut({});
}

void ChangeMap::keyPressEvent(QKeyEvent* event)
{
    const int columns = int(m_table.kinds.size());
    const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Up ? -columns : event->key() == Qt::Key_Down ? columns : 0;
    const int next = m_current < 0 ? 0 : m_current + step;
    if (step == 0 || next < 0 || next >= int(m_table.cells.size()))
        return QWidget::keyPressEvent(event);
    if (m_table.cells[size_t(next)].pair >= 0)
        Q_EMIT activated(m_table.cells[size_t(next)].pair);
}

} // namespace weighbridge
