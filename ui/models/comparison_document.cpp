// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/comparison_document.h"

#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "ui/models/tensor_texts.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <tuple>

namespace weighbridge {
namespace {

constexpr uint64_t mostSampled = 2'000'000;
constexpr size_t densityBins = 96;
constexpr int arrivalIntervalMs = 50;

/// Standard deviation of the finite values.
double deviationOf(const std::vector<float>& values)
{
    double sum = 0, squares = 0, count = 0;
    for (const float value : values) {
        if (!std::isfinite(value))
            continue;
        sum += double(value);
        squares += double(value) * double(value);
        ++count;
    }
    return count > 0 ? std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count))) : 0;
}

/// Matrices first: a bias moves far and says little. -1 if there is no pair.
int mostChangedOf(const Difference& difference)
{
    const auto change = [&difference](const TensorPair& pair) {
        const bool isKnown = pair.values && std::isfinite(pair.values->relativeL2);
        return isKnown ? std::pair(pair.values->changed > 0 && difference.a->tensors[size_t(pair.a)].shape.size() > 1, pair.values->relativeL2) : std::pair(false, -1.0);
    };
    const auto most = std::max_element(difference.pairs.begin(), difference.pairs.end(), [&](const auto& x, const auto& y) { return change(x) < change(y); });
    return most == difference.pairs.end() ? -1 : int(most - difference.pairs.begin());
}

} // namespace

struct ComparisonDocument::Arrivals {
    std::mutex mutex;
    std::vector<std::pair<size_t, TensorPair>> pairs; ///< guarded by mutex
};

ComparisonDocument::ComparisonDocument(QObject* parent) : QObject(parent), m_runner(this), m_plotRunner(this)
{
    m_arrivalTimer.setInterval(arrivalIntervalMs);
    connect(&m_arrivalTimer, &QTimer::timeout, this, &ComparisonDocument::takeArrivals);
    connect(&m_runner, &JobRunner::progressed, this, [this](const Progress& progress) {
        m_progress = progress;
        Q_EMIT activityChanged();
    });
}

void ComparisonDocument::compare(CheckpointPtr a, const QString& pathB)
{
    start([a = std::move(a), path = pathB.toStdString()](JobContext& job) {
        return openCheckpoint(path, job).and_then([&](const CheckpointPtr& b) { return alignCheckpoints(a, b, job); });
    });
}

void ComparisonDocument::swapSides()
{
    if (m_difference)
        start([a = m_difference->b, b = m_difference->a](JobContext& job) { return alignCheckpoints(a, b, job); });
}

void ComparisonDocument::start(std::function<Result<Difference>(JobContext&)> align)
{
    clear();
    m_since = QDateTime::currentDateTime();
    setState(State::Opening);
    m_runner.start<Aligned>(
        [align = std::move(align)](JobContext& job) {
            return align(job).map([&job](Difference&& difference) {
                relate(difference, job);
                const auto compared = std::make_shared<Difference>(difference);
                const auto shown = std::make_shared<Difference>(std::move(difference));
                return Aligned{{shown, std::make_shared<DifferenceRows>(*shown), std::make_shared<const ComparisonOverview>(*shown)}, compared};
            });
        },
        [this](Result<Aligned> aligned) { takeStructure(std::move(aligned)); });
}

void ComparisonDocument::takeStructure(Result<Aligned> aligned)
{
    if (!aligned) {
        m_error = aligned.error();
        setState(State::Failed);
        return;
    }
    show(std::move(aligned->shown));
    Q_EMIT structureReady();
    compareAllValues(std::move(aligned->compared));
}

void ComparisonDocument::compareAllValues(DifferencePtr compared)
{
    setState(State::Comparing);
    m_arrivals = std::make_shared<Arrivals>();
    m_arrivalTimer.start();
    m_runner.start<Compared>(
        [compared = std::move(compared), arrivals = m_arrivals, tree = m_rows->tree](JobContext& job) -> Result<Compared> {
            std::ignore = compareValues(*compared, {}, job, [&arrivals](size_t index, const TensorPair& pair) {
                const std::scoped_lock lock(arrivals->mutex);
                arrivals->pairs.emplace_back(index, pair);
            });
            relate(*compared, job);
            return summedUp(compared, tree); // a stopped one too: what has come stays
        },
        [this](Result<Compared> result) { takeValues(std::move(result)); });
}

