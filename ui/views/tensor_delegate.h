// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/tensor_statistics.h"

#include <QStyledItemDelegate>

namespace weighbridge {

/// A small histogram over mean ± 4 std.
void paintSpark(QPainter* painter, const QRectF& rect, const TensorStatistics& statistics, const QColor& ink);

/// One delegate for all columns of the tensor tree: state with glyph and word, muted ends, bold dimensions, the spark histogram.
class TensorDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    void paintName(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const;
    void paintStatus(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const;
    void paintShape(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const;
    void paintDType(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const;
    void paintNumber(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const;
    void paintValues(QPainter* painter, const QStyleOptionViewItem& option, const QRect& room, const QModelIndex& index) const;
};

} // namespace weighbridge
