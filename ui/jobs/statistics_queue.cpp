// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/jobs/statistics_queue.h"

#include <algorithm>
#include <utility>

namespace weighbridge {
namespace {

/// A job takes tensors until it has this many bytes or tensors: short enough to be superseded, long enough to be worth a signal.
constexpr uint64_t batchNbytes = 4 * 1024 * 1024;
constexpr size_t batchTensors = 64;

} // namespace

StatisticsQueue::StatisticsQueue(CoreCalls calls, QObject* parent) : QObject(parent), m_calls(std::move(calls)) {}

void StatisticsQueue::setCheckpoint(CheckpointPtr checkpoint, ConfigHints hints)
{
    for (Lane* lane : {&m_asked, &m_rest}) {
        lane->runner.drop();
        lane->tensors.clear();
    }
    m_results.clear();
    m_waiting.clear();
    m_isComputed.clear();
    m_nextOfRest = 0;
    m_unreadable = 0;
    m_stopped = false;
    m_checkpoint = std::move(checkpoint);
    m_hints = std::move(hints);
    startJobs();
}

void StatisticsQueue::request(const QList<int>& tensors)
{
    if (!m_checkpoint)
        return;
    const std::unordered_set<int> now(tensors.begin(), tensors.end());
    std::erase_if(m_waiting, [&now](int tensor) { return now.contains(tensor); });
    for (auto tensor = tensors.rbegin(); tensor != tensors.rend(); ++tensor)
        if (*tensor >= 0 && static_cast<size_t>(*tensor) < m_checkpoint->tensors.size() && isOpen(*tensor))
            m_waiting.push_front(*tensor);
    startJobs();
}

void StatisticsQueue::cancel()
{
    m_stopped = m_stopped || isRunning();
    m_waiting.clear();
    m_asked.runner.cancel();
    m_rest.runner.cancel();
}

void StatisticsQueue::resume()
{
    m_stopped = false;
    startJobs();
}

const TensorAnalysis* StatisticsQueue::analysis(int tensor) const
{
    const auto found = m_results.find(tensor);
    return found != m_results.end() && found->second ? &*found->second : nullptr;
}

const Error* StatisticsQueue::error(int tensor) const
{
    const auto found = m_results.find(tensor);
    return found != m_results.end() && !found->second ? &found->second.error() : nullptr;
}

qsizetype StatisticsQueue::total() const
{
    if (!m_checkpoint)
        return 0;
    return hasRest() ? qsizetype(m_checkpoint->tensors.size()) : qsizetype(m_results.size() + m_waiting.size() + m_isComputed.size());
}

bool StatisticsQueue::hasRest() const
{
    return m_checkpoint && m_checkpoint->tensors.size() <= backgroundMaximum;
}

bool StatisticsQueue::isOpen(int tensor) const
{
    return !m_results.contains(tensor) && !m_isComputed.contains(tensor);
}

bool StatisticsQueue::fillsBatch(const std::vector<int>& batch) const
{
    uint64_t nbytes = 0;
    for (const int tensor : batch)
        nbytes += m_checkpoint->tensors[static_cast<size_t>(tensor)].nbytes();
    return batch.size() >= batchTensors || nbytes >= batchNbytes;
}

std::vector<int> StatisticsQueue::nextAsked()
{
    std::vector<int> batch;
    for (; !m_waiting.empty() && !fillsBatch(batch); m_waiting.pop_front())
        if (isOpen(m_waiting.front()))
            batch.push_back(m_waiting.front());
    return batch;
}

std::vector<int> StatisticsQueue::nextOfRest()
{
    std::vector<int> batch;
    if (m_stopped || !hasRest())
        return batch;
    for (; m_nextOfRest < m_checkpoint->tensors.size() && !fillsBatch(batch); ++m_nextOfRest)
        if (isOpen(int(m_nextOfRest)))
            batch.push_back(int(m_nextOfRest));
    return batch;
}

void StatisticsQueue::startJobs()
{
    if (!m_asked.runner.isRunning())
        start(m_asked, nextAsked());
    if (!m_rest.runner.isRunning())
        start(m_rest, nextOfRest());
    if (std::exchange(m_wasRunning, isRunning()) != m_wasRunning)
        Q_EMIT runningChanged(m_wasRunning);
}

void StatisticsQueue::start(Lane& lane, std::vector<int> tensors)
{
    if (tensors.empty())
        return;
    m_isComputed.insert(tensors.begin(), tensors.end());
    lane.tensors = tensors;
    const auto work = [checkpoint = m_checkpoint, hints = m_hints, tensors = std::vector<size_t>(tensors.begin(), tensors.end()),
                       analyse = m_calls.analyse](JobContext& job) -> Result<Results> {
        Results results;
        const auto done = analyse(*checkpoint, hints, tensors, job, [&](size_t tensor, Result<TensorAnalysis> analysis) {
            if (analysis || !job.cancelled()) // what a stopped job says of its last tensor is no answer
                results.emplace_back(int(tensor), std::move(analysis));
        });
        if (!done && !job.cancelled())
            return tl::unexpected(done.error());
        return results;
    };
    lane.runner.start<Results>(work, [this, &lane](Result<Results> results) {
        if (results)
            take(lane, *std::move(results));
        else
            takeError(lane, results.error());
    });
}

/// Nothing could be done (memory ran out): that is the answer for all of them.
void StatisticsQueue::takeError(Lane& lane, const Error& error)
{
    Results results;
    for (const int tensor : lane.tensors)
        results.emplace_back(tensor, failure(error));
    take(lane, std::move(results));
}

void StatisticsQueue::take(Lane& lane, Results results)
{
    QList<int> ready;
    for (auto& [tensor, result] : results) {
        m_unreadable += result ? 0 : 1;
        m_results.insert_or_assign(tensor, std::move(result));
        ready.append(tensor);
    }
    for (const int tensor : lane.tensors) {
        m_isComputed.erase(tensor);
        if (!m_results.contains(tensor)) // stopped before: resume() begins there
            m_nextOfRest = std::min(m_nextOfRest, static_cast<size_t>(tensor));
    }
    lane.tensors.clear();
    startJobs();
    if (ready.isEmpty())
        return;
    Q_EMIT this->ready(ready);
    if (isComplete())
        Q_EMIT completed();
}

} // namespace weighbridge
