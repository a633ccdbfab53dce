// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/jobs/job_runner.h"

#include <QCoreApplication>
#include <QPointer>

#include <utility>

namespace weighbridge {

QThreadPool* jobPool()
{
    static QPointer<QThreadPool> pool;
    if (!pool)
        pool = new QThreadPool(QCoreApplication::instance());
    return pool;
}

void JobState::set(const Progress& progress)
{
    const std::lock_guard lock(m_mutex);
    m_progress = progress;
    m_isNew = true;
}

bool JobState::takeNew(Progress& out)
{
    const std::lock_guard lock(m_mutex);
    if (!m_isNew)
        return false;
    m_isNew = false;
    out = m_progress;
    return true;
}

JobRunner::JobRunner(QObject* parent) : QObject(parent)
{
    m_timer.setInterval(progressIntervalMs);
    connect(&m_timer, &QTimer::timeout, this, &JobRunner::poll);
}

/// Whoever listens may be half gone.
JobRunner::~JobRunner()
{
    cancel();
}

void JobRunner::cancel()
{
    if (m_state)
        m_state->stop.request_stop();
}

void JobRunner::drop()
{
    cancel();
    end();
}

void JobRunner::begin(std::shared_ptr<JobState> state)
{
    cancel();
    ++m_generation;
    const bool wasRunning = isRunning();
    m_state = std::move(state);
    m_timer.start();
    if (!wasRunning)
        Q_EMIT runningChanged(true);
}

void JobRunner::end()
{
    ++m_generation;
    m_timer.stop();
    if (std::exchange(m_state, nullptr))
        Q_EMIT runningChanged(false);
}

void JobRunner::poll()
{
    Progress progress;
    if (m_state && m_state->takeNew(progress))
        Q_EMIT progressed(progress);
}

} // namespace weighbridge
