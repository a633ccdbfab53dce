// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/event_watch.h"
#include "tests/support/patience.h"
#include "ui/jobs/job_runner.h"

#include <QSemaphore>
#include <QThreadPool>
#include <QtTest>

#include <atomic>
#include <thread>

using namespace weighbridge;

namespace {

/// A job that holds still until it is let go or stopped.
struct Gate {
    QSemaphore started;
    std::atomic<bool> open = false;
    Result<int> pass(JobContext& job, int value)
    {
        started.release();
        while (!open && !job.cancelled())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return job.cancelled() ? Result<int>(failure(cancelledError())) : Result<int>(value);
    }
};

} // namespace

class TstJobRunner : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { jobPool()->waitForDone(); }

    void deliversOnTheGuiThread()
    {
        JobRunner runner;
        QThread* workedOn = nullptr;
        QThread* deliveredOn = nullptr;
        int result = 0;
        runner.start<int>([&](JobContext&) -> Result<int> { workedOn = QThread::currentThread(); return 42; },
            [&](Result<int> value) { deliveredOn = QThread::currentThread(); result = value.value_or(-1); });
        QVERIFY(runner.isRunning());
        QTRY_COMPARE(result, 42);
        QVERIFY(!runner.isRunning());
        QCOMPARE(deliveredOn, QThread::currentThread());
        QVERIFY(workedOn != deliveredOn);
    }
    void jobsLeaveTheThreadsThatQtPaintsWith()
    {
        std::vector<std::unique_ptr<JobRunner>> runners;
        auto gate = std::make_shared<Gate>();
        for (int i = 0; i < jobPool()->maxThreadCount(); ++i) {
            runners.push_back(std::make_unique<JobRunner>());
            runners.back()->start<int>([gate](JobContext& job) { return gate->pass(job, 1); }, [](const Result<int>&) {});
            gate->started.acquire();
        }
        QSemaphore painted;
        QVERIFY(QThreadPool::globalInstance()->tryStart([&painted] { painted.release(); }));
        QVERIFY(painted.tryAcquire(1, 5000));
        gate->open = true;
    }
    void cancelReachesTheJobAndItsAnswerComes()
    {
        JobRunner runner;
        auto gate = std::make_shared<Gate>();
        std::string rule;
        runner.start<int>([gate](JobContext& job) { return gate->pass(job, 1); }, [&](Result<int> value) { rule = value ? "value" : value.error().rule; });
        gate->started.acquire();
        runner.cancel();
        QVERIFY(runner.isCancelled());
        QTRY_COMPARE(rule, "cancelled");
    }
    void aSupersededJobIsStoppedAndDropped()
    {
        JobRunner runner;
        auto gate = std::make_shared<Gate>();
        QList<int> results;
        const auto done = [&](Result<int> value) { results.append(value.value_or(-1)); };
        runner.start<int>([gate](JobContext& job) { return gate->pass(job, 1); }, done);
        gate->started.acquire();
        runner.start<int>([](JobContext&) -> Result<int> { return 2; }, done);
        QTRY_COMPARE(results, QList<int>{2});
        jobPool()->waitForDone();
        QTest::qWait(20);
        QCOMPARE(results, QList<int>{2});
    }
    void aDestroyedRunnerStopsItsJobAndDeliversNothing()
    {
        auto gate = std::make_shared<Gate>();
        bool delivered = false;
        {
            JobRunner runner;
            runner.start<int>([gate](JobContext& job) { return gate->pass(job, 1); }, [&](Result<int>) { delivered = true; });
            gate->started.acquire();
        }
        QVERIFY(jobPool()->waitForDone(5000)); // only a stopped job ends
        QTest::qWait(20);
        QVERIFY(!delivered);
    }
    void theRunnerMayBeDestroyedByItsOwnDelivery()
    {
        auto runner = std::make_unique<JobRunner>();
        bool delivered = false;
        runner->start<int>([](JobContext&) -> Result<int> { return 1; }, [&](Result<int>) { runner.reset(); delivered = true; });
        QTRY_VERIFY(delivered);
        QVERIFY(!runner);
    }
    void aDeliveryMayStartTheNextJob()
    {
        JobRunner runner;
        QList<int> results;
        runner.start<int>([](JobContext&) -> Result<int> { return 1; }, [&](Result<int> first) {
            results.append(*first);
            runner.start<int>([](JobContext&) -> Result<int> { return 2; }, [&](Result<int> second) { results.append(*second); });
        });
        QTRY_COMPARE(results, (QList<int>{1, 2}));
    }
    void progressComesNowAndThenWithTheNewestNumber()
    {
        JobRunner runner;
        auto gate = std::make_shared<Gate>();
        QList<quint64> seen;
        connect(&runner, &JobRunner::progressed, this, [&](const Progress& progress) { seen.append(progress.done); });
        bool done = false;
        runner.start<int>(
            [gate](JobContext& job) {
                for (uint64_t i = 1; i <= 100'000; ++i)
                    job.report({"bytes", i, 100'000});
                return gate->pass(job, 1);
            },
            [&](Result<int>) { done = true; });
        QTRY_VERIFY(!seen.isEmpty() && seen.last() == 100'000);
        QVERIFY2(seen.size() < 1000, "every report became a signal");
        gate->open = true;
        QTRY_VERIFY(done);
    }
    void memoryThatRunsOutIsAnError()
    {
        JobRunner runner;
        std::string rule;
        runner.start<int>([](JobContext&) -> Result<int> { throw std::bad_alloc(); }, [&](Result<int> value) { rule = value ? "" : value.error().rule; });
        QTRY_COMPARE(rule, "memory");
    }
};

WATCHED_GUILESS_MAIN(TstJobRunner)
#include "tst_job_runner.moc"
