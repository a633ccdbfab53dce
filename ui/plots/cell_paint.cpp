// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/cell_paint.h"

#include "ui/theme.h"

#include <QPainter>

namespace weighbridge {
namespace {

constexpr double hatchingPitch = 4;

void paintText(QPainter& painter, const QRectF& rect, const QString& text, const QColor& ink)
{
    painter.setPen(ink);
    painter.drawText(rect, Qt::AlignCenter, text);
}

/// The number of a hatched cell stands on a box of its own.
void paintBoxedText(QPainter& painter, const QRectF& rect, const QString& text, const QPalette& palette)
{
    const QFontMetricsF metrics(painter.font());
    QRectF box(0, 0, metrics.horizontalAdvance(text) + 6, metrics.height());
    box.moveCenter(rect.center());
    painter.fillRect(box, colour(Role::Surface, palette));
    paintText(painter, rect, text, colour(Role::Text, palette));
}

bool fits(const QPainter& painter, const QRectF& rect, const QString& text)
{
    const QFontMetricsF metrics(painter.font());
    return !text.isEmpty() && rect.height() >= metrics.height() && rect.width() >= metrics.horizontalAdvance(text) + 4;
}

void paintOutline(QPainter& painter, const QRectF& rect, const QColor& ink, Qt::PenStyle style)
{
    painter.setPen(QPen(ink, 1, style));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5));
}

void paintCross(QPainter& painter, const QRectF& rect, const QColor& ink)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(ink, 1.2));
    painter.drawLine(rect.topLeft(), rect.bottomRight());
    painter.drawLine(rect.bottomLeft(), rect.topRight());
    painter.restore();
}

} // namespace

void paintHatching(QPainter& painter, const QRectF& rect, const QColor& ink)
{
    QColor pale = ink;
    pale.setAlphaF(0.25F);
    painter.fillRect(rect, pale);
    painter.save();
    painter.setClipRect(rect, Qt::IntersectClip);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(ink, 1.2));
    for (double x = rect.left() - rect.height(); x < rect.right(); x += hatchingPitch)
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()));
    painter.restore();
}

void paintMapCell(QPainter& painter, const QRectF& rect, const CellLook& look, const QPalette& palette)
{
    const bool hasText = fits(painter, rect, look.text);
    switch (look.form) {
    case CellForm::Pending: painter.fillRect(rect, colour(Role::Grid, palette)); return;
    case CellForm::Trained: painter.fillRect(rect, colour(Role::Trained, palette)); return;
    case CellForm::Unreadable: paintOutline(painter, rect, colour(Role::Missing, palette), Qt::SolidLine); break;
    case CellForm::Undecidable: paintOutline(painter, rect, colour(Role::SecondText, palette), Qt::DotLine); break;
    case CellForm::Constant: paintOutline(painter, rect, colour(Role::Line, palette), Qt::SolidLine); break;
    case CellForm::NeverTrained: {
        const QColor ink = colour(Role::Random, palette);
        paintHatching(painter, rect, ink);
        paintOutline(painter, rect, ink, Qt::SolidLine);
        if (hasText)
            paintBoxedText(painter, rect, look.text, palette);
        return;
    }
    case CellForm::NonFinite:
        painter.fillRect(rect, colour(Role::Missing, palette));
        paintCross(painter, rect, colour(Role::Surface, palette));
        if (hasText)
            paintBoxedText(painter, rect, look.text, palette);
        return;
    case CellForm::Shade:
        painter.fillRect(rect, shadeColour(look.step, palette));
        if (hasText)
            paintText(painter, rect, look.text, shadeInk(look.step, palette));
        return;
    }
    if (hasText)
        paintText(painter, rect, look.text, colour(Role::Text, palette));
}

} // namespace weighbridge
