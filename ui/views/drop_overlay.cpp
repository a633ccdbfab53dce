// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/drop_overlay.h"

#include "ui/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace weighbridge {

DropOverlay::DropOverlay(QWidget* parent) : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
}

void DropOverlay::offer(const Offer& first, const Offer& second)
{
    m_first = first;
    m_second = second;
    setGeometry(parentWidget()->rect());
    raise();
    show();
}

QRect DropOverlay::field() const
{
    return rect().adjusted(8, 8, -8, -8);
}

void DropOverlay::setPoint(const QPoint& point)
{
    const Target target = m_second.title.isEmpty() ? Target::Whole : point.y() < field().center().y() ? Target::Upper : Target::Lower;
    if (target != m_target) {
        m_target = target;
        update();
    }
}

void DropOverlay::paintOffer(QPainter& painter, const QRect& rect, const Offer& offer) const
{
    const QFont title = scaledFont(font(), type::emptyTitle, QFont::DemiBold);
    const int titleHeight = QFontMetrics(title).height();
    const int textHeight = fontMetrics().height();
    const QRect block(rect.left() + 16, rect.center().y() - (titleHeight + textHeight) / 2, rect.width() - 32, titleHeight);
    painter.setFont(title);
    painter.setPen(colour(Role::Text, palette()));
    painter.drawText(block, Qt::AlignCenter, QFontMetrics(title).elidedText(offer.title, Qt::ElideMiddle, block.width()));
    painter.setFont(font());
    painter.setPen(colour(Role::SecondText, palette()));
    painter.drawText(block.translated(0, titleHeight), Qt::AlignCenter, fontMetrics().elidedText(offer.text, Qt::ElideMiddle, block.width()));
}

void DropOverlay::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor veil = colour(Role::Window, palette());
    veil.setAlphaF(0.85F);
    painter.fillRect(rect(), veil);
    const QColor accent = colour(Role::Accent, palette());
    QPainterPath frame;
    frame.addRoundedRect(QRectF(field()).adjusted(1, 1, -1, -1), 6, 6);
    painter.fillPath(frame, colour(Role::Surface, palette()));
    const QRect upper(field().left(), field().top(), field().width(), field().height() / 2);
    const QRect lower(upper.left(), upper.bottom() + 1, upper.width(), field().bottom() - upper.bottom());
    painter.setClipPath(frame);
    if (m_target == Target::Whole)
        painter.fillRect(field(), colour(Role::Selection, palette()));
    else if (m_target != Target::None)
        painter.fillRect(m_target == Target::Upper ? upper : lower, colour(Role::Selection, palette()));
    painter.setClipping(false);
    painter.setPen(QPen(accent, 2));
    painter.drawPath(frame);
    if (m_second.title.isEmpty()) {
        paintOffer(painter, field(), m_first);
        return;
    }
    painter.setPen(QPen(accent, 1, Qt::DashLine));
    painter.drawLine(lower.topLeft(), lower.topRight());
    paintOffer(painter, upper, m_first);
    paintOffer(painter, lower, m_second);
}

} // namespace weighbridge
