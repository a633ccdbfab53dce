// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/jobs/core_calls.h"
#include "ui/jobs/job_runner.h"
#include "ui/jobs/statistics_queue.h"
#include "ui/models/checkpoint_totals.h"
#include "ui/models/preferences.h"
#include "ui/models/selection.h"
#include "ui/models/tensor_tree.h"

#include <QDateTime>
#include <QFileSystemWatcher>
#include <QHash>
#include <QObject>
#include <QStringList>

#include <memory>
#include <optional>

namespace weighbridge {

/// What one window shows: a checkpoint, what is expected of it, the answer, the statistics, the selection. No widgets.
/// It calls core on pool threads, in stages, and says when each has come:
///   open() -> headerLoaded (rows and tree there) -> checked (rows and tree replaced) -> statisticsReady, again and again.
/// checked comes again when the rules that read values have run (unless the checkpoint is huge: checkValues()), and when all statistics
/// are there and say which tensors were never trained.
/// All methods and signals: GUI thread.
class Document : public QObject {
    Q_OBJECT

public:
    enum class State {
        Empty,
        Loading, ///< no header yet; what was there before is gone
        Loaded,  ///< a checkpoint, or a config that waits for one; the check may still run (isChecking())
        Failed,  ///< nothing could be read: error() says why
    };
    Q_ENUM(State)

    /// What runs, for the status bar. Nothing is worth showing before 200 ms after `since`.
    struct Activity {
        QString what;          ///< "Reading the header", "Checking", "Checking values", "Statistics"; empty: nothing runs
        quint64 done = 0;
        quint64 total = 0;     ///< 0: not known
        QDateTime since;
    };

    explicit Document(CoreCalls calls = coreCalls(), QObject* parent = nullptr);
    ~Document() override;

    /// What a drop means: a checkpoint file, index or folder replaces the open one (but keeps a config that waited for it); a config alone
    /// replaces the expectation of what is open, or waits for a checkpoint; a checkpoint and a config belong together; of two
    /// checkpoints the first is opened and the second kept as pathB(). At any time, also while something loads.
    void open(const QStringList& paths);
    void openConfig(const QString& path);        ///< empty: back to the folder's own
    /// The checkpoint that this one is compared with; empty: none.
    void setPathB(const QString& path);
    void openReference(const QString& path); ///< another checkpoint instead of a config; empty: none
    /// Statistics that were computed elsewhere (weighbridge-cli stats -o, merge -o, or all parts): in place of reading the values. Empty: none but
    /// what lies beside the checkpoint.
    void openStatistics(const QStringList& paths);
    void setClassName(const QString& className); ///< empty: the config's own
    void reload();                               ///< everything anew; the selection stays where its tensor still is
    void keep();                                 ///< answers fileChanged: go on with what was read
    void repair(const QString& out);             ///< writes a repaired copy into a new folder or file; repaired() says that it came
    void checkValues();                          ///< the check again, now with the rules that read values
    void resumeStatistics();                     ///< those that wait since cancel(), or since an address was opened
    void cancel();                               ///< stops what runs; what has come stays
    void close();
    /// What is open lies at an address.
    [[nodiscard]] bool isElsewhere() const;
    /// ... from which values must be fetched: for what is selected, or all when resumeStatistics() asks for them. What ssh reaches is looked at there instead.
    [[nodiscard]] bool fetchesValues() const;
    /// True for what the drop above takes as a config: .json, .yaml, .yml, but no index of shards.
    [[nodiscard]] static bool isConfigPath(const QString& path);

    /// True for a file of statistics; reads a few bytes of one that lies here.
    [[nodiscard]] static bool isStatisticsPath(const QString& path);

    /// Checkpoints up to this size have their values checked without being asked for; from the next one on.
    void setCheckedUnasked(uint64_t nbytes) { m_checkedUnaskedNbytes = nbytes; }

