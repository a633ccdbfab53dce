// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/pair_sample.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/comparison_overview.h"
#include "ui/models/difference_model.h"
#include "ui/models/document.h"

#include <QDateTime>
#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

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
    /// Null before the structure is known. While values are compared its pairs change, on the GUI thread only: other threads take a snapshot().
    [[nodiscard]] std::shared_ptr<const Difference> difference() const { return m_difference; }
    using Snapshot = std::function<std::shared_ptr<const Difference>()>;
    /// Gives the difference as it is when it is called, on any thread: of a million pairs a copy takes longer than a frame. Null if difference() is.
    [[nodiscard]] Snapshot snapshot() const;
    /// Of difference(), as it was when structureReady() or valuesReady() came; null as difference() is.
    [[nodiscard]] std::shared_ptr<DifferenceRows> rows() const { return m_rows; }
    [[nodiscard]] std::shared_ptr<const ComparisonOverview> overview() const { return m_overview; }
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }
    [[nodiscard]] Document::Activity activity() const; ///< empty if nothing runs
    [[nodiscard]] size_t comparedPairs() const { return m_compared; } ///< whose values have come
    [[nodiscard]] double seconds() const { return m_seconds; } ///< that the comparison took

    /// The pair that all views show; -1: none.
    void select(int pair);
    [[nodiscard]] int selected() const { return m_selected; }
    [[nodiscard]] const std::optional<Plots>& plots() const { return m_plots; }
    [[nodiscard]] QString plotsError() const { return m_plotsError; } ///< why there are none

Q_SIGNALS:
    void stateChanged();
    void structureReady();       ///< difference() is new
    void pairsCompared(const std::vector<int>& pairs); ///< values of some pairs of difference() have come
    void valuesReady();          ///< difference() has all values that will come, and a relation
    void activityChanged();
    void selectionChanged();
    void plotsChanged();

private:
    using DifferencePtr = std::shared_ptr<Difference>;
    /// All that is shown of a difference, made off the GUI thread.
    struct Shown {
        DifferencePtr difference;
        std::shared_ptr<DifferenceRows> rows;
        std::shared_ptr<const ComparisonOverview> overview;
    };
    /// What alignment gives: what is shown, and the same difference for the thread that compares the values.
    struct Aligned {
        Shown shown;
        DifferencePtr compared;
    };
    struct Compared {
        Shown shown;
        size_t pairs = 0;        ///< with values
        int mostChanged = -1;
    };
    /// Pairs on their way from the pool to the GUI thread.
    struct Arrivals;
    using Mutex = std::shared_ptr<std::mutex>;

    void start(std::function<Result<Difference>(JobContext&)> align);
    void takeStructure(Result<Aligned> aligned);
    void compareAllValues(DifferencePtr compared);
    void takeArrivals();
    void takeValues(Result<Compared> compared);
    void show(Shown shown);
    [[nodiscard]] static Compared summedUp(DifferencePtr difference, std::shared_ptr<const DifferenceTree> tree);
    void setState(State state);
    void forgetPlots();

    JobRunner m_runner;
    JobRunner m_plotRunner;
    State m_state = State::Empty;
    DifferencePtr m_difference;
    Mutex m_pairsMutex = std::make_shared<std::mutex>(); ///< of m_difference's pairs while values are compared
    std::shared_ptr<DifferenceRows> m_rows;
    std::shared_ptr<const ComparisonOverview> m_overview;
    std::shared_ptr<Arrivals> m_arrivals;
    QTimer m_arrivalTimer;
    size_t m_compared = 0;
    std::optional<Error> m_error;
    Progress m_progress;
    QDateTime m_since;
    double m_seconds = 0;
    int m_selected = -1;
    std::optional<Plots> m_plots;
    QString m_plotsError;
};

} // namespace weighbridge
