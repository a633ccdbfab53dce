// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The stages of Document: what runs, and what happens when it has come. A job is started before signals are sent, so that a slot that
// opens something else supersedes it.
#include "ui/models/document.h"

#include "core/statistics/statistics_part.h"

#include <QFileInfo>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace weighbridge {
namespace {

/// More files than this are not watched: inotify's watches are limited per user.
constexpr qsizetype maximumWatched = 500;

/// Of the tensors that the first finding names.
uint64_t parametersOfFirstFinding(const CheckResult& check)
{
    if (check.findings.empty())
        return 0;
    const std::vector<std::string>& tensors = check.findings.front().tensors;
    const std::unordered_set<std::string_view> names(tensors.begin(), tensors.end());
    uint64_t out = 0;
    for (const TensorInfo& tensor : check.checkpoint->tensors)
        if (names.contains(tensor.name))
            out += tensor.elements();
    return out;
}

} // namespace

void Document::load()
{
    forget();
    begin(Job::Header);
    m_runner.start<Opened>(
        [open = m_calls.openCheckpoint, path = m_path.toStdString()](JobContext& job) -> Result<Opened> {
            auto checkpoint = open(path, job);
            if (!checkpoint && !checkpoint.error().partial)
                return tl::unexpected(checkpoint.error());
            const CheckpointPtr readable = checkpoint ? *checkpoint : checkpoint.error().partial;
            return Opened{readable, CheckpointTotals(*readable), Shown::of(TensorRows::fromCheckpoint(readable)),
                          checkpoint ? std::nullopt : std::optional(checkpoint.error())};
        },
        [this](Result<Opened> opened) { takeHeader(std::move(opened)); });
    setState(State::Loading);
    Q_EMIT pathsChanged();
}

void Document::takeHeader(Result<Opened> opened)
{
    begin(Job::None);
    if (!opened) {
        fail(opened.error());
        return;
    }
    m_checkpoint = opened->checkpoint;
    m_totals = opened->totals;
    m_error = opened->damage;
    show(View::AsItLoads, opened->shown);
    watchFiles();
    checkAgain(false);
    setState(State::Loaded);
    if (m_checkpoint != opened->checkpoint)
        return;
    Q_EMIT headerLoaded();
    restoreSelection();
}

void Document::loadExpected()
{
    forget();
    if (m_configPath.isEmpty()) {
        begin(Job::None);
        setState(State::Empty);
        return;
    }
    begin(Job::Expected);
    m_runner.start<Awaited>(
        [read = m_calls.expectedModel, path = m_configPath.toStdString(), className = m_className.toStdString()](JobContext& job) -> Result<Awaited> {
            auto expected = read(path, className, job);
            if (!expected)
                return tl::unexpected(expected.error());
            return Awaited{*expected, Shown::of(TensorRows::fromExpected(*expected))};
        },
        [this](Result<Awaited> awaited) { takeExpected(std::move(awaited)); });
    setState(State::Loading);
}

void Document::takeExpected(Result<Awaited> awaited)
{
    begin(Job::None);
    if (!awaited) {
        fail(awaited.error());
        return;
    }
    m_expected = awaited->expected;
    show(View::AsItLoads, awaited->shown);
    watchFiles();
    setState(State::Loaded);
    Q_EMIT expectedChanged();
}

void Document::checkAgain(bool values)
{
    const CheckOptions options{m_configPath.toStdString(), m_className.toStdString(), m_referencePath.toStdString(), values};
    begin(values ? Job::CheckValues : Job::Check);
    m_runner.start<Checked>(
        [check = m_calls.checkCheckpoint, checkpoint = m_checkpoint, options, origin = m_origin](JobContext& job) -> Result<Checked> {
            auto result = check(checkpoint, options, job);
            if (!result)
                return tl::unexpected(result.error());
            return Checked{*result, Shown::of(TensorRows::fromCheck(*result, View::AsItLoads, origin.get())), parametersOfFirstFinding(**result)};
        },
        [this, values](Result<Checked> checked) { takeCheck(std::move(checked), values); });
    Q_EMIT activityChanged();
}