    [[nodiscard]] const CoreCalls& calls() const { return m_calls; }
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] QString path() const { return m_path; }             ///< of the checkpoint; empty while only a config is there
    [[nodiscard]] QString pathB() const { return m_pathB; }           ///< to compare with; empty if none
    [[nodiscard]] QString configPath() const { return m_configPath; } ///< given by the user; empty: the folder's own
    [[nodiscard]] QString referencePath() const { return m_referencePath; }
    [[nodiscard]] QString className() const { return m_className; }
    [[nodiscard]] CheckpointPtr checkpoint() const { return m_checkpoint; }                   ///< null before the header
    [[nodiscard]] const CheckpointTotals& totals() const { return m_totals; }                 ///< of checkpoint(); all zero without one
    [[nodiscard]] std::shared_ptr<const CheckResult> check() const { return m_check; }        ///< null before the check
    [[nodiscard]] uint64_t firstFindingParameters() const
    {
        return m_firstFindingParameters;
    } ///< elements of the tensors that the first finding of check() names
    [[nodiscard]] std::shared_ptr<const ExpectedModel> expected() const;                      ///< null if nothing is expected (yet)
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }               ///< Failed: why; Loaded: why only a part of the file could be read
    [[nodiscard]] const std::optional<Error>& checkError() const { return m_checkError; }     ///< why there is no check: config-syntax, ...
    [[nodiscard]] bool isChecking() const { return m_job == Job::Check || m_job == Job::CheckValues; }
    [[nodiscard]] bool valuesAreChecked() const { return m_valuesAreChecked; } ///< check() includes the rules that read values
    [[nodiscard]] bool fileHasChanged() const { return m_fileHasChanged; }                    ///< on disk, since it was read
    [[nodiscard]] bool canRepair() const { return m_check && mayRepair(*m_check) && !m_repairRunner.isRunning(); }
    /// What openStatistics(), or a file beside the checkpoint, came to; nothing without one.
    [[nodiscard]] const std::optional<Result<GivenStatistics>>& givenStatistics() const { return m_given; }
    [[nodiscard]] const std::optional<Result<Repaired>>& repairResult() const { return m_repair; } ///< of the last repair(); nothing before it
    [[nodiscard]] Activity activity() const;
    [[nodiscard]] bool wasStopped() const { return m_wasStopped || m_statistics.isStopped(); } ///< by cancel(): "stopped at 39 of 104"

    /// Rows and tree of a view; AfterFix is that of the selected finding, null if that has no fix (or it is not computed yet). Null while there is nothing.
    [[nodiscard]] TensorRowsPtr rows(View view = View::AsItLoads) const { return shown(view).rows; }
    [[nodiscard]] std::shared_ptr<const TensorTree> tree(View view = View::AsItLoads) const { return shown(view).tree; }

    /// Statistics by index into Checkpoint::tensors; pointers stay valid until the checkpoint changes.
    /// What is visible: computed before the rest, in this order; only the selected tensor comes before.
    void requestStatistics(const QList<int>& tensors);
    [[nodiscard]] const TensorStatistics* statistics(int tensor) const;
    [[nodiscard]] const TensorAnalysis* analysis(int tensor) const { return m_statistics.analysis(tensor); } ///< the same, with what the origin is judged by
    [[nodiscard]] const Error* statisticsError(int tensor) const { return m_statistics.error(tensor); }
    [[nodiscard]] qsizetype statisticsDone() const { return m_statistics.done(); }
    [[nodiscard]] qsizetype statisticsUnreadable() const { return m_statistics.unreadable(); } ///< of those done
    [[nodiscard]] qsizetype statisticsTotal() const { return m_statistics.total(); }
    /// Where the values come from; null until the statistics of all tensors are there.
    [[nodiscard]] std::shared_ptr<const ModelOrigin> modelOrigin() const { return m_origin; }
    [[nodiscard]] const Origin* origin(int tensor) const;
    [[nodiscard]] std::string_view originWord(int tensor) const; ///< for ValueSource::origin: "random", ...; empty while not known

    /// One selection for all views. Selecting a tensor puts its statistics first.
    void select(const Selection& selection);
    void select(TensorId tensor) { select(Selection{tensor, {}}); }
    [[nodiscard]] Selection selection() const { return m_history.current(); }
    [[nodiscard]] int selectedRow() const; ///< in rows(AsItLoads); -1 if no tensor is selected
    void back();
    void forward();
    [[nodiscard]] bool canGoBack() const { return m_history.canGoBack(); }
    [[nodiscard]] bool canGoForward() const { return m_history.canGoForward(); }

    /// Index into findings(); -1: none. Also selects the first of the finding's tensors that is there.
    void selectFinding(int finding);
    [[nodiscard]] int selectedFinding() const { return m_selectedFinding; }
    [[nodiscard]] std::string fixToCopy() const; ///< the Python of the selected finding's fix, else of the first that has some; empty: none has
    [[nodiscard]] const std::vector<Finding>& findings() const; ///< the check's, before it the reader's

