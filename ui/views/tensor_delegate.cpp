// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/tensor_delegate.h"

#include "ui/glyphs.h"
#include "ui/models/tensor_texts.h"
#include "ui/models/tensor_tree_model.h"
#include "ui/theme.h"

#include <QApplication>
#include <QPainter>
#include <QTreeView>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr int padding = 7;
constexpr int glyphSize = 14;
constexpr int statusGap = 10; ///< between two states of a group
constexpr int sparkWidth = 52;
constexpr double rowFactor = 1.77;

QFont fontFor(const QStyleOptionViewItem& option, const QModelIndex& index)
{
    const bool isModel = index.data(TensorTreeModel::KindRole).toInt() == int(TensorNode::Kind::Model);
    return scaledFont(option.font, type::body, isModel ? QFont::DemiBold : QFont::Normal);
}

void paintRightText(QPainter* painter, const QFont& font, const QColor& ink, const QRect& room, const QString& text)
{
    painter->setFont(font);
    painter->setPen(ink);
    painter->drawText(room, Qt::AlignRight | Qt::AlignVCenter, QFontMetrics(font).elidedText(text, Qt::ElideLeft, room.width()));
}

QRectF glyphBox(const QRect& room, int left)
{
    return {double(left), std::floor(room.top() + (room.height() - glyphSize) / 2.0), double(glyphSize), double(glyphSize)};
}

/// Two pixels of accent around the current row of a focused tree, cell by cell.
void paintFocus(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    const auto* view = qobject_cast<const QTreeView*>(option.widget);
    if (!view || !view->hasFocus() || view->currentIndex().siblingAtColumn(0) != index.siblingAtColumn(0))
        return;
    const QColor accent = colour(Role::Accent, option.palette);
    painter->fillRect(QRect(option.rect.left(), option.rect.top(), option.rect.width(), 1), accent);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), accent);
    if (view->currentIndex().column() != index.column())
        return;
    painter->setPen(QPen(accent, 2));
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
}

} // namespace

void paintSpark(QPainter* painter, const QRectF& rect, const TensorStatistics& statistics, const QColor& ink)
{
    constexpr int bars = 21;
    const Histogram& histogram = statistics.histogram;
    if (histogram.counts.empty() || !(statistics.std > 0) || histogram.binWidth() <= 0)
        return;
    const double low = statistics.mean - 4 * statistics.std;
    const double step = 8 * statistics.std / bars;
    std::array<double, bars> heights{};
    for (size_t bin = 0; bin < histogram.counts.size(); ++bin) {
        // A bin wider than a bar is spread over the bars that it covers.
        const double from = (histogram.edge(bin) - low) / step;
        const double to = (histogram.edge(bin + 1) - low) / step;
        for (int bar = std::max(0, int(std::floor(from))); bar < std::min<double>(bars, to); ++bar)
            heights[size_t(bar)] += double(histogram.counts[bin]) * (std::min<double>(bar + 1, to) - std::max<double>(bar, from)) / (to - from);
    }
    const double highest = std::max(1e-9, *std::max_element(heights.begin(), heights.end()));
    const double width = rect.width() / bars;
    for (int bar = 0; bar < bars; ++bar) {
        const double height = rect.height() * heights[size_t(bar)] / highest;
        if (height > 0.2)
            painter->fillRect(QRectF(rect.left() + bar * width, rect.bottom() - height, width - 0.5, height), ink);
    }
}

QSize TensorDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const
{
    const double pixels = QFontInfo(option.font).pixelSize();
    return {40, std::max(int(std::lround(pixels * rowFactor)), 18)};
}

void TensorDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, colour(Role::Selection, option.palette));
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(option.rect, colour(Role::Hover, option.palette));
    const QRect room = option.rect.adjusted(padding, 0, -padding, 0);
    painter->save();
    painter->setClipRect(option.rect);
    switch (index.column()) {
    case TensorTreeModel::TensorColumn: paintName(painter, option, option.rect.adjusted(2, 0, -4, 0), index); break;
    case TensorTreeModel::StatusColumn: paintStatus(painter, option, room, index); break;
    case TensorTreeModel::ExpectedColumn:
    case TensorTreeModel::FoundColumn: paintShape(painter, option, room, index); break;
    case TensorTreeModel::DTypeColumn: paintDType(painter, option, room, index); break;
    case TensorTreeModel::ValuesColumn: paintValues(painter, option, room, index); break;
    default: paintNumber(painter, option, room, index);
    }
    painter->restore();
    paintFocus(painter, option, index);
}

