// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/job_bar.h"

#include "core/base/text.h"
#include "core/remote/address.h"
#include "ui/views/loading_page.h"
#include "ui/views/text_label.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>

#include <algorithm>
#include <utility>

namespace weighbridge {
namespace {

constexpr int patienceMs = 200; // a job that is done sooner shows nothing
constexpr int barSteps = 1000;

TextLabel* quiet()
{
    return new TextLabel({}, type::caption, QFont::Normal, Role::SecondText);
}

QString durationText(qint64 ms)
{
    return ms < 1000 ? JobBar::tr("%1 ms").arg(ms) : JobBar::tr("%1 s").arg(double(ms) / 1000, 0, 'f', 1);
}

} // namespace

JobBar::JobBar(Document& document, QWidget* parent)
    : QStatusBar(parent), m_document(document), m_done(quiet()), m_what(quiet()), m_bar(new QProgressBar), m_numbers(quiet()), m_stop(new QPushButton(tr("Stop"))), m_selection(quiet()), m_right(quiet())
{
    setSizeGripEnabled(false);
    m_bar->setTextVisible(false);
    m_bar->setFixedSize(140, 8);
    m_bar->setAccessibleName(tr("Progress"));
    m_stop->setProperty("link", true);
    auto* jobs = new QWidget;
    auto* row = new QHBoxLayout(jobs);
    row->setContentsMargins(12, 0, 12, 0);
    row->setSpacing(8);
    row->addWidget(m_done);
    row->addSpacing(10);
    row->addWidget(m_what);
    row->addWidget(m_bar);
    row->addWidget(m_numbers);
    row->addWidget(m_stop);
    row->addSpacing(10);
    row->addWidget(m_selection);
    addWidget(jobs);
    connect(this, &QStatusBar::messageChanged, jobs, [jobs](const QString& message) { jobs->setVisible(message.isEmpty()); });
    m_right->setContentsMargins(12, 0, 12, 0);
    addPermanentWidget(m_right);
    m_patience.setSingleShot(true);
    m_patience.setInterval(patienceMs);
    connect(&m_patience, &QTimer::timeout, this, &JobBar::showActivity);
    connect(m_stop, &QPushButton::clicked, this, &JobBar::stop);
    connect(&m_document, &Document::activityChanged, this, &JobBar::showActivity);
    connect(&m_document, &Document::statisticsReady, this, &JobBar::showActivity);
    connect(&m_document, &Document::stateChanged, this, [this](Document::State state) {
        if (state == Document::State::Loading)
            m_loadBegan = QDateTime::currentDateTime();
        if (state != Document::State::Loaded)
            m_opened.clear();
        setReadOut({});
        showActivity();
    });
    connect(&m_document, &Document::headerLoaded, this, [this] {
        const QString place = m_document.isElsewhere() ? tr(" from %1").arg(QString::fromStdString(shown(hostOf(m_document.path().toStdString())))) : QString();
        m_opened = tr("Opened in %2%1").arg(place, durationText(m_loadBegan.isValid() ? m_loadBegan.msecsTo(QDateTime::currentDateTime()) : 0));
        setReadOut({});
        showActivity();
    });
    showActivity();
}

void JobBar::stop()
{
    if (m_others.empty())
        m_document.cancel();
    else
        m_others.front().stop();
}

void JobBar::setSelectionText(const QString& text)
{
    m_selection->setFullText(text);
}

void JobBar::setResting(const QString& text)
{
    m_resting = text;
    showActivity();
}

void JobBar::setOther(const QObject* owner, const Document::Activity& activity, std::function<void()> stop)
{
    const auto known = std::find_if(m_others.begin(), m_others.end(), [owner](const OtherJob& job) { return job.owner == owner; });
    if (activity.what.isEmpty()) {
        if (known != m_others.end())
            m_others.erase(known);
    } else if (known == m_others.end()) {
        m_others.push_back({owner, activity, std::move(stop)});
    } else {
        known->activity = activity;
    }
    showActivity();
}

void JobBar::setReadOut(const QString& text)
{
    const CheckpointPtr checkpoint = m_document.checkpoint();
    if (!text.isEmpty() || !checkpoint) {
        m_right->setFullText(text);
        return;
    }
    const CheckpointTotals& totals = m_document.totals();
    m_right->setFullText(tr("%1, %2 B")
                             .arg(QString::fromStdString(checkpoint->format),
                                  QString::fromStdString(groupDigits(totals.filesNbytes ? totals.filesNbytes : totals.nbytes))));
}

void JobBar::showActivity()
{
    const Document::Activity activity = m_others.empty() ? m_document.activity() : m_others.front().activity;
    const bool runs = !activity.what.isEmpty();
    const bool isDue = runs && activity.since.msecsTo(QDateTime::currentDateTime()) >= patienceMs;
    if (runs && !isDue && !m_patience.isActive())
        m_patience.start();
    m_bar->setVisible(isDue);
    m_stop->setVisible(isDue);
    m_numbers->setVisible(isDue);
    m_bar->setRange(0, activity.total > 0 ? barSteps : 0);
    if (activity.total > 0)
        m_bar->setValue(int(double(activity.done) / double(activity.total) * barSteps));
    m_numbers->setFullText(progressText(activity));
    m_what->setFullText(isDue ? activity.what : statisticsText());
    m_done->setFullText(m_document.state() == Document::State::Empty ? m_resting : m_opened);
    if (std::exchange(m_isBusy, runs) != runs)
        Q_EMIT busyChanged(runs);
}

/// "Statistics: 69 of 71, 2 unreadable": what came, and why that is not all.
QString JobBar::statisticsText() const
{
    if (m_document.statisticsTotal() == 0 || m_document.statisticsDone() == 0)
        return {};
    const qsizetype unreadable = m_document.statisticsUnreadable();
    QString text = tr("Statistics: %1 of %2").arg(m_document.statisticsDone() - unreadable).arg(m_document.statisticsTotal());
    if (unreadable > 0)
        text += tr(", %1 unreadable").arg(unreadable);
    if (m_document.wasStopped())
        text += tr(", stopped");
    return text;
}

} // namespace weighbridge
