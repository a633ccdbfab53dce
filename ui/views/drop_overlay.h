// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QWidget>

namespace weighbridge {

/// Lies over the whole window while something is dragged over it and says what a drop would do: two halves on an open checkpoint.
class DropOverlay : public QWidget {
    Q_OBJECT
public:
    enum class Target { None, Whole, Upper, Lower };

    explicit DropOverlay(QWidget* parent);

    struct Offer {
        QString title;
        QString text;
    };
    /// One field (second empty) or two halves.
    void offer(const Offer& first, const Offer& second = {});
    void setPoint(const QPoint& point);
    [[nodiscard]] Target target() const { return m_target; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QRect field() const;
    void paintOffer(QPainter& painter, const QRect& rect, const Offer& offer) const;

    Offer m_first;
    Offer m_second;
    Target m_target = Target::None;
};

} // namespace weighbridge
