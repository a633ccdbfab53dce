// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/comparison_document.h"

#include "core/checkpoint/open_checkpoint.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr uint64_t mostSampled = 2'000'000;
constexpr size_t densityBins = 96;

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

} // namespace

ComparisonDocument::ComparisonDocument(QObject* parent) : QObject(parent), m_runner(this), m_plotRunner(this)
{
    connect(&m_runner, &JobRunner::progressed, this, [this](const Progress& progress) {
        m_progress = progress;
        Q_EMIT progressed();
    });
}

void ComparisonDocument::compare(CheckpointPtr a, const QString& pathB)
{
    start([a = std::move(a), path = pathB.toStdString()](JobContext& job) -> Result<DifferencePtr> {
        return openCheckpoint(path, job).and_then([&](CheckpointPtr b) { return alignCheckpoints(a, b, job); }).map([](Difference&& difference) -> DifferencePtr {
            return std::make_shared<const Difference>(std::move(difference));
        });
    });
}

void ComparisonDocument::swapSides()
{
    if (!m_difference)
        return;
    start([a = m_difference->b, b = m_difference->a](JobContext& job) -> Result<DifferencePtr> {
        return alignCheckpoints(a, b, job).map([](Difference&& difference) -> DifferencePtr { return std::make_shared<const Difference>(std::move(difference)); });
    });
}

void ComparisonDocument::start(std::function<Result<DifferencePtr>(JobContext&)> align)
{
    clear();
    m_since = QDateTime::currentDateTime();
    setState(State::Opening);
    m_runner.start<DifferencePtr>(std::move(align), [this](Result<DifferencePtr> difference) { takeStructure(std::move(difference)); });
}

void ComparisonDocument::takeStructure(Result<DifferencePtr> difference)
{
    if (!difference) {
        m_error = difference.error();
        setState(State::Failed);
        return;
    }
    m_difference = std::move(*difference);
    Q_EMIT structureReady();
    compareAllValues();
}

void ComparisonDocument::compareAllValues()
{
    setState(State::Comparing);
    m_runner.start<DifferencePtr>(
        [aligned = m_difference](JobContext& job) -> Result<DifferencePtr> {
            auto out = std::make_shared<Difference>(*aligned);
            const auto done = compareValues(*out, {}, job);
            if (done)
                relate(*out, job);
            return DifferencePtr(std::move(out)); // a stopped one too: what has come stays
        },
        [this](Result<DifferencePtr> compared) { takeValues(std::move(compared)); });
}

void ComparisonDocument::takeValues(Result<DifferencePtr> difference)
{
    m_seconds = double(m_since.msecsTo(QDateTime::currentDateTime())) / 1000;
    if (!difference) {
        m_error = difference.error();
        setState(State::Failed);
        return;
    }
    m_difference = std::move(*difference);
    setState(m_difference->hasValues ? State::Compared : State::Stopped);
    Q_EMIT valuesReady();
    if (m_selected < 0) {
        const auto change = [](const TensorPair& pair) { return pair.values && std::isfinite(pair.values->relativeL2) ? pair.values->relativeL2 : -1; };
        const auto most = std::max_element(m_difference->pairs.begin(), m_difference->pairs.end(), [&](const auto& x, const auto& y) { return change(x) < change(y); });
        if (most != m_difference->pairs.end())
            select(int(most - m_difference->pairs.begin()));
    }
}

void ComparisonDocument::clear()
{
    m_runner.drop();
    m_difference.reset();
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
        [difference = m_difference, pair](JobContext& job) {
            return samplePair(*difference, difference->pairs[size_t(pair)], mostSampled, job).map([](const PairSample& sample) {
                return Plots{histogramsOf(sample), densityOf(sample, densityBins), deviationOf(sample.a), deviationOf(sample.b), sample.a.size(), sample.count};
            });
        },
        [this](Result<Plots> plots) {
            if (plots)
                m_plots = std::move(*plots);
            else
                m_plotsError = QString::fromStdString(plots.error().message);
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
}

} // namespace weighbridge
