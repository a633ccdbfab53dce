// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/document.h"

#include "core/base/limits.h"
#include "core/remote/address.h"
#include "core/remote/ssh_address.h"
#include "core/statistics/statistics_part.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>

namespace weighbridge {
namespace {

/// Of a finding's tensors so many are tried when one is to be selected.
constexpr size_t maximumTried = 100;
/// Of a tensor at an address so many bytes are fetched when it is selected.
constexpr uint64_t fetchedUnasked = 32 * limits::MiB;

QString cleanPath(const QString& path)
{
    return path.isEmpty() || isAddress(path.toStdString()) ? path : QDir::cleanPath(path);
}

} // namespace

Document::Shown Document::Shown::of(TensorRowsPtr rows)
{
    if (!rows)
        return {};
    auto tree = std::make_shared<const TensorTree>(rows);
    return {std::move(rows), std::move(tree)};
}

Document::Document(CoreCalls calls, QObject* parent) : QObject(parent), m_calls(std::move(calls)), m_statistics(m_calls)
{
    connect(&m_runner, &JobRunner::progressed, this, [this](const Progress& progress) {
        m_progress = progress;
        Q_EMIT activityChanged();
    });
    connect(&m_repairRunner, &JobRunner::progressed, this, [this](const Progress& progress) {
        m_repairProgress = progress;
        Q_EMIT activityChanged();
    });
    connect(&m_statistics, &StatisticsQueue::ready, this, [this](const QList<int>& tensors) {
        Q_EMIT statisticsReady(tensors);
        Q_EMIT activityChanged();
    });
    connect(&m_statistics, &StatisticsQueue::runningChanged, this, [this](bool running) {
        m_statisticsSince = running ? QDateTime::currentDateTime() : QDateTime();
        Q_EMIT activityChanged();
    });
    connect(&m_statistics, &StatisticsQueue::completed, this, &Document::judgeOrigin);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, &Document::lookAtFile);
}

Document::~Document() = default;

bool Document::isConfigPath(const QString& path)
{
    const QString name = QFileInfo(path).fileName().toLower();
    const bool isText = name.endsWith(QLatin1String(".json")) || name.endsWith(QLatin1String(".yaml")) || name.endsWith(QLatin1String(".yml"));
    return isText && !name.endsWith(QLatin1String(".index.json")) && !QFileInfo(path).isDir();
}

void Document::open(const QStringList& paths)
{
    QStringList checkpoints, statistics;
    QString config;
    for (const QString& path : paths) {
        if (isStatisticsPath(path))
            statistics.append(path);
        else if (isConfigPath(path))
            config = path;
        else if (!path.isEmpty())
            checkpoints.append(cleanPath(path));
    }
    if (checkpoints.isEmpty() && !statistics.isEmpty())
        return openStatistics(statistics);
    if (checkpoints.isEmpty()) {
        if (!config.isEmpty())
            openConfig(config);
        return;
    }
    const bool configWaits = m_path.isEmpty();
    if (!configWaits)
        m_className.clear();
    if (!configWaits || !config.isEmpty())
        m_configPath = config;
    m_referencePath.clear();
    m_path = checkpoints[0];
    m_pathB = checkpoints.value(1);
    m_statisticsPaths = statistics;
    m_nameToSelect.clear();
    load();
}

void Document::openConfig(const QString& path)
{
    m_configPath = path;
    m_referencePath.clear();
    m_className.clear();
    if (m_state == State::Failed)
        m_path.clear();
    if (m_path.isEmpty())
        loadExpected();
    else if (m_checkpoint)
        checkAgain(m_valuesAreChecked);
    Q_EMIT pathsChanged();
}

void Document::openReference(const QString& path)
{
    m_referencePath = cleanPath(path);
    if (m_checkpoint)
        checkAgain(m_valuesAreChecked);
    Q_EMIT pathsChanged();
}

