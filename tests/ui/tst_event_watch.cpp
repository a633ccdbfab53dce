// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What fails the tests of the window when its thread stands still, and what does not.
#include "tests/support/event_watch.h"
#include "tests/support/patience.h"

#include <QEventLoop>
#include <QTest>
#include <QTimer>

#include <chrono>
#include <functional>
#include <thread>

#include <time.h>

using namespace weighbridge::test;

namespace {

void work(double ms)
{
    const auto cpuMs = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
    };
    for (const double begin = cpuMs(); cpuMs() - begin < ms;)
        continue;
}

} // namespace

class TestEventWatch : public QObject {
    Q_OBJECT

public:
    explicit TestEventWatch(EventWatch& watch)
        : m_watch(watch)
    {
    }

private:
    EventWatch& m_watch;

    /// Has this done by an event, and waits until it is.
    void handle(const std::function<void()>& act)
    {
        bool isDone = false;
        QTimer::singleShot(0, this, [&] {
            act();
            isDone = true;
        });
        QTRY_VERIFY(isDone);
    }

private Q_SLOTS:
    void init() { m_watch.forget(); }

    void quickEventsPass()
    {
        handle([] { work(EventWatch::stallMs() / 10); });
        QCOMPARE(m_watch.reportStalls(), 0);
    }
    void workIsAStall()
    {
        handle([] { work(EventWatch::stallMs() * 1.1); });
        QCOMPARE(m_watch.reportStalls(), 1);
        QVERIFY2(m_watch.kept()[0].what.contains(QStringLiteral("workIsAStall")), qPrintable(m_watch.kept()[0].what));
    }
    void waitingIsAStall()
    {
        handle([] { std::this_thread::sleep_for(std::chrono::milliseconds(int(EventWatch::stallMs() * 1.2))); });
        QCOMPARE(m_watch.reportStalls(), 1);
    }
    void aDialogsOwnLoopIsNone()
    {
        handle([] {
            QEventLoop loop;
            QTimer::singleShot(int(EventWatch::stallMs() * 1.5), &loop, &QEventLoop::quit);
            loop.exec();
        });
        QCOMPARE(m_watch.reportStalls(), 0);
    }
    void aStallInADialogsLoopIsCountedOnce()
    {
        handle([] {
            QEventLoop loop;
            QTimer::singleShot(0, &loop, [&loop] {
                work(EventWatch::stallMs() * 1.1);
                loop.quit();
            });
            loop.exec();
        });
        QCOMPARE(m_watch.reportStalls(), 1);
    }
};

int main(int argc, char** argv)
{
    Watched<QCoreApplication> application(argc, argv);
    TestEventWatch test(application);
    return QTest::qExec(&test, argc, argv);
}
#include "tst_event_watch.moc"