void ComparisonDocument::takeArrivals()
{
    std::vector<std::pair<size_t, TensorPair>> arrived;
    std::vector<int> pairs;
    {
        const std::unique_lock pairsLock(*m_pairsMutex, std::try_to_lock);
        if (!pairsLock)
            return; // a snapshot is being taken: they come the next time
        const std::scoped_lock lock(m_arrivals->mutex);
        arrived.swap(m_arrivals->pairs);
        for (auto& [index, pair] : arrived) {
            m_compared += m_difference->pairs[index].values ? 0 : 1;
            m_difference->pairs[index] = std::move(pair);
            pairs.push_back(int(index));
        }
    }
    if (!pairs.empty())
        Q_EMIT pairsCompared(pairs);
}

void ComparisonDocument::takeValues(Result<Compared> compared)
{
    m_arrivalTimer.stop();
    m_seconds = double(m_since.msecsTo(QDateTime::currentDateTime())) / 1000;
    if (!compared) {
        m_error = compared.error();
        setState(State::Failed);
        return;
    }
    show(std::move(compared->shown));
    m_compared = compared->pairs;
    setState(m_difference->hasValues ? State::Compared : State::Stopped);
    Q_EMIT valuesReady();
    if (m_selected < 0)
        select(compared->mostChanged);
}

void ComparisonDocument::show(Shown shown)
{
    m_difference = std::move(shown.difference);
    m_rows = std::move(shown.rows);
    m_overview = std::move(shown.overview);
}

ComparisonDocument::Compared ComparisonDocument::summedUp(DifferencePtr difference, std::shared_ptr<const DifferenceTree> tree)
{
    Compared out;
    const auto& pairs = difference->pairs;
    out.pairs = size_t(std::count_if(pairs.begin(), pairs.end(), [](const TensorPair& pair) { return pair.values.has_value(); }));
    out.mostChanged = mostChangedOf(*difference);
    out.shown = {difference, std::make_shared<DifferenceRows>(std::move(tree), *difference), std::make_shared<const ComparisonOverview>(*difference)};
    return out;
}

ComparisonDocument::Snapshot ComparisonDocument::snapshot() const
{
    if (!m_difference || m_state != State::Comparing)
        return [difference = m_difference] { return difference; };
    return [difference = m_difference, mutex = m_pairsMutex] {
        const std::scoped_lock lock(*mutex);
        return std::make_shared<const Difference>(*difference);
    };
}

Document::Activity ComparisonDocument::activity() const
{
    if (m_state != State::Opening && m_state != State::Comparing)
        return {};
    return {m_state == State::Opening ? tr("Opening B") : tr("Comparing values"), m_progress.done, m_progress.total, m_since};
}

void ComparisonDocument::clear()
{
    m_runner.drop();
    m_arrivalTimer.stop();
    show({});
    m_compared = 0;
    m_error.reset();
    m_progress = {};
    m_selected = -1;
    forgetPlots();
    setState(State::Empty);
}

void ComparisonDocument::cancel()
{
    m_runner.cancel();
}

void ComparisonDocument::select(int pair)
{
    if (pair == m_selected || !m_difference || pair >= int(m_difference->pairs.size()))
        return;
    m_selected = pair;
    forgetPlots();
    Q_EMIT selectionChanged();
    if (pair < 0)
        return;
    m_plotRunner.start<Plots>(
        [a = m_difference->a, b = m_difference->b, chosen = m_difference->pairs[size_t(pair)]](JobContext& job) {
            return samplePair(*a, *b, chosen, mostSampled, job).map([](const PairSample& sample) {
                return Plots{histogramsOf(sample), densityOf(sample, densityBins), deviationOf(sample.a), deviationOf(sample.b), sample.a.size(), sample.count};
            });
        },
        [this](Result<Plots> plots) {
            if (plots)
                m_plots = std::move(*plots);
            else
                m_plotsError = fromCore(plots.error().message, 500);
            Q_EMIT plotsChanged();
        });
}

void ComparisonDocument::forgetPlots()
{
    m_plotRunner.drop();
    m_plots.reset();
    m_plotsError.clear();
    Q_EMIT plotsChanged();
}

void ComparisonDocument::setState(State state)
{
    m_state = state;
    Q_EMIT stateChanged();
    Q_EMIT activityChanged();
}

} // namespace weighbridge
