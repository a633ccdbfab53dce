// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/compare_delegate.h"

#include "core/report/shade_scale.h"
#include "ui/models/difference_model.h"
#include "ui/theme.h"

#include <QAbstractItemView>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

Role roleOf(PairState state)
{
    switch (state) {
    case PairState::OnlyInA: return Role::Missing;
    case PairState::OnlyInB: return Role::Matched;
    case PairState::ShapeDiffers:
    case PairState::DTypeDiffers: return Role::Mismatched;
    case PairState::Changed: return Role::Unexpected;
    case PairState::Renamed: return Role::Renamed;
    case PairState::Same: return Role::SecondText;
    }
    return Role::Text;
}

void paintName(QPainter& painter, const QFont& font, const QRect& room, const QModelIndex& index, const QPalette& palette)
{
    const QFontMetrics metrics(font);
    const QString text = index.data().toString();
    const bool isRenamed = index.data(DifferenceModel::IsRenamedRole).toBool();
    painter.setPen(colour(isRenamed ? Role::Renamed : Role::Text, palette));
    const QString muted = text.endsWith(QLatin1String("weight")) && !isRenamed && text.size() > 6 ? QStringLiteral("weight") : QString();
    const QString first = metrics.elidedText(text.chopped(muted.size()), Qt::ElideMiddle, room.width() - metrics.horizontalAdvance(muted));
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter, first);
    painter.setPen(colour(Role::SecondText, palette));
    painter.drawText(room.adjusted(metrics.horizontalAdvance(first), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, muted);
}

} // namespace

QSize CompareDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const
{
    return {40, std::max(int(std::lround(QFontInfo(option.font).pixelSize() * 1.77)), 18)};
}

void CompareDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, colour(Role::Selection, option.palette));
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(option.rect, colour(Role::Hover, option.palette));
    painter->save();
    painter->setClipRect(option.rect);
    const bool isTop = index.data(DifferenceModel::IsModuleRole).toBool() && !index.parent().isValid();
    QFont font = isTop ? scaledFont(option.font, type::body, QFont::DemiBold) : option.font;
    const QRect room = option.rect.adjusted(6, 0, -6, 0);
    const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());
    switch (index.column()) {
    case DifferenceModel::SignColumn:
        painter->setFont(scaledFont(option.font, type::body, QFont::Bold));
        painter->setPen(colour(roleOf(PairState(index.data(DifferenceModel::StateRole).toInt())), option.palette));
        painter->drawText(option.rect, Qt::AlignCenter, index.data().toString());
        break;
    case DifferenceModel::TensorColumn:
        painter->setFont(font);
        paintName(*painter, font, option.rect.adjusted(2, 0, -4, 0), index, option.palette);
        break;
    case DifferenceModel::BarColumn:
        if (const QVariant change = index.data(DifferenceModel::ChangeRole); change.isValid()) {
            const QRectF bar(room.left(), room.center().y() - 4, room.width(), 8);
            painter->fillRect(bar, colour(Role::Grid, option.palette));
            painter->fillRect(QRectF(bar.topLeft(), QSizeF(bar.width() * changeShare(change.toDouble()), bar.height())), colour(Role::Accent, option.palette));
        }
        break;
    default:
        painter->setFont(index.column() == DifferenceModel::DTypeColumn ? font : numberFont(font));
        painter->setPen(colour(index.column() == DifferenceModel::CosineColumn ? Role::SecondText : Role::Text, option.palette));
        painter->drawText(room, alignment, QFontMetrics(painter->font()).elidedText(index.data().toString(), Qt::ElideRight, room.width()));
    }
    if (option.state & QStyle::State_HasFocus) {
        painter->setPen(QPen(colour(Role::Accent, option.palette), 2));
        painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
    }
    painter->restore();
}

namespace {

constexpr int kindLeft = 34;   ///< of the words, behind the sign
constexpr int kindPadding = 8;
constexpr int wordsFlags = Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap;

/// As wide as the view is; option.rect says nothing before the first layout.
QRect wordsRect(const QStyleOptionViewItem& option, int top, int height)
{
    const auto* view = qobject_cast<const QAbstractItemView*>(option.widget);
    return {kindLeft, top, std::max(60, (view ? view->viewport()->width() : option.rect.width()) - kindLeft - 10), height};
}

int textHeight(const QStyleOptionViewItem& option, const QString& text)
{
    return text.isEmpty() ? 0 : QFontMetrics(scaledFont(option.font, type::caption)).boundingRect(wordsRect(option, 0, 4000), wordsFlags, text).height() + 2;
}

} // namespace

QSize KindDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return {60, 2 * kindPadding + QFontMetrics(option.font).height() + textHeight(option, index.data(TextRole).toString())};
}

void KindDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver))
        painter->fillRect(option.rect, colour(option.state & QStyle::State_Selected ? weighbridge::Role::Selection : weighbridge::Role::Hover, option.palette));
    const PairState state = PairState(index.data(StateRole).toInt());
    const QFont bold = scaledFont(option.font, type::body, QFont::DemiBold);
    const int line = QFontMetrics(bold).height();
    const QRect words = wordsRect(option, option.rect.top() + kindPadding, line);
    painter->save();
    painter->setFont(bold);
    painter->setPen(colour(roleOf(state), option.palette));
    painter->drawText(QRect(option.rect.left(), words.top(), kindLeft - 4, line), Qt::AlignCenter, QString(QLatin1Char(sign(state))));
    painter->setPen(colour(weighbridge::Role::Text, option.palette));
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter, QFontMetrics(bold).elidedText(index.data().toString(), Qt::ElideRight, words.width()));
    painter->setFont(scaledFont(option.font, type::caption));
    painter->setPen(colour(weighbridge::Role::SecondText, option.palette));
    painter->drawText(wordsRect(option, words.bottom() + 2, option.rect.bottom() - words.bottom()), wordsFlags, index.data(TextRole).toString());
    painter->setPen(colour(weighbridge::Role::Line, option.palette));
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
    if (option.state & QStyle::State_HasFocus) {
        painter->setPen(QPen(colour(weighbridge::Role::Accent, option.palette), 2));
        painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
    }
    painter->restore();
}

} // namespace weighbridge
