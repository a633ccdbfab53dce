// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/watched_application.h"

#include <QEvent>
#include <QMetaEnum>
#include <QTest>
#include <QThread>

#include <algorithm>
#include <cstdio>

#include <sys/resource.h>
#include <time.h>

namespace weighbridge::test {
namespace {

double msOf(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

/// How often the thread gave the processor away because it waited for something.
long waits()
{
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

} // namespace

double WatchedApplication::stallMs()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 300;
#elif defined(NDEBUG)
    return 50;
#else
    return 600;
#endif
}

WatchedApplication::Frame WatchedApplication::now(int loopLevel)
{
    return {msOf(CLOCK_THREAD_CPUTIME_ID), msOf(CLOCK_MONOTONIC), waits(), 0, loopLevel};
}

bool WatchedApplication::notify(QObject* receiver, QEvent* event)
{
    if (QThread::currentThread() != thread())
        return QApplication::notify(receiver, event);
    const int level = thread()->loopLevel();
    if (!m_frames.empty() && m_frames.back().loopLevel == level)
        return QApplication::notify(receiver, event); // part of the event that sent it
    // The receiver may not be there any more afterwards.
    const char* type = QMetaEnum::fromType<QEvent::Type>().valueToKey(event->type());
    const char* className = receiver->metaObject()->className();
    m_frames.push_back(now(level));
    const bool result = QApplication::notify(receiver, event);
    const Frame frame = m_frames.back();
    m_frames.pop_back();
    const char* function = QTest::currentTestFunction();
    finish(frame, QStringLiteral("%1 to %2 (%3)").arg(QLatin1String(type ? type : "event"), QLatin1String(className), QLatin1String(function ? function : "")));
    return result;
}

/// Waiting is what the thread did if it gave the processor away by itself and the time that passed was not its work.
void WatchedApplication::finish(const Frame& frame, const QString& what)
{
    const Frame end = now(0);
    const double cpuMs = end.startCpuMs - frame.startCpuMs;
    const double wallMs = end.startWallMs - frame.startWallMs;
    const bool waited = end.startWaits > frame.startWaits && wallMs > 4 * cpuMs;
    const double ms = (waited ? wallMs : cpuMs) - frame.nestedMs;
    if (!m_frames.empty())
        m_frames.back().nestedMs += waited ? wallMs : cpuMs;
    if (ms >= m_keptFromMs)
        m_kept.push_back({ms, what});
}

double WatchedApplication::longestMs() const
{
    double longest = 0;
    for (const Handled& handled : m_kept)
        longest = std::max(longest, handled.ms);
    return longest;
}

int WatchedApplication::reportStalls() const
{
    int stalls = 0;
    for (const Handled& handled : m_kept) {
        if (handled.ms <= stallMs())
            continue;
        ++stalls;
        std::fprintf(stderr, "FAIL!  : the GUI thread was busy for %.0f ms: %s\n", handled.ms, qPrintable(handled.what));
    }
    return stalls;
}

} // namespace weighbridge::test
