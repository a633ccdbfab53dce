// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/empty_state.h"

#include "ui/views/text_label.h"

#include <QPushButton>
#include <QVBoxLayout>

namespace weighbridge {

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent), m_title(new TextLabel({}, type::emptyTitle, QFont::DemiBold)), m_text(new TextLabel({}, type::body, QFont::Normal, Role::SecondText)),
      m_action(new QPushButton)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_title->setAlignment(Qt::AlignHCenter);
    m_title->setWordWrap(true);
    m_text->setAlignment(Qt::AlignHCenter);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* column = new QVBoxLayout;
    column->setSpacing(6);
    column->addStretch(2);
    column->addWidget(m_title);
    column->addWidget(m_text);
    column->addSpacing(6);
    column->addWidget(m_action, 0, Qt::AlignHCenter);
    column->addStretch(3);
    // A measure of about sixty characters, in the middle.
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 16, 16, 16);
    row->addStretch(1);
    row->addLayout(column, 4);
    row->addStretch(1);
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionClicked);
}

void EmptyState::setContent(const QString& title, const QString& text, const QString& action)
{
    m_title->setFullText(title);
    m_text->setFullText(text);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    setFocusProxy(action.isEmpty() ? nullptr : m_action);
}

QString EmptyState::title() const
{
    return m_title->fullText();
}

QString EmptyState::text() const
{
    return m_text->fullText();
}

} // namespace weighbridge
