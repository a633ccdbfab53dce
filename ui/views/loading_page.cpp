// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/loading_page.h"

#include "core/base/text.h"
#include "ui/models/numbers.h"
#include "ui/views/properties_panel.h"
#include "ui/views/text_label.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

constexpr int patienceMs = 200;
constexpr int barSteps = 1000;
constexpr quint64 countedSingly = 100'000; // above, `done` is bytes: no job counts so many of anything else

} // namespace

QString progressText(const Document::Activity& activity)
{
    if (activity.total == 0)
        return {};
    const auto text = [&activity](quint64 n) { return activity.total > countedSingly ? nbytesText(n) : QString::fromStdString(groupDigits(n)); };
    return LoadingPage::tr("%1 of %2").arg(text(activity.done), text(activity.total));
}

LoadingPage::LoadingPage(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_content(new QWidget), m_title(new TextLabel({}, type::verdict, QFont::DemiBold)), m_text(new TextLabel({}, type::body, QFont::Normal, Role::SecondText)),
      m_bar(new QProgressBar), m_numbers(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_facts(new PropertyGrid), m_cancel(new QPushButton(tr("Cancel   Esc")))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_title->setElided(Qt::ElideMiddle);
    m_bar->setTextVisible(false);
    m_bar->setRange(0, barSteps);
    m_bar->setFixedSize(240, 8);
    m_cancel->setProperty("link", true);
    m_cancel->setAccessibleName(tr("Cancel"));
    auto* progress = new QHBoxLayout;
    progress->setSpacing(12);
    progress->addWidget(new TextLabel(tr("Header")));
    progress->addWidget(m_bar);
    progress->addWidget(m_numbers);
    progress->addWidget(m_cancel);
    progress->addStretch();
    m_facts->setMaximumWidth(520);
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(32, 32, 32, 32);
    column->setSpacing(10);
    column->addWidget(m_title);
    column->addWidget(m_text);
    column->addSpacing(4);
    column->addLayout(progress);
    column->addSpacing(4);
    column->addWidget(m_facts);
    column->addStretch();
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_content);
    m_patience.setSingleShot(true);
    m_patience.setInterval(patienceMs);
    connect(&m_patience, &QTimer::timeout, m_content, &QWidget::show);
    connect(m_cancel, &QPushButton::clicked, &m_document, &Document::cancel);
    connect(&m_document, &Document::activityChanged, this, &LoadingPage::showProgress);
}

void LoadingPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_content->hide();
    m_patience.start();
    const QFileInfo file(m_document.path());
    m_title->setFullText(tr("Reading the header of %1").arg(QString::fromStdString(shown(file.fileName().toStdString()))));
    m_text->setFullText(tr("Names, shapes and dtypes only; no values are read for this."));
    QList<Property> facts;
    if (file.isFile())
        facts << Property{tr("Size"), nbytesText(quint64(file.size())), {}};
    facts << Property{tr("Meanwhile"), tr("menus, other windows and files keep working"), {}};
    m_facts->setProperties(facts, 1, Qt::AlignLeft);
    showProgress();
}

void LoadingPage::showProgress()
{
    const Document::Activity activity = m_document.activity();
    m_bar->setRange(0, activity.total > 0 ? barSteps : 0);
    if (activity.total > 0)
        m_bar->setValue(int(double(activity.done) / double(activity.total) * barSteps));
    m_numbers->setFullText(progressText(activity));
}

} // namespace weighbridge
