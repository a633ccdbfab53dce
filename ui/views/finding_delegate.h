// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QListView>
#include <QStyledItemDelegate>

namespace weighbridge {

/// A finding in the list: glyph, title, how it is known, the coverage bar, what follows from it.
class FindingDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    /// Lays the finding out in `width` and paints it if there is a painter; the height it takes.
    int layOut(QPainter* painter, const QStyleOptionViewItem& option, const QRect& rect, const QModelIndex& index) const;
    int paintBar(QPainter* painter, const QStyleOptionViewItem& option, const QRect& rect, double before, double after) const;
};

/// The list that the delegate is made for: item heights follow the width.
class FindingsView : public QListView {
    Q_OBJECT
public:
    explicit FindingsView(QWidget* parent = nullptr);

protected:
    void resizeEvent(QResizeEvent* event) override;
};

} // namespace weighbridge
