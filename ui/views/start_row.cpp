// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/start_row.h"

#include "ui/theme.h"
#include "ui/views/thumbnail_paint.h"

#include <QApplication>
#include <QPainter>

namespace weighbridge {
namespace {

constexpr int thumbnailWidth = 83;
constexpr int thumbnailHeight = 39;
constexpr double highestCell = 5.6;

} // namespace

StartRow::StartRow(const Content& content, QWidget* parent) : QAbstractButton(parent), m_content(content)
{
    setLayoutDirection(Qt::LeftToRight); // what it draws is names and numbers, which no language mirrors
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setText(content.title);
    setAccessibleName(QStringList{content.title, content.text, content.verdict}.join(QStringLiteral(", ")));
}

QSize StartRow::sizeHint() const
{
    return {400, std::max(54, 2 * fontMetrics().height() + 20)};
}

void StartRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    if (underMouse())
        painter.fillRect(rect(), colour(Role::Hover, palette()));
    if (m_content.isMissing)
        painter.setOpacity(0.55);
    const QRect thumbnail(12, (height() - thumbnailHeight) / 2, thumbnailWidth, thumbnailHeight);
    paintThumbnail(painter, thumbnail, m_content.cells, highestCell, palette());

    const QFont caption = scaledFont(font(), type::caption);
    const QFontMetrics metrics(caption);
    int right = width() - 12;
    painter.setFont(scaledFont(font(), type::axis));
    painter.setPen(colour(Role::SecondText, palette()));
    if (!m_content.key.isEmpty()) {
        painter.drawText(QRect(right - 60, 0, 60, height()), Qt::AlignRight | Qt::AlignVCenter, m_content.key);
        right -= painter.fontMetrics().horizontalAdvance(QStringLiteral("Ctrl+0")) + 24;
    }
    if (!m_content.verdict.isEmpty()) {
        const int verdictWidth = std::min(metrics.horizontalAdvance(m_content.verdict) + 2, width() / 3);
        painter.setFont(caption);
        painter.setPen(colour(Role::Text, palette()));
        painter.drawText(QRect(right - verdictWidth, 0, verdictWidth, height()), Qt::AlignRight | Qt::AlignVCenter, metrics.elidedText(m_content.verdict, Qt::ElideRight, verdictWidth));
        right -= verdictWidth + 6;
        if (m_content.glyph) {
            paintGlyph(&painter, QRectF(right - 14, (height() - 14) / 2, 14, 14), *m_content.glyph, palette());
            right -= 20;
        }
    }
    const int left = thumbnail.right() + 16;
    const QFont bold = scaledFont(font(), type::body, QFont::DemiBold);
    const int titleHeight = QFontMetrics(bold).height();
    const int top = (height() - titleHeight - metrics.height()) / 2;
    painter.setFont(bold);
    painter.setPen(colour(Role::Text, palette()));
    painter.drawText(QRect(left, top, right - left, titleHeight), Qt::AlignVCenter, QFontMetrics(bold).elidedText(m_content.title, Qt::ElideRight, right - left));
    painter.setFont(caption);
    painter.setPen(colour(Role::SecondText, palette()));
    painter.drawText(QRect(left, top + titleHeight, right - left, metrics.height()), Qt::AlignVCenter, metrics.elidedText(m_content.text, Qt::ElideMiddle, right - left));
    painter.setOpacity(1);
    painter.fillRect(0, height() - 1, width(), 1, colour(Role::Line, palette()));
    if (hasFocus()) {
        painter.setPen(QPen(colour(Role::Accent, palette()), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
}

void StartRow::enterEvent(QEnterEvent* event)
{
    QAbstractButton::enterEvent(event);
    update();
}

void StartRow::leaveEvent(QEvent* event)
{
    QAbstractButton::leaveEvent(event);
    update();
}

} // namespace weighbridge