void Document::takeCheck(Result<Checked> checked, bool values)
{
    begin(Job::None);
    if (!checked) {
        if (checked.error().rule != "cancelled")
            m_checkError = checked.error();
        goOnWithValues(false);
        if (m_wasStopped)
            m_statistics.cancel();
        Q_EMIT activityChanged();
        Q_EMIT this->checked();
        return;
    }
    const std::optional<Finding> selected =
        m_selectedFinding < 0 || m_isFirstFinding ? std::nullopt : std::optional(findings()[static_cast<size_t>(m_selectedFinding)]);
    m_checkError.reset();
    letGo(std::exchange(m_check, checked->result));
    show(View::AsItLoads, checked->asItLoads);
    m_firstFindingParameters = checked->firstFindingParameters;
    m_valuesAreChecked = values;
    m_history.translate([this](TensorId tensor) { return canonical(tensor); });
    m_selectedFinding = -1;
    for (size_t i = 0; selected && i < m_check->findings.size(); ++i)
        if (m_check->findings[i].rule == selected->rule && m_check->findings[i].title == selected->title)
            m_selectedFinding = int(i);
    applySelectedFix();
    watchFiles();
    goOnWithValues(true);
    Q_EMIT this->checked();
    restoreSelection();
}

/// What others computed is taken before any value is read.
void Document::goOnWithValues(bool mayCheck)
{
    std::vector<std::string> paths = m_hasLookedForStatistics ? std::vector<std::string>() : statisticsPaths();
    if (!paths.empty())
        return lookForStatistics(std::move(paths), mayCheck);
    startStatistics();
    if (mayCheck && !m_valuesAreChecked && m_totals.nbytes <= m_checkedUnaskedNbytes)
        checkAgain(true);
    else
        Q_EMIT activityChanged();
}

/// Those that the user named, or the one that may lie beside the checkpoint. A web server is not asked for one unasked.
std::vector<std::string> Document::statisticsPaths() const
{
    std::vector<std::string> out;
    for (const QString& path : m_statisticsPaths)
        out.push_back(path.toStdString());
    const std::string beside = statisticsPathBeside(m_path.toStdString());
    if (out.empty() && !m_path.isEmpty() && !fetchesValues() && (isElsewhere() || QFileInfo::exists(QString::fromStdString(beside))))
        out.push_back(beside);
    return out;
}

void Document::lookForStatistics(std::vector<std::string> paths, bool mayCheck)
{
    begin(Job::Statistics);
    m_runner.start<GivenStatistics>([use = m_calls.useStatistics, checkpoint = m_checkpoint, hints = hints(),
                                     paths = std::move(paths)](JobContext& job) { return use(checkpoint, hints, paths, job); },
                                    [this, mayCheck](Result<GivenStatistics> given) {
                                        begin(Job::None);
                                        m_hasLookedForStatistics = true;
                                        m_given.reset();
                                        if (given || !m_statisticsPaths.isEmpty() ||
                                            given.error().rule != "not-found") // not asked for, not there: nothing to say
                                            m_given = std::move(given);
                                        goOnWithValues(mayCheck);
                                        Q_EMIT statisticsGiven();
                                    });
    Q_EMIT activityChanged();
}

ConfigHints Document::hints() const
{
    return m_check && m_check->config ? hintsOf(m_check->config->root) : ConfigHints();
}

/// Once per checkpoint, when its config is known: that says which initialisers to look for. Later the origin is judged again.
void Document::startStatistics()
{
    if (m_statistics.checkpoint() != m_checkpoint) {
        m_statistics.setCheckpoint(m_checkpoint, hints());
        if (fetchesValues() && !(m_given && *m_given))
            m_statistics.cancel(); // all values are fetched only when somebody wants them
    } else if (m_statistics.isComplete())
        judgeOrigin();
}

void Document::judgeOrigin()
{
    if (!m_check)
        return;
    std::vector<TensorFeatures> features(m_checkpoint->tensors.size());
    for (size_t i = 0; i < features.size(); ++i)
        if (const TensorAnalysis* analysis = m_statistics.analysis(int(i)))
            features[i] = analysis->features;
    m_originRunner.start<Judged>(
        [check = m_check, features = std::move(features)](JobContext&) -> Result<Judged> {
            std::vector<std::string> names;
            for (const TensorInfo& tensor : check->checkpoint->tensors)
                names.push_back(tensor.name);
            const auto origin = std::make_shared<const ModelOrigin>(weighbridge::modelOrigin(names, features, check->config ? hintsOf(check->config->root) : ConfigHints()));
            return Judged{origin, Shown::of(TensorRows::fromCheck(check, View::AsItLoads, origin.get()))};
        },
        [this](Result<Judged> judged) { takeOrigin(std::move(judged)); });
}

void Document::takeOrigin(Result<Judged> judged)
{
    if (!judged)
        return;
    m_origin = judged->origin;
    show(View::AsItLoads, judged->asItLoads);
    applySelectedFix();
    Q_EMIT checked();
}