bool Document::isStatisticsPath(const QString& path)
{
    if (isAddress(path.toStdString()))
        return path.endsWith(QLatin1String(".statistics.json"));
    return path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive) && isPartDocument(path.toStdString());
}

void Document::openStatistics(const QStringList& paths)
{
    m_statisticsPaths = paths;
    if (m_checkpoint) {
        m_statistics.setCheckpoint(nullptr);
        m_hasLookedForStatistics = false;
        if (m_job == Job::None || m_job == Job::CheckValues)
            goOnWithValues(m_check != nullptr); // else it comes with what runs
    } else if (m_state == State::Empty && !paths.isEmpty()) {
        fail(Error("not-a-checkpoint", "This file holds statistics of a checkpoint, not the checkpoint.")
                 .at(paths.front().toStdString())
                 .fixedBy("Open the checkpoint first, or drop both at once."));
    }
}

void Document::setPathB(const QString& path)
{
    m_pathB = cleanPath(path);
    Q_EMIT pathsChanged();
}

void Document::setClassName(const QString& className)
{
    if (className == m_className)
        return;
    m_className = className;
    if (m_checkpoint)
        checkAgain(m_valuesAreChecked);
    else if (m_path.isEmpty())
        loadExpected();
    Q_EMIT pathsChanged();
}

void Document::reload()
{
    if (m_path.isEmpty()) {
        loadExpected();
        return;
    }
    if (const int row = selectedRow(); row >= 0)
        m_nameToSelect = rows()->rows()[static_cast<size_t>(row)].name;
    load();
}

void Document::keep()
{
    unwatchFiles();
    watchFiles();
}

void Document::checkValues()
{
    if (m_checkpoint && !m_valuesAreChecked && m_job != Job::CheckValues)
        checkAgain(true);
}

void Document::repair(const QString& out)
{
    if (!canRepair())
        return;
    m_repairProgress = {};
    m_repairSince = QDateTime::currentDateTime();
    m_repairRunner.start<Repaired>([write = m_calls.repair, check = m_check, path = QDir::cleanPath(out).toStdString()](JobContext& job) { return write(check, path, job); },
                                   [this](Result<Repaired> result) {
                                       m_repair = std::move(result);
                                       Q_EMIT activityChanged();
                                       Q_EMIT repaired();
                                   });
    Q_EMIT activityChanged();
    Q_EMIT repairStarted();
}

void Document::cancel()
{
    if (m_repairRunner.isRunning()) { // one Esc for each: the copy is what the status bar shows
        m_repairRunner.cancel();
        return;
    }
    m_wasStopped = m_wasStopped || m_runner.isRunning();
    m_runner.cancel();
    m_statistics.cancel();
}

void Document::resumeStatistics()
{
    m_wasStopped = false;
    m_statistics.resume();
    Q_EMIT activityChanged();
}

bool Document::isElsewhere() const
{
    return isAddress(m_path.toStdString());
}

bool Document::fetchesValues() const
{
    return isElsewhere() && !isSshAddress(m_path.toStdString());
}

void Document::close()
{
    m_path.clear();
    m_pathB.clear();
    m_configPath.clear();
    m_referencePath.clear();
    m_className.clear();
    m_statisticsPaths.clear();
    forget();
    begin(Job::None);
    setState(State::Empty);
    Q_EMIT pathsChanged();
}

std::shared_ptr<const ExpectedModel> Document::expected() const
{
    return m_check ? m_check->expected : m_expected;
}

Document::Activity Document::activity() const
{
    if (m_repairRunner.isRunning())
        return {m_repairProgress.what == "verifying" ? tr("Reading the copy back") : tr("Writing the copy"), m_repairProgress.done, m_repairProgress.total, m_repairSince};
    switch (m_job) {
    case Job::Header: return {tr("Reading the header"), m_progress.done, m_progress.total, m_jobSince};
    case Job::Expected: return {tr("Reading the config"), m_progress.done, m_progress.total, m_jobSince};
    case Job::Check: return {tr("Checking"), m_progress.done, m_progress.total, m_jobSince};
    case Job::Statistics: return {tr("Reading statistics"), m_progress.done, m_progress.total, m_jobSince};
    case Job::CheckValues: return {tr("Checking values"), m_progress.done, m_progress.total, m_jobSince};
    case Job::None: break;
    }
    if (m_statistics.isRunning())
        return {tr("Statistics"), quint64(m_statistics.done()), quint64(m_statistics.total()), m_statisticsSince};
    return {};
}

