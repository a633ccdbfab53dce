// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/event_watch.h"

#include <QEvent>
#include <QMetaEnum>
#include <QTest>

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

} // namespace

double EventWatch::stallMs()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 1000;
#elif defined(NDEBUG)
    return 50;
#else
    return 300;
#endif
}

EventWatch::Time EventWatch::Time::now()
{
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return {msOf(CLOCK_THREAD_CPUTIME_ID), msOf(CLOCK_MONOTONIC), usage.ru_nvcsw};
}

void EventWatch::Time::add(const Time& other)
{
    cpuMs += other.cpuMs;
    wallMs += other.wallMs;
    waits += other.waits;
}

void EventWatch::Time::take(const Time& other)
{
    cpuMs -= other.cpuMs;
    wallMs -= other.wallMs;
    waits -= other.waits;
}

bool EventWatch::begin(int loopLevel)
{
    endIdle();
    if (!m_frames.empty() && m_frames.back().loopLevel == loopLevel)
        return false;
    m_frames.push_back({Time::now(), {}, loopLevel});
    return true;
}

void EventWatch::beginIdle()
{
    if (!m_frames.empty())
        m_idleSince = Time::now();
}

void EventWatch::endIdle()
{
    if (!m_idleSince)
        return;
    Time idle = Time::now();
    idle.take(*m_idleSince);
    m_idleSince.reset();
    m_frames.back().others.add(idle);
}

/// Waiting is what the thread did if it gave the processor away by itself and the time that passed was not its work.
void EventWatch::end(const char* className, int type)
{
    endIdle();
    const Frame frame = m_frames.back();
    m_frames.pop_back();
    Time own = Time::now();
    own.take(frame.start);
    if (!m_frames.empty())
        m_frames.back().others.add(own);
    own.take(frame.others);
    const bool waited = own.waits > 0 && own.wallMs > 4 * own.cpuMs;
    const double ms = waited ? own.wallMs : own.cpuMs;
    if (ms < m_keptFromMs)
        return;
    const char* name = QMetaEnum::fromType<QEvent::Type>().valueToKey(type);
    const char* function = QTest::currentTestFunction();
    m_kept.push_back({ms, QStringLiteral("%1 to %2 (%3)")
                              .arg(QLatin1String(name ? name : "event"), QLatin1String(className), QLatin1String(function ? function : ""))});
}

double EventWatch::longestMs() const
{
    double longest = 0;
    for (const Handled& handled : m_kept)
        longest = std::max(longest, handled.ms);
    return longest;
}

int EventWatch::reportStalls() const
{
    int stalls = 0;
    const Handled* longest = nullptr;
    for (const Handled& handled : m_kept) {
        if (!longest || handled.ms > longest->ms)
            longest = &handled;
        if (handled.ms <= stallMs())
            continue;
        ++stalls;
        std::fprintf(stderr, "FAIL!  : the GUI thread was busy for %.0f ms: %s\n", handled.ms, qPrintable(handled.what));
    }
    if (longest)
        std::printf("Longest event: %.0f ms of the %.0f ms that are allowed: %s\n", longest->ms, stallMs(), qPrintable(longest->what));
    return stalls;
}

} // namespace weighbridge::test
