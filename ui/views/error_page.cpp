// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/error_page.h"

#include "core/base/text.h"
#include "ui/models/manual_pages.h"
#include "ui/models/tensor_texts.h"
#include "ui/glyphs.h"
#include "ui/views/banner.h"
#include "ui/views/properties_panel.h"
#include "ui/views/text_label.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

QString plain(const std::string& text)
{
    return QString::fromStdString(shown(text, 2000));
}

QString said(const std::string& text)
{
    return fromCore(text, 2000);
}

QList<Property> factsOf(const Error& error)
{
    QList<Property> facts;
    const auto add = [&facts](const QString& name, const QString& value) {
        if (!value.isEmpty())
            facts << Property{name, value, {}};
    };
    add(ErrorPage::tr("File"), plain(error.path));
    if (error.offset)
        add(ErrorPage::tr("At byte"), QString::fromStdString(groupDigits(*error.offset)));
    add(ErrorPage::tr("Expected"), said(error.expected));
    add(ErrorPage::tr("Found"), said(error.found));
    add(ErrorPage::tr("Can still be read"), said(error.readable));
    add(ErrorPage::tr("Rule"), plain(error.rule));
    return facts;
}

} // namespace

ErrorPage::ErrorPage(QWidget* parent)
    : QWidget(parent)
    , m_banner(new Banner)
    , m_facts(new PropertyGrid)
    , m_fixTitle(new TextLabel(tr("What to do"), type::caption, QFont::DemiBold, Role::SecondText))
    , m_fix(new TextLabel)
    , m_printedTitle(new TextLabel(tr("What loaders print"), type::caption, QFont::DemiBold, Role::SecondText))
    , m_printed(new TextLabel({}, type::caption))
    , m_copy(new QPushButton(tr("Copy details")))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_fix->setWordWrap(true);
    m_fix->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_printed->setWordWrap(true);
    m_printed->setFixed(true);
    m_printed->setObjectName("loaderMessages");
    m_printed->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* again = new QPushButton(tr("Try again"));
    again->setToolTip(tr("Read the file anew (F5)"));
    auto* other = new QPushButton(tr("Open another…"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    auto* help = new QPushButton(tr("What this means"));
    help->setToolTip(tr("Open the manual at this error (F1)"));
    connect(help, &QPushButton::clicked, this, &ErrorPage::helpRequested);
    for (QPushButton* button : {again, m_copy, help, other})
        buttons->addWidget(button);
    buttons->addStretch();
    auto* body = new QWidget;
    body->setMaximumWidth(820);
    auto* rows = new QVBoxLayout(body);
    rows->setContentsMargins(36, 16, 16, 16);
    rows->setSpacing(10);
    rows->addWidget(m_fixTitle);
    rows->addWidget(m_fix);
    rows->addWidget(m_facts);
    rows->addWidget(m_printedTitle);
    rows->addWidget(m_printed);
    rows->addSpacing(6);
    rows->addLayout(buttons);
    rows->addStretch();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_banner);
    column->addWidget(body, 1);
    connect(again, &QPushButton::clicked, this, &ErrorPage::tryAgain);
    connect(other, &QPushButton::clicked, this, &ErrorPage::openOther);
    connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(details()); });
}

void ErrorPage::setError(const Error& error)
{
    m_error = error;
    m_banner->showMessage(Glyph::Error, said(error.message));
    m_fix->setFullText(said(error.fix));
    m_fix->setVisible(!error.fix.empty());
    m_fixTitle->setVisible(!error.fix.empty());
    m_facts->setProperties(factsOf(error), 1, Qt::AlignLeft);
    const QStringList printed = loaderMessages(error.rule);
    m_printed->setFullText(printed.join(u'\n'));
    for (TextLabel* label : {m_printedTitle, m_printed})
        label->setVisible(!printed.isEmpty());
    updateIcon();
}

void ErrorPage::updateIcon()
{
    m_copy->setIcon(glyphIcon(Glyph::Copy, palette()));
}

void ErrorPage::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        updateIcon();
}

QString ErrorPage::details() const
{
    QStringList lines{said(m_error.message)};
    for (const Property& fact : factsOf(m_error))
        lines << fact.name + QStringLiteral(": ") + fact.value;
    if (!m_error.fix.empty())
        lines << said(m_error.fix);
    return lines.join(u'\n');
}

} // namespace weighbridge
