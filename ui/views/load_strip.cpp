// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/load_strip.h"

#include "core/base/text.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/tensor_texts.h"
#include "ui/plots/cell_paint.h"
#include "ui/theme.h"
#include "ui/views/cell_table_accessible.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <utility>

namespace weighbridge {
namespace {

constexpr int margin = 16;
constexpr int groupGap = 6;
constexpr int cellHeight = 10;
constexpr double smallestCell = 4;

constexpr std::array<const char*, StripRow::kinds> rowNames{QT_TRANSLATE_NOOP("weighbridge::LoadStrip", "Expected"), QT_TRANSLATE_NOOP("weighbridge::LoadStrip", "Found"),
    QT_TRANSLATE_NOOP("weighbridge::LoadStrip", "After fix"), QT_TRANSLATE_NOOP("weighbridge::LoadStrip", "A"), QT_TRANSLATE_NOOP("weighbridge::LoadStrip", "B")};

QString summaryText(const StripRow& row)
{
    return fromCore(row.summary);
}

struct StripForm {
    Role role;
    enum Form { Filled, Outline, Dotted, Diagonal, Hatched, Cross, Plus, Shaded } form;
};

StripForm formOf(const StripCell& cell, StripRow::Kind kind)
{
    const bool isExpectedRow = kind == StripRow::Kind::Expected;
    const RowState state = cell.state;
    if (kind == StripRow::Kind::B && state == RowState::Unexpected)
        return {Role::Matched, StripForm::Plus};
    if (kind == StripRow::Kind::B && state == RowState::Present)
        return cell.shade >= 0 ? StripForm{Role::Surface, StripForm::Shaded} : StripForm{Role::SecondText, StripForm::Dotted};
    if (kind == StripRow::Kind::A && state == RowState::Present)
        return {Role::SecondText, StripForm::Outline};
    switch (state) {
    case RowState::Missing:
    case RowState::Lost: return {Role::Missing, StripForm::Outline};
    case RowState::Ignored: return {Role::Line, isExpectedRow ? StripForm::Outline : StripForm::Filled};
    default: break;
    }
    if (isExpectedRow)
        return {Role::SecondText, StripForm::Outline};
    switch (state) {
    case RowState::Tied:
        return {Role::Trained, StripForm::Outline};
    case RowState::Renamed: return {Role::Renamed, StripForm::Filled};
    case RowState::DTypeDiffers:
    case RowState::ShapeDiffers: return {Role::Mismatched, StripForm::Diagonal};
    case RowState::Undecidable: return {Role::SecondText, StripForm::Dotted};
    case RowState::Unexpected: return {Role::Unexpected, StripForm::Filled};
    case RowState::AllZero:
    case RowState::NonFinite: return {Role::Missing, StripForm::Cross};
    case RowState::NeverTrained: return {Role::Random, StripForm::Hatched};
    default: return {kind == StripRow::Kind::AfterFix ? Role::Matched : Role::Trained, StripForm::Filled};
    }
}

} // namespace

void paintStripCell(QPainter& painter, const QRectF& rect, const StripCell& cell, StripRow::Kind kind, const QPalette& palette)
{
    const StripForm form = formOf(cell, kind);
    const QColor ink = form.form == StripForm::Shaded ? shadeColour(cell.shade, palette) : colour(form.role, palette);
    const QRectF frame = rect.adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setBrush(Qt::NoBrush);
    if (form.form == StripForm::Outline || form.form == StripForm::Dotted) {
        painter.setPen(QPen(ink, 1, form.form == StripForm::Dotted ? Qt::DotLine : Qt::SolidLine));
        painter.drawRect(frame);
        return;
    }
    if (form.form == StripForm::Hatched) {
        paintHatching(painter, rect, ink);
        painter.setPen(QPen(ink, 1));
        painter.drawRect(frame);
        return;
    }
    painter.fillRect(rect, ink);
    if (form.form == StripForm::Shaded && cell.shade == 0) { // no change is nearly the window's colour
        painter.setPen(QPen(colour(Role::Line, palette), 1));
        painter.drawRect(frame);
    }
    painter.setPen(QPen(colour(Role::Surface, palette), 1.2));
    if (form.form == StripForm::Plus && rect.width() >= 5) {
        painter.drawLine(QPointF(rect.center().x(), rect.top() + 2), QPointF(rect.center().x(), rect.bottom() - 2));
        painter.drawLine(QPointF(rect.left() + 1, rect.center().y()), QPointF(rect.right() - 1, rect.center().y()));
    }
    if (form.form == StripForm::Diagonal || (form.form == StripForm::Cross && rect.width() >= 10))
        painter.drawLine(rect.bottomLeft(), rect.topRight());
    if (form.form == StripForm::Cross && rect.width() >= 10)
        painter.drawLine(rect.topLeft(), rect.bottomRight());
}

LoadStrip::LoadStrip(QWidget* parent) : QWidget(parent), m_strip(std::make_shared<const Strip>())
{
    installLoadStripAccessible();
    setLayoutDirection(Qt::LeftToRight); // what it draws is names and numbers, which no language mirrors
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Load strip: expected over found"));
}

int LoadStrip::rowPitch() const
{
    return std::max(20, QFontMetrics(scaledFont(font(), type::caption)).height() + 3);
}

int LoadStrip::topOf(int row) const
{
    const int labels = QFontMetrics(scaledFont(font(), type::axis)).height();
    return 2 + labels + row * rowPitch();
}

QSize LoadStrip::sizeHint() const
{
    const int rows = std::max<int>(1, int(m_strip->rows.size()));
    return {400, topOf(rows - 1) + cellHeight + 10};
}

int LoadStrip::labelWidth() const
{
    return std::clamp(width() * 11 / 64, 180, 230);
}

int LoadStrip::summaryWidth() const
{
    const QFontMetrics metrics(scaledFont(font(), type::caption));
    int widest = metrics.horizontalAdvance(QStringLiteral("100 unexpected"));
    for (const StripRow& row : m_strip->rows)
        widest = std::max(widest, metrics.horizontalAdvance(summaryText(row)));
    constexpr int fraction = 2; // of a pixel, which elidedText() looks at
    return std::min(widest + fraction, width() / 4);
}

QString LoadStrip::rowText(int row) const
{
    const StripRow& line = m_strip->rows[size_t(row)];
    return tr("%1, %2: %3").arg(tr(rowNames[size_t(line.kind)]), m_labels[size_t(line.kind)], summaryText(line));
}

void LoadStrip::setStrip(std::shared_ptr<const Strip> strip, const Labels& labels, const Describe& describe)
{
    if (strip->positions != m_strip->positions || strip->rows.size() != m_strip->rows.size()) {
        m_current = -1;
        m_currentRow = 0;
    }
    letGo(std::exchange(m_strip, std::move(strip)));
    m_labels = labels;
    m_describe = describe;
    QStringList sentences;
    for (int row = 0; row < int(m_strip->rows.size()); ++row)
        sentences << rowText(row);
    setAccessibleDescription(sentences.join(QStringLiteral("; ")));
    updateGeometry();
    arrange();
}

void LoadStrip::setSelectedRow(int tensorRow)
{
    m_selectedRow = tensorRow;
    update();
}

void LoadStrip::arrange()
{
    const double room = std::max(50, width() - margin - labelWidth() - summaryWidth() - 12 - margin);
    const int most = int(room / (smallestCell + 1));
    const bool isTooWide = m_strip->positions * smallestCell + double(m_strip->groups.size()) * groupGap > room && m_strip->positions > most;
    m_reduction = isTooWide ? m_strip->reduction(most) : StripReduction();
    m_shown = isTooWide ? m_strip->merged(m_reduction) : *m_strip;
    m_left.assign(size_t(m_shown.positions) + 1, 0);
    const double gaps = std::min<double>(groupGap * double(std::max<size_t>(m_shown.groups.size(), 1) - 1), room / 3);
    const double gap = m_shown.groups.size() > 1 ? gaps / double(m_shown.groups.size() - 1) : 0;
    m_cellWidth = m_shown.positions > 0 ? std::min((room - gaps) / m_shown.positions, 24.0) : 0;
    double x = margin + labelWidth();
    for (const StripGroup& group : m_shown.groups) {
        for (int position = group.begin; position < group.end && position < m_shown.positions; ++position) {
            m_left[size_t(position)] = x;
            x += m_cellWidth;
        }
        x += gap;
    }
    m_left.back() = x;
    m_cells = QPixmap();
    update();
}

QRect LoadStrip::cellRect(int row, int position) const
{
    const double left = m_left[size_t(position)];
    const int x = int(std::lround(left));
    const int drawn = std::max(1, int(std::lround(left + m_cellWidth)) - x - (m_cellWidth > 3 ? 1 : 0));
    return {x, topOf(row) + 1, drawn, cellHeight};
}

void LoadStrip::paintTexts(QPainter& painter) const
{
    const QFont bold = scaledFont(font(), type::caption, QFont::DemiBold);
    const QFont plain = scaledFont(font(), type::caption);
    const bool isComparison = !m_shown.rows.empty() && m_shown.rows.front().kind == StripRow::Kind::A;
    const int nameWidth = QFontMetrics(bold).horizontalAdvance(isComparison ? tr("A") : tr("Expected")) + 12;
    for (size_t row = 0; row < m_shown.rows.size(); ++row) {
        const int y = topOf(int(row)) + 1 + cellHeight / 2 - rowPitch() / 2;
        const size_t kind = size_t(m_shown.rows[row].kind);
        painter.setFont(bold);
        painter.setPen(colour(m_shown.rows[row].kind == StripRow::Kind::B ? Role::Accent : Role::Text, palette()));
        painter.drawText(QRect(margin, y, nameWidth, rowPitch()), Qt::AlignVCenter, tr(rowNames[kind]));
        painter.setFont(plain);
        painter.setPen(colour(Role::SecondText, palette()));
        const QRect source(margin + nameWidth, y, labelWidth() - nameWidth - 10, rowPitch());
        painter.drawText(source, Qt::AlignVCenter, QFontMetrics(plain).elidedText(m_labels[kind], Qt::ElideMiddle, source.width()));
        const QRect summary(width() - margin - summaryWidth(), y, summaryWidth(), rowPitch());
        const QString text = summaryText(m_shown.rows[row]);
        painter.drawText(summary, Qt::AlignVCenter | Qt::AlignRight, QFontMetrics(plain).elidedText(text, Qt::ElideRight, summary.width()));
    }
}

void LoadStrip::paintGroupLabels(QPainter& painter) const
{
    const QFont small = scaledFont(font(), type::axis);
    const QFontMetricsF metrics(small);
    painter.setFont(small);
    painter.setPen(colour(Role::SecondText, palette()));
    const double end = m_left.back();
    double free = 0;
    for (size_t i = 0; i < m_shown.groups.size(); ++i) {
        const StripGroup& group = m_shown.groups[i];
        const QString text = fromCore(group.label, 40);
        const double needed = metrics.horizontalAdvance(text);
        double x = m_left[size_t(group.begin)];
        const double groupEnd = i + 1 < m_shown.groups.size() ? m_left[size_t(m_shown.groups[i + 1].begin)] - groupGap : end;
        if (needed > groupEnd - x) // over few cells a label reaches to the left, if there is room
            x = groupEnd - needed;
        if (x < free)
            continue;
        painter.drawText(QPointF(x, topOf(0) - metrics.descent()), text);
        free = x + needed + 6;
    }
}

void LoadStrip::render()
{
    m_cells = QPixmap(size() * devicePixelRatioF());
    m_cells.setDevicePixelRatio(devicePixelRatioF());
    m_cells.fill(Qt::transparent);
    QPainter painter(&m_cells);
    painter.setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    paintTexts(painter);
    if (!m_shown.groups.empty())
        paintGroupLabels(painter);
    for (size_t row = 0; row < m_shown.rows.size(); ++row) {
        for (int position = 0; position < m_shown.positions; ++position) {
            const StripCell& cell = m_shown.rows[row].cells[size_t(position)];
            if (cell.tensors > 0)
                paintStripCell(painter, QRectF(cellRect(int(row), position)), cell, m_shown.rows[row].kind, palette());
        }
    }
    painter.fillRect(0, height() - 1, width(), 1, colour(Role::Line, palette()));
}

void LoadStrip::paintEvent(QPaintEvent*)
{
    if (m_cells.isNull() || m_cells.devicePixelRatio() != devicePixelRatioF())
        render();
    QPainter painter(this);
    painter.drawPixmap(0, 0, m_cells);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colour(Role::Text, palette()), 1.5));
    for (size_t row = 0; row < m_shown.rows.size(); ++row) {
        if (const int position = selectedPosition(row); position >= 0)
            painter.drawRect(QRectF(cellRect(int(row), position)).adjusted(-0.5, -0.75, 0.5, 0.75));
    }
    if (hasFocus() && m_current >= 0 && m_current < m_shown.positions) {
        painter.setPen(QPen(colour(Role::Accent, palette()), 2));
        painter.drawRect(QRectF(cellRect(m_currentRow, m_current)).adjusted(-2, -2, 2, 2));
    } else if (hasFocus()) {
        painter.setPen(QPen(colour(Role::Accent, palette()), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -2));
    }
}