Q_SIGNALS:
    void stateChanged(weighbridge::Document::State state);
    void pathsChanged();             ///< path, pathB, configPath, referencePath or className
    void headerLoaded();             ///< checkpoint(), rows(), tree() are new
    void expectedChanged();          ///< a config without a checkpoint: rows(), tree() are new
    void checked();                  ///< check(), checkError() or modelOrigin() is new; rows(), tree(), findings(), selectedFinding() with it
    void statisticsReady(const QList<int>& tensors);
    void statisticsGiven(); ///< givenStatistics() is new
    void activityChanged(); ///< at most every 30 ms
    void repairStarted();
    void repaired();                 ///< repairResult() is new
    void fileChanged();              ///< the files on disk are not those that were read any more; offer reload() or keep()
    void afterFixChanged();          ///< rows(AfterFix), tree(AfterFix) are new
    void selectionChanged(const weighbridge::Selection& selection);
    void findingSelected(int finding);

private:
    enum class Job { None, Header, Expected, Check, Statistics, CheckValues };
    struct Shown {
        TensorRowsPtr rows;
        std::shared_ptr<const TensorTree> tree;
        static Shown of(TensorRowsPtr rows);
    };
    struct Opened {
        CheckpointPtr checkpoint;
        CheckpointTotals totals;
        Shown shown;
        std::optional<Error> damage; ///< why the checkpoint is only partial
    };
    struct Checked {
        std::shared_ptr<const CheckResult> result;
        Shown asItLoads;
        uint64_t firstFindingParameters = 0;
    };
    struct Judged {
        std::shared_ptr<const ModelOrigin> origin;
        Shown asItLoads;
    };
    struct Awaited {
        std::shared_ptr<const ExpectedModel> expected;
        Shown shown;
    };

    void load();
    void loadExpected();
    void checkAgain(bool values);
    void takeHeader(Result<Opened> opened);
    void takeExpected(Result<Awaited> awaited);
    void takeCheck(Result<Checked> checked, bool values);
    void goOnWithValues(bool mayCheck);
    void lookForStatistics(std::vector<std::string> paths, bool mayCheck);
    [[nodiscard]] std::vector<std::string> statisticsPaths() const;
    [[nodiscard]] ConfigHints hints() const;
    void startStatistics();
    void judgeOrigin();
    void takeOrigin(Result<Judged> judged);
    void applySelectedFix();
    void show(View view, Shown shown);
    void fail(Error error);
    void forget();
    void begin(Job job);
    void restoreSelection();
    void watchFiles();
    void unwatchFiles();
    void lookAtFile(const QString& path);
    void setState(State state);
    [[nodiscard]] const Shown& shown(View view) const { return view == View::AfterFix ? m_afterFix : m_asItLoads; }
    [[nodiscard]] TensorId canonical(TensorId tensor) const;

    CoreCalls m_calls;
    JobRunner m_runner;
    JobRunner m_originRunner;
    JobRunner m_fixRunner;
    JobRunner m_repairRunner;    ///< a copy is written to its end whatever else is opened
    StatisticsQueue m_statistics;
    QFileSystemWatcher m_watcher;

    State m_state = State::Empty;
    Job m_job = Job::None;
    Progress m_progress, m_repairProgress;
    QDateTime m_jobSince, m_statisticsSince, m_repairSince;
    QString m_path, m_pathB, m_configPath, m_referencePath, m_className;
    CheckpointPtr m_checkpoint;
    CheckpointTotals m_totals;
    std::shared_ptr<const CheckResult> m_check;
    uint64_t m_firstFindingParameters = 0;
    std::shared_ptr<const ExpectedModel> m_expected; ///< of a config alone
    std::shared_ptr<const ModelOrigin> m_origin;
    std::optional<Error> m_error, m_checkError;
    std::optional<Result<Repaired>> m_repair;
    QStringList m_statisticsPaths; ///< that the user named
    bool m_hasLookedForStatistics = false;
    std::optional<Result<GivenStatistics>> m_given;
    uint64_t m_checkedUnaskedNbytes = Preferences::defaultCheckedUnaskedNbytes;
    bool m_valuesAreChecked = false;
    bool m_wasStopped = false;
    bool m_fileHasChanged = false;
    QHash<QString, std::pair<qint64, QDateTime>> m_filesAsRead; ///< size and time of change

    Shown m_asItLoads, m_afterFix;
    SelectionHistory m_history;
    std::string m_nameToSelect;  ///< after a reload: as soon as a tensor of this name is there
    int m_selectedFinding = -1;
};

} // namespace weighbridge
