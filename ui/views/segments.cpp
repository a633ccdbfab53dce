// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/segments.h"

#include "ui/theme.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>
#include <QToolButton>

namespace weighbridge {

namespace {

/// As wide as its text is when it is chosen, with less room around it where there is not enough.
class Segment : public QToolButton {
public:
    using QToolButton::QToolButton;
    QSize sizeHint() const override { return sizeWith(20); }
    QSize minimumSizeHint() const override { return sizeWith(8); }

private:
    [[nodiscard]] QSize sizeWith(int padding) const
    {
        QFont chosen = font();
        chosen.setWeight(QFont::DemiBold);
        return {QFontMetrics(chosen).horizontalAdvance(text()) + padding, QToolButton::sizeHint().height()};
    }
};

} // namespace

Segments::Segments(const QStringList& texts, QWidget* parent) : QFrame(parent), m_group(new QButtonGroup(this))
{
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(1, 1, 1, 1);
    row->setSpacing(0);
    for (const QString& text : texts) {
        auto* button = new Segment;
        button->setText(text);
        button->setCheckable(true);
        button->setProperty("segment", true);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
        m_group->addButton(button, int(m_group->buttons().size()));
        row->addWidget(button);
    }
    setCurrent(0);
    connect(m_group, &QButtonGroup::idClicked, this, &Segments::chosen);
}

void Segments::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colour(Role::Line, palette()));
    painter.setBrush(colour(Role::Surface, palette()));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
}

int Segments::current() const
{
    return m_group->checkedId();
}

void Segments::setCurrent(int index)
{
    m_group->button(index)->setChecked(true);
}

} // namespace weighbridge
