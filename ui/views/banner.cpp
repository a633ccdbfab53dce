// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/banner.h"

#include "ui/views/text_label.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>

namespace weighbridge {
namespace {

QPushButton* linkButton(QWidget* parent)
{
    auto* button = new QPushButton(parent);
    button->setProperty("link", true);
    button->setCursor(Qt::PointingHandCursor);
    return button;
}

Role backgroundOf(Glyph glyph)
{
    switch (glyph) {
    case Glyph::Error: return Role::ErrorBanner;
    case Glyph::Warning: return Role::WarningBanner;
    case Glyph::Matched: return Role::SuccessBanner;
    default: return Role::NoteBanner;
    }
}

} // namespace

Banner::Banner(QWidget* parent) : QWidget(parent), m_text(new TextLabel), m_first(linkButton(this)), m_second(linkButton(this))
{
    m_text->setWordWrap(true);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(36, 8, 12, 8);
    row->setSpacing(6);
    row->addWidget(m_text, 1);
    row->addWidget(m_first, 0, Qt::AlignTop);
    row->addWidget(m_second, 0, Qt::AlignTop);
    connect(m_first, &QPushButton::clicked, this, &Banner::firstClicked);
    connect(m_second, &QPushButton::clicked, this, &Banner::secondClicked);
    hide();
}

void Banner::showMessage(Glyph glyph, const QString& text, const QString& first, const QString& second)
{
    m_glyph = glyph;
    m_text->setFullText(text);
    setAccessibleName(text);
    m_first->setText(first);
    m_first->setVisible(!first.isEmpty());
    m_second->setText(second);
    m_second->setVisible(!second.isEmpty());
    show();
    update();
    QAccessibleEvent announcement(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&announcement);
}

QString Banner::text() const
{
    return m_text->fullText();
}

void Banner::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), colour(backgroundOf(m_glyph), palette()));
    painter.fillRect(0, height() - 1, width(), 1, colour(Role::Line, palette()));
    paintGlyph(&painter, QRectF(12, 10, 16, 16), m_glyph, palette());
}

} // namespace weighbridge
