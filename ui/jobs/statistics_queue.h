// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/jobs/core_calls.h"
#include "ui/jobs/job_runner.h"

#include <QList>
#include <QObject>

#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weighbridge {

/// Statistics of a checkpoint's tensors in the background. Two jobs run side by side: one for what is asked for (what is visible), one
/// for the rest in file order, so that a huge tensor never stands before a visible one. The results are kept until another
/// checkpoint is set. All methods: GUI thread.
class StatisticsQueue : public QObject {
    Q_OBJECT

public:
    /// Above this number of tensors only those that are asked for are computed: the results of a million would take gigabytes.
    static constexpr size_t backgroundMaximum = 20'000;

    explicit StatisticsQueue(CoreCalls calls, QObject* parent = nullptr);

    /// Drops everything and begins with this one (null: none). The hints are of its config, if it has one.
    void setCheckpoint(CheckpointPtr checkpoint, ConfigHints hints = {});
    /// Puts these tensors before all that wait, in this order; those that are known already are passed over.
    void request(const QList<int>& tensors);
    void cancel();   ///< keeps what is there; the rest waits for resume(), what is asked for later is still computed
    void resume();

    [[nodiscard]] const CheckpointPtr& checkpoint() const { return m_checkpoint; }
    [[nodiscard]] const TensorAnalysis* analysis(int tensor) const;     ///< null while not known; valid until setCheckpoint()
    [[nodiscard]] const Error* error(int tensor) const;                 ///< why there are none; null otherwise
    [[nodiscard]] qsizetype done() const { return qsizetype(m_results.size()); } ///< results and errors
    [[nodiscard]] qsizetype unreadable() const { return m_unreadable; }          ///< the errors among them
    [[nodiscard]] qsizetype total() const;  ///< that are known or will be unless cancelled
    [[nodiscard]] bool isRunning() const { return m_asked.runner.isRunning() || m_rest.runner.isRunning(); }
    [[nodiscard]] bool isStopped() const { return m_stopped; }
    [[nodiscard]] bool isComplete() const { return m_checkpoint && done() == qsizetype(m_checkpoint->tensors.size()); }

Q_SIGNALS:
    /// Results (or errors) of these tensors have come; several at once, so that small tensors do not flood the views.
    void ready(const QList<int>& tensors);
    void runningChanged(bool running);
    /// The last of all tensors has come.
    void completed();

private:
    using Results = std::vector<std::pair<int, Result<TensorAnalysis>>>;
    struct Lane {
        JobRunner runner;
        std::vector<int> tensors; ///< that its job computes
    };

    void startJobs();
    void start(Lane& lane, std::vector<int> tensors);
    void take(Lane& lane, Results results);
    void takeError(Lane& lane, const Error& error);
    std::vector<int> nextAsked();
    std::vector<int> nextOfRest();
    [[nodiscard]] bool isOpen(int tensor) const; ///< neither known nor being computed
    [[nodiscard]] bool fillsBatch(const std::vector<int>& batch) const;
    [[nodiscard]] bool hasRest() const;

    CoreCalls m_calls;
    CheckpointPtr m_checkpoint;
    ConfigHints m_hints;
    std::unordered_map<int, Result<TensorAnalysis>> m_results; ///< node-based: pointers stay valid
    std::deque<int> m_waiting;               ///< asked for
    std::unordered_set<int> m_isComputed;    ///< by either job
    size_t m_nextOfRest = 0;
    qsizetype m_unreadable = 0;
    bool m_stopped = false;
    bool m_wasRunning = false;
    Lane m_asked, m_rest;
};

} // namespace weighbridge