const TensorStatistics* Document::statistics(int tensor) const
{
    const TensorAnalysis* analysis = m_statistics.analysis(tensor);
    return analysis ? &analysis->statistics : nullptr;
}

const Origin* Document::origin(int tensor) const
{
    return m_origin && tensor >= 0 && static_cast<size_t>(tensor) < m_origin->tensors.size() ? &m_origin->tensors[static_cast<size_t>(tensor)] : nullptr;
}

std::string_view Document::originWord(int tensor) const
{
    const Origin* known = origin(tensor);
    return known ? name(known->verdict) : std::string_view();
}

void Document::requestStatistics(const QList<int>& tensors)
{
    QList<int> asked = fetchesValues() ? QList<int>() : tensors; // what is only on the screen is not fetched
    const int row = selectedRow();
    if (const int found = row < 0 ? -1 : rows()->rows()[static_cast<size_t>(row)].found; found >= 0) {
        asked.removeOne(found);
        if (!fetchesValues() || m_checkpoint->tensors[static_cast<size_t>(found)].nbytes() <= fetchedUnasked)
            asked.prepend(found);
    }
    m_statistics.request(asked);
}

void Document::select(const Selection& selection)
{
    m_nameToSelect.clear();
    m_isFirstFinding = false;
    if (!m_history.add({canonical(selection.tensor), selection.module}))
        return;
    requestStatistics({});
    Q_EMIT selectionChanged(m_history.current());
}

int Document::selectedRow() const
{
    return rows() ? rows()->rowOf(m_history.current().tensor) : -1;
}

void Document::back()
{
    if (m_history.back())
        Q_EMIT selectionChanged(m_history.current());
}

void Document::forward()
{
    if (m_history.forward())
        Q_EMIT selectionChanged(m_history.current());
}

void Document::selectFinding(int finding)
{
    const int chosen = finding >= 0 && static_cast<size_t>(finding) < findings().size() ? finding : -1;
    if (m_selectedFinding == chosen)
        return;
    m_selectedFinding = chosen;
    m_isFirstFinding = false;
    applySelectedFix();
    Q_EMIT findingSelected(chosen);
    if (chosen < 0 || m_selectedFinding != chosen || !rows())
        return;
    const std::vector<std::string>& tensors = findings()[static_cast<size_t>(chosen)].tensors;
    for (size_t i = 0; i < std::min(tensors.size(), maximumTried); ++i) {
        if (const int row = rows()->rowNamed(tensors[i]); row >= 0) {
            select(rows()->rows()[static_cast<size_t>(row)].id);
            return;
        }
    }
}

void Document::selectFirstFinding(int finding)
{
    selectFinding(finding);
    m_isFirstFinding = m_selectedFinding == finding;
}

std::string Document::fixToCopy() const
{
    const std::vector<Finding>& all = findings();
    if (m_selectedFinding >= 0 && !all[static_cast<size_t>(m_selectedFinding)].fix.python.empty())
        return all[static_cast<size_t>(m_selectedFinding)].fix.python;
    const auto first = std::find_if(all.begin(), all.end(), [](const Finding& finding) { return !finding.fix.python.empty(); });
    return first == all.end() ? std::string() : first->fix.python;
}

const std::vector<Finding>& Document::findings() const
{
    static const std::vector<Finding> none;
    return m_check ? m_check->findings : m_checkpoint ? m_checkpoint->findings : none;
}

} // namespace weighbridge
