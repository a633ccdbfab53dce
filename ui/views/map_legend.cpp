// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/map_legend.h"

#include "ui/plots/axis.h"
#include "ui/plots/cell_paint.h"
#include "ui/theme.h"

#include <QPainter>

namespace weighbridge {
namespace {

constexpr double margin = 12;
constexpr double groupGap = 18;
constexpr double boxWidth = 24;
constexpr double boxHeight = 12;

} // namespace

MapLegend::MapLegend(QWidget* parent) : QWidget(parent)
{
    setLayoutDirection(Qt::LeftToRight); // what it draws is names and numbers, which no language mirrors
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void MapLegend::setScale(MapMode mode, const ShadeScale& scale)
{
    m_mode = mode;
    m_scale = scale;
    update();
}

QSize MapLegend::sizeHint() const
{
    return {300, QFontMetrics(scaledFont(font(), type::axis)).height() + 10};
}

double MapLegend::paintScale(QPainter& painter, double left) const
{
    const QFontMetricsF metrics(painter.font());
    const auto words = [&](const QString& text) {
        painter.setPen(colour(Role::SecondText, palette()));
        painter.drawText(QRectF(left, 0, metrics.horizontalAdvance(text) + 2, height()), Qt::AlignVCenter, text);
        left += metrics.horizontalAdvance(text) + 6;
    };
    words(m_mode == MapMode::Std ? tr("std") : tr("kurtosis"));
    words(cellNumber(m_scale.low));
    for (int step = 0; step < shadeSteps; ++step, left += boxWidth)
        painter.fillRect(QRectF(left, (height() - boxHeight) / 2, boxWidth, boxHeight), shadeColour(step, palette()));
    left += 6;
    words(cellNumber(m_scale.high));
    return left + groupGap;
}

double MapLegend::paintForm(QPainter& painter, double left, CellForm form, const QString& text) const
{
    const QFontMetricsF metrics(painter.font());
    paintMapCell(painter, QRectF(left, (height() - boxHeight) / 2, boxWidth, boxHeight), {form, 0, {}}, palette());
    left += boxWidth + 6;
    painter.setPen(colour(Role::SecondText, palette()));
    painter.drawText(QRectF(left, 0, metrics.horizontalAdvance(text) + 2, height()), Qt::AlignVCenter, text);
    return left + metrics.horizontalAdvance(text) + groupGap;
}

void MapLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    painter.setFont(scaledFont(font(), type::axis));
    double left = margin;
    if ((m_mode == MapMode::Std || m_mode == MapMode::Kurtosis) && !m_scale.isEmpty())
        left = paintScale(painter, left);
    if (m_mode == MapMode::Origin)
        left = paintForm(painter, left, CellForm::Trained, tr("trained"));
    left = paintForm(painter, left, CellForm::NeverTrained, tr("never trained"));
    if (m_mode == MapMode::Origin)
        left = paintForm(painter, left, CellForm::Undecidable, tr("cannot tell"));
    if (m_mode == MapMode::NonFinite)
        left = paintForm(painter, left, CellForm::NonFinite, tr("holds NaN or Inf"));
    painter.setPen(colour(Role::SecondText, palette()));
    const QString forms = QFontMetricsF(painter.font()).elidedText(tr("wide cell weight, narrow bias"), Qt::ElideRight, width() - left - margin);
    painter.drawText(QRectF(left, 0, width() - left, height()), Qt::AlignVCenter, forms);
}

} // namespace weighbridge
