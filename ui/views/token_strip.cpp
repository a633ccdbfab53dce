// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/token_strip.h"

#include "ui/theme.h"

#include <QPainter>

namespace weighbridge {
namespace {

constexpr int gap = 6;
constexpr int padding = 8;
constexpr qsizetype mostTokens = 512; ///< that are drawn

} // namespace

TokenStrip::TokenStrip(QWidget* parent) : QWidget(parent)
{
    setLayoutDirection(Qt::LeftToRight); // what it draws is names and numbers, which no language mirrors
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setAccessibleName(tr("Tokens"));
}

void TokenStrip::setTokens(const QList<RunAnswer::Token>& tokens)
{
    m_tokens = tokens.first(std::min(tokens.size(), mostTokens));
    QStringList spoken;
    for (const RunAnswer::Token& token : m_tokens)
        spoken << token.text;
    setAccessibleDescription(spoken.join(QLatin1Char(' ')));
    updateGeometry();
    update();
}

QList<QRect> TokenStrip::places(int width) const
{
    const QFontMetrics text(fixedFont(font(), type::caption));
    const QFontMetrics id(scaledFont(font(), type::axis));
    const int height = text.height() + id.height() + 6;
    QList<QRect> out;
    int x = 0;
    int y = 0;
    for (const RunAnswer::Token& token : m_tokens) {
        const int own = std::max(text.horizontalAdvance(token.text), id.horizontalAdvance(QString::number(token.id))) + 2 * padding;
        if (x > 0 && x + own > width) {
            x = 0;
            y += height + gap;
        }
        out.append({x, y, own, height});
        x += own + gap;
    }
    return out;
}

int TokenStrip::heightForWidth(int width) const
{
    const auto all = places(width);
    return all.isEmpty() ? 0 : all.last().bottom() + 2;
}

QSize TokenStrip::sizeHint() const
{
    const int width = std::max(200, this->width());
    return {width, heightForWidth(width)};
}

void TokenStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    painter.setRenderHint(QPainter::Antialiasing);
    const auto all = places(width());
    const QFont textFont = fixedFont(font(), type::caption);
    const QFont idFont = scaledFont(font(), type::axis);
    for (qsizetype i = 0; i < all.size(); ++i) {
        const RunAnswer::Token& token = m_tokens[i];
        painter.setPen(colour(token.isMask ? Role::Accent : Role::Line, palette()));
        painter.setBrush(colour(token.isMask ? Role::Selection : token.isSpecial ? Role::Window : Role::Surface, palette()));
        painter.drawRoundedRect(QRectF(all[i]).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
        painter.setFont(textFont);
        painter.setPen(colour(token.isSpecial ? Role::SecondText : Role::Text, palette()));
        painter.drawText(all[i].adjusted(0, 2, 0, 0), Qt::AlignHCenter | Qt::AlignTop, token.text);
        painter.setFont(idFont);
        painter.setPen(colour(Role::SecondText, palette()));
        painter.drawText(all[i].adjusted(0, 0, 0, -3), Qt::AlignHCenter | Qt::AlignBottom, QString::number(token.id));
    }
}

} // namespace weighbridge
