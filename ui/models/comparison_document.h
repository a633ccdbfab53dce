// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/pair_sample.h"
#include "ui/jobs/job_runner.h"

#include <QDateTime>
#include <QObject>
#include <QString>

#include <memory>
#include <optional>

namespace weighbridge {

/// What the Compare page shows: A against B, in stages. First the structure, then the values as they come, then what B is.
/// All work is done on the pool; all methods: GUI thread.
class ComparisonDocument : public QObject {
    Q_OBJECT
public:
    enum class State { Empty, Opening, Comparing, Compared, Stopped, Failed };

    /// Two sides of a plot, of the selected pair.
    struct Plots {
        PairHistograms histograms;
        PairDensity density;
        double stdA = 0, stdB = 0;
        size_t sampled = 0;
        uint64_t count = 0;
    };

    explicit ComparisonDocument(QObject* parent = nullptr);

    /// A is open already; B is a path.
    void compare(CheckpointPtr a, const QString& pathB);
    void swapSides();
    void clear();
    void cancel();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isBusy() const { return m_runner.isRunning(); }
    [[nodiscard]] const std::shared_ptr<const Difference>& difference() const { return m_difference; } ///< null before the structure is known
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }
    [[nodiscard]] const Progress& progress() const { return m_progress; }
    [[nodiscard]] double seconds() const { return m_seconds; } ///< that the comparison took

    /// The pair that all views show; -1: none.
    void select(int pair);
    [[nodiscard]] int selected() const { return m_selected; }
    [[nodiscard]] const std::optional<Plots>& plots() const { return m_plots; }
    [[nodiscard]] QString plotsError() const { return m_plotsError; } ///< why there are none

Q_SIGNALS:
    void stateChanged();
    void structureReady();       ///< difference() is new
    void valuesReady();          ///< difference() has values and a relation
    void progressed();
    void selectionChanged();
    void plotsChanged();

private:
    using DifferencePtr = std::shared_ptr<const Difference>;
    void start(std::function<Result<DifferencePtr>(JobContext&)> align);
    void takeStructure(Result<DifferencePtr> difference);
    void compareAllValues();
    void takeValues(Result<DifferencePtr> difference);
    void setState(State state);
    void forgetPlots();

    JobRunner m_runner;
    JobRunner m_plotRunner;
    State m_state = State::Empty;
    DifferencePtr m_difference;
    std::optional<Error> m_error;
    Progress m_progress;
    QDateTime m_since;
    double m_seconds = 0;
    int m_selected = -1;
    std::optional<Plots> m_plots;
    QString m_plotsError;
};

} // namespace weighbridge
