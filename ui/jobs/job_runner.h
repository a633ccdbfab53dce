// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"

#include <QFutureWatcher>
#include <QObject>
#include <QPromise>
#include <QThreadPool>
#include <QTimer>
#include <QtConcurrent/QtConcurrentRun>

#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

namespace weighbridge {

/// What a job reports to the one that waits for it; the job's thread writes, the GUI thread reads.
class JobState {
public:
    void set(const Progress& progress);
    /// The newest report, once; false if there was none since.
    bool takeNew(Progress& out);
    std::stop_source stop;

private:
    std::mutex m_mutex;
    Progress m_progress; ///< guarded by m_mutex
    bool m_isNew = false; ///< guarded by m_mutex
};

/// The threads of all jobs, as many as the machine has processors. Not Qt's global pool: with that one occupied, painting waits for the jobs,
/// because Qt fills large areas on its threads. GUI thread; ends with the application, when its jobs have.
[[nodiscard]] QThreadPool* jobPool();

/// Gives the memory of large things back on a pool thread: the strings of a million tensors take longer than a frame. GUI thread.
template <typename... T>
void letGo(std::shared_ptr<T>... things)
{
    if ((... || things))
        jobPool()->start([... things = std::move(things)] {});
}

/// Runs one core call at a time on a pool thread and hands its result back on the GUI thread. Starting another supersedes the one
/// that runs: it is stopped and its result dropped. Destroying the runner does the same; the call itself may end later, so
/// it must own all that it uses (shared_ptr<const T>). All methods: GUI thread.
class JobRunner : public QObject {
    Q_OBJECT

public:
    static constexpr int progressIntervalMs = 30;

    explicit JobRunner(QObject* parent = nullptr);
    ~JobRunner() override;

    /// `work` runs on the pool; `done` gets what it returned, on the GUI thread, unless superseded. A job that cancel() stopped gives what
    /// `work` returned then, as a rule Error "cancelled". Memory that runs out becomes Error "memory".
    template <typename T>
    void start(std::function<Result<T>(JobContext&)> work, std::function<void(Result<T>)> done);

    /// Asks the job to stop; its result still comes.
    void cancel();
    /// Asks the job to stop and drops its result.
    void drop();
    [[nodiscard]] bool isRunning() const { return m_state != nullptr; }
    [[nodiscard]] bool isCancelled() const { return m_state && m_state->stop.stop_requested(); }

Q_SIGNALS:
    /// At most every progressIntervalMs, and only if something new was reported.
    void progressed(const weighbridge::Progress& progress);
    void runningChanged(bool running);

private:
    void begin(std::shared_ptr<JobState> state);
    void end();
    void poll();

    std::shared_ptr<JobState> m_state; ///< of the job that runs; null if none does
    quint64 m_generation = 0;
    QTimer m_timer;
};

template <typename T>
void JobRunner::start(std::function<Result<T>(JobContext&)> work, std::function<void(Result<T>)> done)
{
    auto state = std::make_shared<JobState>();
    begin(state);
    auto* watcher = new QFutureWatcher<Result<T>>(this);
    connect(watcher, &QFutureWatcherBase::finished, this, [this, watcher, generation = m_generation, done = std::move(done)] {
        watcher->deleteLater();
        if (generation != m_generation)
            return;
        end();
        done(watcher->future().takeResult());
    });
    watcher->setFuture(QtConcurrent::run(jobPool(), [state, work = std::move(work)](QPromise<Result<T>>& promise) {
        JobContext job{state->stop.get_token(), [state](const Progress& progress) { state->set(progress); }};
        try {
            promise.addResult(job.cancelled() ? Result<T>(failure(cancelledError())) : work(job));
        } catch (const std::bad_alloc&) {
            promise.addResult(Result<T>(failure("memory", "There is not enough memory for this.")));
        }
    }));
}

} // namespace weighbridge
