// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/jobs/core_calls.h"
#include "ui/jobs/job_runner.h"

#include <QList>
#include <QObject>

#include <deque>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// Statistics of a checkpoint's tensors in the background: what is asked for first, then the rest in file order. The results are kept
/// until another checkpoint is set. All methods: GUI thread.
class StatisticsQueue : public QObject {
    Q_OBJECT

public:
    /// Above this number of tensors only those that are asked for are computed: the results of a million would take gigabytes.
    static constexpr size_t backgroundMaximum = 20'000;

    explicit StatisticsQueue(CoreCalls calls, QObject* parent = nullptr);

    /// Drops everything and begins with this one (null: none).
    void setCheckpoint(CheckpointPtr checkpoint);
    /// Puts these tensors before all others, in this order; those that are known already are passed over.
    void request(const QList<int>& tensors);
    void cancel();   ///< keeps what is there; request() or resume() goes on
    void resume();

    [[nodiscard]] const TensorStatistics* statistics(int tensor) const; ///< null while not known; valid until setCheckpoint()
    [[nodiscard]] const Error* error(int tensor) const;                 ///< why there are none; null otherwise
    [[nodiscard]] qsizetype done() const { return qsizetype(m_results.size()); } ///< results and errors
    [[nodiscard]] qsizetype total() const;  ///< that will be computed unless cancelled
    [[nodiscard]] bool isRunning() const { return m_runner.isRunning(); }
    [[nodiscard]] bool isStopped() const { return m_stopped; }

Q_SIGNALS:
    /// Results (or errors) of these tensors have come; several at once, so that small tensors do not flood the views.
    void ready(const QList<int>& tensors);
    void runningChanged(bool running);

private:
    struct Batch;
    void next();
    void take(Batch batch);
    [[nodiscard]] std::vector<int> nextTensors();

    CoreCalls m_calls;
    CheckpointPtr m_checkpoint;
    std::unordered_map<int, Result<TensorStatistics>> m_results; ///< node-based: pointers stay valid
    std::deque<int> m_requested;
    size_t m_background = 0;  ///< next tensor of the file order
    bool m_stopped = false;
    JobRunner m_runner;
};

} // namespace weighbridge