void TensorDelegate::paintName(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const
{
    const QFont font = fontFor(option, index);
    const QFontMetrics metrics(font);
    const QString text = index.data(Qt::DisplayRole).toString();
    const int mutedFrom = index.data(TensorTreeModel::MutedFromRole).toInt();
    const QString muted = mutedFrom >= 0 ? text.mid(mutedFrom) : QString();
    const QString head = mutedFrom >= 0 ? text.left(mutedFrom) : text;
    const int mutedWidth = std::min(metrics.horizontalAdvance(muted), room.width());
    const QString shownHead = metrics.elidedText(head, Qt::ElideMiddle, room.width() - mutedWidth);
    painter->setFont(font);
    painter->setPen(colour(Role::Text, option.palette));
    painter->drawText(room, Qt::AlignLeft | Qt::AlignVCenter, shownHead);
    painter->setPen(colour(Role::SecondText, option.palette));
    painter->drawText(room.adjusted(metrics.horizontalAdvance(shownHead), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, muted);
}

/// The words of the second state give way where there is no room for both; its count stays.
void TensorDelegate::paintStatus(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const
{
    constexpr int glyphRoom = glyphSize + 6;
    const auto parts = index.data(TensorTreeModel::StatusPartsRole).value<QList<StatusPart>>();
    const bool isModel = index.data(TensorTreeModel::KindRole).toInt() == int(TensorNode::Kind::Model);
    // What is right is quiet: only a root row that deviates has coloured text.
    const bool loud = isModel && deviates(RowState(index.data(TensorTreeModel::StateRole).toInt()));
    const QFont font = fontFor(option, index);
    const QFontMetrics metrics(font);
    painter->setFont(font);
    int left = room.left();
    for (qsizetype i = 0; i < parts.size(); ++i) {
        const auto glyph = glyphNamed(parts[i].glyph);
        const QString count = parts[i].text.section(u' ', 0, 0);
        const int words = room.right() - left - (glyph ? glyphRoom : 0);
        if (i > 0 && metrics.horizontalAdvance(count) > words)
            return;
        if (glyph)
            paintGlyph(painter, glyphBox(room, left), *glyph, option.palette);
        left += glyph ? glyphRoom : 0;
        const int rest = i == 0 && parts.size() > 1 ? statusGap + glyphRoom + metrics.horizontalAdvance(parts[1].text.section(u' ', 0, 0)) : 0;
        const QString text =
            i > 0 && metrics.horizontalAdvance(parts[i].text) > words ? count : metrics.elidedText(parts[i].text, Qt::ElideRight, words - rest);
        painter->setPen(loud && glyph ? glyphColour(*glyph, option.palette) : colour(Role::Text, option.palette));
        painter->drawText(QRect(left, room.top(), words + 1, room.height()), Qt::AlignLeft | Qt::AlignVCenter, text);
        left += metrics.horizontalAdvance(text) + statusGap;
    }
}

void TensorDelegate::paintShape(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const
{
    const QString text = index.data(Qt::DisplayRole).toString();
    const QFont plain = numberFont(fontFor(option, index));
    QFont bold = plain;
    bold.setWeight(QFont::Bold);
    const QColor ink = colour(index.column() == TensorTreeModel::FoundColumn ? Role::SecondText : Role::Text, option.palette);
    const QList<int> differing = index.data(TensorTreeModel::DifferingDimensionsRole).value<QList<int>>();
    int right = room.right();
    if (differing.isEmpty()) {
        paintRightText(painter, plain, ink, room, text);
        right -= QFontMetrics(plain).horizontalAdvance(text);
    } else {
        // From the right, so that the sizes of all rows stand under each other.
        const QStringList sizes = text.split(QStringLiteral(" x "));
        for (qsizetype i = sizes.size() - 1; i >= 0; --i) {
            const QFont& font = differing.contains(int(i)) ? bold : plain;
            const QString part = sizes[i];
            const int width = QFontMetrics(font).horizontalAdvance(part);
            paintRightText(painter, font, differing.contains(int(i)) ? colour(Role::Text, option.palette) : ink, QRect(QPoint(room.left(), room.top()), QPoint(right, room.bottom())), part);
            right -= width;
            if (i > 0) {
                paintRightText(painter, plain, ink, QRect(QPoint(room.left(), room.top()), QPoint(right, room.bottom())), QStringLiteral(" x "));
                right -= QFontMetrics(plain).horizontalAdvance(QStringLiteral(" x "));
            }
        }
    }
    if (const auto glyph = glyphNamed(index.data(TensorTreeModel::GlyphRole).toString()))
        paintGlyph(painter, glyphBox(room, std::max(room.left() - 4, right - glyphSize - 5)), *glyph, option.palette);
}

void TensorDelegate::paintDType(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const
{
    const QFont font = fontFor(option, index);
    QRect words = room;
    if (const auto glyph = glyphNamed(index.data(TensorTreeModel::GlyphRole).toString())) {
        paintGlyph(painter, glyphBox(room, room.left() - 4), *glyph, option.palette);
        words.setLeft(room.left() + glyphSize);
    }
    painter->setFont(font);
    painter->setPen(colour(Role::Text, option.palette));
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter, QFontMetrics(font).elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, words.width()));
}

void TensorDelegate::paintNumber(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const
{
    const bool isSize = index.column() == TensorTreeModel::SizeColumn;
    const bool isModel = index.data(TensorTreeModel::KindRole).toInt() == int(TensorNode::Kind::Model);
    paintRightText(painter, numberFont(fontFor(option, index)), colour(isSize && !isModel ? Role::SecondText : Role::Text, option.palette), room, index.data(Qt::DisplayRole).toString());
}

void TensorDelegate::paintValues(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const
{
    const QRectF spark(room.left() + 3, room.top() + 4, sparkWidth, room.height() - 8);
    if (const auto glyph = glyphNamed(index.data(TensorTreeModel::GlyphRole).toString())) {
        paintGlyph(painter, glyphBox(room, int(spark.center().x()) - glyphSize / 2), *glyph, option.palette);
        return;
    }
    if (const auto* statistics = reinterpret_cast<const TensorStatistics*>(index.data(TensorTreeModel::StatisticsRole).value<quintptr>()))
        paintSpark(painter, spark, *statistics, colour(Role::Trained, option.palette));
    else if (index.data(TensorTreeModel::ValuesPendingRole).toBool())
        painter->fillRect(QRectF(spark.left(), spark.center().y() - 3, spark.width(), 7), colour(Role::Grid, option.palette));
}

} // namespace weighbridge
