// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/finding_delegate.h"

#include "core/base/text.h"
#include "ui/glyphs.h"
#include "ui/models/findings_model.h"
#include "ui/models/numbers.h"
#include "ui/theme.h"
#include "ui/views/text_label.h"

#include <QPainter>

#include <cmath>

namespace weighbridge {
namespace {

constexpr int textLeft = 36;
constexpr int rightMargin = 12;
constexpr int topMargin = 9;

QString percent(double share)
{
    constexpr uint64_t whole = 1'000'000;
    return percentText(uint64_t(std::floor(share * whole)), whole);
}

/// The list says how it is known; the rest is in the inspector.
QString firstSentence(const QString& text)
{
    const qsizetype stop = text.indexOf(QLatin1String(". "));
    return stop < 0 ? text : text.left(stop + 1);
}

/// Wrapped text at the top of `room`; the height it takes.
int wrapped(QPainter* painter, const QFont& font, const QColor& ink, const QRect& room, const QString& text)
{
    const int flags = Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop;
    const int height = QFontMetrics(font).boundingRect(QRect(0, 0, room.width(), 10000), flags, text).height();
    if (painter) {
        painter->setFont(font);
        painter->setPen(ink);
        painter->drawText(QRect(room.left(), room.top(), room.width(), height), flags, text);
    }
    return height;
}

} // namespace

int FindingDelegate::paintBar(QPainter* painter, const QStyleOptionViewItem& option, const QRect& rect, double before, double after) const
{
    const QFont small = scaledFont(option.font, type::caption);
    const QFont bold = scaledFont(option.font, type::caption, QFont::DemiBold);
    const int height = QFontMetrics(bold).height();
    if (!painter)
        return height;
    const int leftWidth = QFontMetrics(small).horizontalAdvance(percent(before));
    const int rightWidth = QFontMetrics(bold).horizontalAdvance(percent(after));
    const QRect row(rect.left(), rect.top(), rect.width(), height);
    painter->setPen(colour(Role::Text, option.palette));
    painter->setFont(small);
    painter->drawText(row, Qt::AlignLeft | Qt::AlignVCenter, percent(before));
    painter->setFont(bold);
    painter->drawText(row, Qt::AlignRight | Qt::AlignVCenter, percent(after));
    const QRect bar(row.left() + leftWidth + 6, row.center().y() - 2, row.width() - leftWidth - rightWidth - 14, 6);
    painter->fillRect(bar, colour(Role::Line, option.palette));
    painter->fillRect(QRectF(bar.left(), bar.top(), bar.width() * after, bar.height()), colour(Role::Matched, option.palette));
    QColor already = colour(Role::Text, option.palette);
    painter->fillRect(QRectF(bar.left(), bar.top(), bar.width() * before, bar.height()), already);
    return height;
}

int FindingDelegate::layOut(QPainter* painter, const QStyleOptionViewItem& option, const QRect& rect, const QModelIndex& index) const
{
    const QColor text = colour(Role::Text, option.palette);
    const QColor second = colour(Role::SecondText, option.palette);
    QRect room(rect.left() + textLeft, rect.top() + topMargin, rect.width() - textLeft - rightMargin, 10000);
    const auto advance = [&room](int height, int gap) { room.setTop(room.top() + height + gap); };
    advance(wrapped(painter, scaledFont(option.font, type::body, QFont::DemiBold), text, room, breakable(index.data(Qt::DisplayRole).toString())), 2);
    const QString line = firstSentence(index.data(FindingsModel::LineRole).toString());
    if (!line.isEmpty())
        advance(wrapped(painter, scaledFont(option.font, type::caption), second, room, line), 4);
    const QVariant before = index.data(FindingsModel::CoverageBeforeRole);
    const QVariant after = index.data(FindingsModel::CoverageAfterRole);
    if (before.isValid() && after.isValid())
        advance(paintBar(painter, option, room, before.toDouble(), after.toDouble()), 4);
    const QStringList lines = index.data(FindingsModel::ConsequencesRole).toStringList();
    const QStringList glyphs = index.data(FindingsModel::ConsequenceGlyphsRole).toStringList();
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (const auto glyph = glyphNamed(glyphs.value(i)); glyph && painter)
            paintGlyph(painter, QRectF(room.left(), room.top() + 2, 12, 12), *glyph, option.palette);
        advance(wrapped(painter, scaledFont(option.font, type::caption), second, room.adjusted(18, 0, 0, 0), lines[i]), 3);
    }
    return room.top() - rect.top() + topMargin - 4;
}

void FindingDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, colour(Role::Selection, option.palette));
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(option.rect, colour(Role::Hover, option.palette));
    if (const auto glyph = glyphNamed(index.data(FindingsModel::GlyphRole).toString()))
        paintGlyph(painter, QRectF(option.rect.left() + 12, option.rect.top() + topMargin + 1, 16, 16), *glyph, option.palette);
    layOut(painter, option, option.rect, index);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), colour(Role::Line, option.palette));
    if (option.state & QStyle::State_HasFocus) {
        painter->setPen(QPen(colour(Role::Accent, option.palette), 2));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
    }
}

QSize FindingDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    // The first layout asks without a width: the viewport has it.
    const auto* view = qobject_cast<const QListView*>(option.widget);
    const int width = view ? view->viewport()->width() : 240;
    return {width, layOut(nullptr, option, QRect(0, 0, width, 0), index)};
}

FindingsView::FindingsView(QWidget* parent) : QListView(parent)
{
    setLayoutDirection(Qt::LeftToRight); // the findings are in English
    setItemDelegate(new FindingDelegate(this));
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setMouseTracking(true);
    setFrameShape(QFrame::NoFrame);
    viewport()->setBackgroundRole(QPalette::Window);
    setAccessibleName(tr("Findings"));
}

void FindingsView::resizeEvent(QResizeEvent* event)
{
    QListView::resizeEvent(event);
    scheduleDelayedItemsLayout();
}

} // namespace weighbridge