void LoadStrip::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void LoadStrip::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        arrange();
}

/// Of the selected tensor in a row, as shown; -1 if it has none.
int LoadStrip::selectedPosition(size_t row) const
{
    const StripRow& line = m_strip->rows[row];
    if (line.kind == StripRow::Kind::AfterFix || m_selectedRow < 0 || size_t(m_selectedRow) >= line.positionOfRow.size())
        return -1;
    const int position = line.positionOfRow[size_t(m_selectedRow)];
    return position < 0 || m_reduction.positionOf.empty() ? position : m_reduction.positionOf[size_t(position)];
}

std::pair<int, int> LoadStrip::cellAt(const QPoint& point) const
{
    for (size_t row = 0; row < m_shown.rows.size(); ++row) {
        if (std::abs(point.y() - (topOf(int(row)) + 1 + cellHeight / 2)) > rowPitch() / 2)
            continue;
        const auto after = std::upper_bound(m_left.begin(), m_left.end() - 1, double(point.x()));
        const int position = int(after - m_left.begin()) - 1;
        if (position >= 0 && point.x() <= m_left[size_t(position)] + m_cellWidth && m_shown.rows[row].cells[size_t(position)].tensors > 0)
            return {int(row), position};
    }
    return {-1, -1};
}

QString LoadStrip::describe(int row, int position) const
{
    const StripRow& line = m_shown.rows[size_t(row)];
    const StripCell& cell = line.cells[size_t(position)];
    if (cell.tensors == 0 || !m_describe)
        return {};
    const QString text = m_describe(line.kind, cell.tensorRow);
    return cell.tensors > 1 ? tr("%1\nand %n more in this cell", nullptr, cell.tensors - 1).arg(text) : text;
}

