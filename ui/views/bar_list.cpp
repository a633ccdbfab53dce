// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/bar_list.h"

#include "ui/theme.h"

#include <QPainter>

namespace weighbridge {
namespace {

constexpr qsizetype mostRows = 1000;
constexpr double labelShare = 0.38;
constexpr int numberWidth = 8; ///< in line heights

} // namespace

BarList::BarList(QWidget* parent) : QWidget(parent)
{
    setLayoutDirection(Qt::LeftToRight); // what it draws is names and numbers, which no language mirrors
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void BarList::setRows(const QList<RunAnswer::Row>& rows)
{
    m_rows = rows.first(std::min(rows.size(), mostRows));
    QStringList spoken;
    for (const RunAnswer::Row& row : m_rows)
        spoken << row.heading << row.label + QLatin1Char(' ') + row.value;
    spoken.removeAll(QString());
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

int BarList::rowHeight() const
{
    return qRound(fontMetrics().height() * 1.38);
}

QSize BarList::sizeHint() const
{
    const auto headings = std::count_if(m_rows.begin(), m_rows.end(), [](const RunAnswer::Row& row) { return !row.heading.isEmpty(); });
    return {360, int(m_rows.size() + headings) * rowHeight() + 4};
}

void BarList::paintRow(QPainter& painter, const RunAnswer::Row& row, const QRect& place) const
{
    const int number = numberWidth * fontMetrics().height();
    const bool hasBar = row.share > 0;
    QRect label = place;
    if (hasBar)
        label.setWidth(int(place.width() * labelShare));
    else
        label.setRight(place.right() - (row.value.isEmpty() ? 0 : 2 * number));
    painter.setFont(font());
    painter.setPen(colour(row.isOthers ? Role::SecondText : Role::Text, palette()));
    painter.drawText(label, Qt::AlignLeft | Qt::AlignVCenter, fontMetrics().elidedText(row.label, Qt::ElideRight, label.width() - 8));
    painter.setFont(numberFont(font()));
    painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, row.value);
    if (!hasBar)
        return;
    const QRect track(label.right(), place.top() + place.height() / 4, place.width() - label.width() - number, place.height() / 2);
    painter.fillRect(track, colour(Role::Grid, palette()));
    QRect bar = track;
    bar.setWidth(std::max(1, int(track.width() * std::min(1.0, row.share))));
    const QColor ink = colour(row.isOthers ? Role::SecondText : Role::Accent, palette());
    painter.fillRect(bar, row.isOthers ? QBrush(ink, Qt::BDiagPattern) : QBrush(ink));
}

void BarList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    QRect place(0, 0, width(), rowHeight());
    for (const RunAnswer::Row& row : m_rows) {
        if (!row.heading.isEmpty()) {
            painter.setFont(scaledFont(font(), type::caption, QFont::DemiBold));
            painter.setPen(colour(Role::SecondText, palette()));
            painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, row.heading);
            place.translate(0, rowHeight());
        }
        paintRow(painter, row, place);
        place.translate(0, rowHeight());
    }
}

} // namespace weighbridge
