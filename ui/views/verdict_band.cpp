// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/verdict_band.h"

#include "ui/views/text_label.h"

#include <QAccessible>
#include <QAction>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>

namespace weighbridge {
namespace {

constexpr int glyphSize = 34;

} // namespace

VerdictBand::VerdictBand(QWidget* parent)
    : QWidget(parent), m_glyphPlace(new QWidget), m_sentence(new TextLabel({}, type::verdict, QFont::DemiBold)), m_subSentence(new TextLabel({}, type::body, QFont::Normal, Role::SecondText)),
      m_readout(new QWidget), m_before(new TextLabel({}, type::readout, QFont::DemiBold)), m_arrow(new TextLabel(QStringLiteral("→"), 1.5, QFont::Normal, Role::SecondText)),
      m_after(new TextLabel({}, type::readout, QFont::DemiBold, Role::Matched)), m_caption(new TextLabel({}, type::axis, QFont::Normal, Role::SecondText)),
      m_button(new QPushButton)
{
    m_sentence->setElided(Qt::ElideRight);
    m_subSentence->setElided(Qt::ElideRight);
    m_caption->setAlignment(Qt::AlignRight);
    if (isRightToLeft()) // the sentences are in English, which would stay at the left
        for (TextLabel* sentence : {m_sentence, m_subSentence})
            sentence->setAlignment(Qt::AlignRight | Qt::AlignAbsolute | Qt::AlignVCenter);
    m_readout->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    m_readout->setLayoutDirection(Qt::LeftToRight); // the arrow points from before to after
    m_glyphPlace->setFixedSize(glyphSize, glyphSize);

    auto* sentences = new QVBoxLayout;
    sentences->setSpacing(2);
    sentences->addWidget(m_sentence);
    sentences->addWidget(m_subSentence);

    auto* numbers = new QHBoxLayout;
    numbers->setSpacing(8);
    numbers->addStretch();
    numbers->addWidget(m_before);
    numbers->addWidget(m_arrow);
    numbers->addWidget(m_after);
    auto* readout = new QVBoxLayout(m_readout);
    readout->setContentsMargins(0, 0, 0, 0);
    readout->setSpacing(0);
    readout->addLayout(numbers);
    readout->addWidget(m_caption);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 8, 16, 4);
    row->setSpacing(14);
    row->addWidget(m_glyphPlace);
    row->addLayout(sentences, 1);
    row->addWidget(m_readout);
    row->addWidget(m_button);
    m_button->hide();
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void VerdictBand::setContent(const Content& content)
{
    const bool changed = m_sentence->fullText() != content.sentence;
    m_glyph = content.glyph;
    m_sentence->setFullText(content.sentence);
    m_subSentence->setFullText(content.subSentence);
    m_readout->setVisible(!content.before.isEmpty());
    m_before->setFullText(content.before);
    m_before->setRole(content.beforeRole);
    m_arrow->setVisible(!content.after.isEmpty());
    m_after->setVisible(!content.after.isEmpty());
    m_after->setFullText(content.after);
    m_caption->setFullText(content.caption);
    m_readout->setToolTip(content.toolTip.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")));
    setAccessibleName(content.sentence);
    setAccessibleDescription(content.subSentence);
    update();
    if (changed) {
        QAccessibleEvent announcement(this, QAccessible::Alert);
        QAccessible::updateAccessibility(&announcement);
    }
}

void VerdictBand::setAction(QAction* action, bool primary)
{
    disconnect(m_trigger);
    m_button->setVisible(action != nullptr);
    if (!action)
        return;
    m_button->setText(action->text().remove(u'&')); // the letters belong to the menu bar: two with the same one would take it from each other
    m_button->setToolTip(action->toolTip());
    setPrimary(*m_button, primary);
    m_trigger = connect(m_button, &QPushButton::clicked, action, &QAction::trigger);
}

QString VerdictBand::sentence() const
{
    return m_sentence->fullText();
}

void VerdictBand::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintGlyph(&painter, m_glyphPlace->geometry(), m_glyph, palette());
}

} // namespace weighbridge