/// What is shown after the fix follows the selected finding. Until it is there the view that was shown stays.
void Document::applySelectedFix()
{
    const Finding* finding = m_check && m_selectedFinding >= 0 ? &findings()[static_cast<size_t>(m_selectedFinding)] : nullptr;
    if (!finding || (finding->fix.keeps.empty() && finding->fix.configChanges.empty())) {
        m_fixRunner.drop();
        show(View::AfterFix, {});
        Q_EMIT afterFixChanged();
        return;
    }
    m_fixRunner.start<Shown>(
        [check = m_check, chosen = m_selectedFinding, origin = m_origin](JobContext& job) -> Result<Shown> {
            const auto fix = chosen == check->fixedFinding ? check->afterFix : applyFix(*check, check->findings[static_cast<size_t>(chosen)], job);
            return Shown::of(TensorRows::fromFix(check, fix, origin.get()));
        },
        [this](Result<Shown> shown) {
            show(View::AfterFix, shown ? *shown : Shown{});
            Q_EMIT afterFixChanged();
        });
}

void Document::show(View view, Shown shown)
{
    Shown& held = view == View::AfterFix ? m_afterFix : m_asItLoads;
    letGo(std::exchange(held.rows, std::move(shown.rows)), std::exchange(held.tree, std::move(shown.tree)));
}

void Document::fail(Error error)
{
    m_error = std::move(error);
    setState(State::Failed);
}

void Document::forget()
{
    m_runner.drop();
    m_originRunner.drop();
    m_fixRunner.drop();
    m_origin.reset();
    m_statistics.setCheckpoint(nullptr);
    letGo(std::exchange(m_checkpoint, nullptr), std::exchange(m_check, nullptr), std::exchange(m_expected, nullptr));
    show(View::AsItLoads, {});
    show(View::AfterFix, {});
    m_totals = {};
    m_error.reset();
    m_checkError.reset();
    m_given.reset();
    m_hasLookedForStatistics = false;
    m_history.clear();
    m_selectedFinding = -1;
    m_isFirstFinding = false;
    m_valuesAreChecked = m_wasStopped = false;
    unwatchFiles();
}

void Document::begin(Job job)
{
    m_job = job;
    m_progress = {};
    m_jobSince = job == Job::None ? QDateTime() : QDateTime::currentDateTime();
}

void Document::setState(State state)
{
    const bool changed = m_state != state;
    m_state = state;
    Q_EMIT activityChanged();
    if (changed)
        Q_EMIT stateChanged(state);
}

/// The id that the rows on screen give the tensor; the id itself if they do not have it.
TensorId Document::canonical(TensorId tensor) const
{
    const int row = rows() ? rows()->rowOf(tensor) : -1;
    return row < 0 ? tensor : rows()->rows()[static_cast<size_t>(row)].id;
}

void Document::restoreSelection()
{
    if (m_nameToSelect.empty() || !rows())
        return;
    if (const int row = rows()->rowNamed(m_nameToSelect); row >= 0)
        select(rows()->rows()[static_cast<size_t>(row)].id);
}

void Document::unwatchFiles()
{
    if (!m_filesAsRead.isEmpty())
        m_watcher.removePaths(m_filesAsRead.keys());
    m_filesAsRead.clear();
    m_fileHasChanged = false;
}

/// Adds the files that have been read since, with their state as of now.
void Document::watchFiles()
{
    QStringList paths;
    if (m_checkpoint) {
        for (const Shard& shard : m_checkpoint->shards)
            paths.append(QString::fromStdString(shard.path));
        for (const FileEntry& file : m_checkpoint->files)
            paths.append(QString::fromStdString(file.path));
        paths.append(QString::fromStdString(m_checkpoint->configPath));
    }
    if (m_checkpoint || m_expected)
        paths.append(m_configPath);
    for (const QString& path : std::as_const(paths)) {
        const QFileInfo file(path);
        if (m_filesAsRead.size() >= maximumWatched || m_filesAsRead.contains(path) || !file.isFile())
            continue;
        m_filesAsRead.insert(path, {file.size(), file.lastModified()});
        m_watcher.addPath(path);
    }
}

/// The watcher also speaks when only the access rights changed, or when a file was written with the same content in place.
void Document::lookAtFile(const QString& path)
{
    const QFileInfo file(path);
    const auto asRead = m_filesAsRead.constFind(path);
    const bool same = asRead != m_filesAsRead.constEnd() && file.isFile() && file.size() == asRead->first && file.lastModified() == asRead->second;
    if (same || std::exchange(m_fileHasChanged, true))
        return;
    Q_EMIT fileChanged();
}

} // namespace weighbridge