void LoadStrip::mousePressEvent(QMouseEvent* event)
{
    const auto [row, position] = cellAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && row >= 0)
        moveTo(row, position);
}

void LoadStrip::moveTo(int row, int position)
{
    m_currentRow = row;
    m_current = position;
    update();
    const StripCell& cell = m_shown.rows[size_t(row)].cells[size_t(position)];
    if (cell.tensors > 0)
        Q_EMIT activated(m_shown.rows[size_t(row)].kind, cell.tensorRow);
    announceCell(this);
}

void LoadStrip::keyPressEvent(QKeyEvent* event)
{
    const int rows = int(m_shown.rows.size());
    if (m_shown.positions == 0 || rows == 0)
        return QWidget::keyPressEvent(event);
    const int last = m_shown.positions - 1;
    const int row = std::min(m_currentRow, rows - 1);
    switch (event->key()) {
    case Qt::Key_Left: return moveTo(row, std::max(0, m_current - 1));
    case Qt::Key_Right: return moveTo(row, std::min(last, m_current + 1));
    case Qt::Key_Home: return moveTo(row, 0);
    case Qt::Key_End: return moveTo(row, last);
    case Qt::Key_Up: return moveTo(std::max(0, row - 1), std::max(0, m_current));
    case Qt::Key_Down: return moveTo(std::min(rows - 1, row + 1), std::max(0, m_current));
    default: QWidget::keyPressEvent(event);
    }
}

bool LoadStrip::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    auto* help = static_cast<QHelpEvent*>(event);
    const auto [row, position] = cellAt(help->pos());
    if (row < 0)
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), describe(row, position).toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")), this, cellRect(row, position));
    return true;
}

} // namespace weighbridge
