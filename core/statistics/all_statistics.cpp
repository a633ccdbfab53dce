// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/all_statistics.h"

#include "core/base/run_on_threads.h"
#include "core/statistics/feature_pass.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <unordered_map>

namespace weighbridge {
namespace {

using ShapesByModule = std::unordered_map<std::string, std::vector<Shape>>;

constexpr size_t mostSiblings = 16;

ShapesByModule matricesByModule(const Checkpoint& checkpoint)
{
    ShapesByModule out;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (tensor.shape.size() < 2)
            continue;
        auto& shapes = out[moduleOf(tensor.name)];
        if (shapes.size() < mostSiblings && std::find(shapes.begin(), shapes.end(), tensor.shape) == shapes.end())
            shapes.push_back(tensor.shape);
    }
    return out;
}

/// One run of the pool.
class Pool {
public:
    Pool(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, JobContext& job, const AnalysisSink& sink)
        : m_checkpoint(checkpoint), m_hints(hints), m_tensors(tensors), m_job(job), m_sink(sink), m_matrices(matricesByModule(checkpoint))
    {
        for (const size_t index : tensors)
            m_total += checkpoint.tensors[index].nbytes();
    }

    Result<void> run(unsigned threads)
    {
        runOnThreads(threads, m_tensors.size(), [this] { work(); });
        if (m_job.cancelled())
            return failure(cancelledError());
        return {};
    }

private:
    void work()
    {
        for (size_t next = m_next++; next < m_tensors.size() && !m_job.cancelled(); next = m_next++) {
            const size_t index = m_tensors[next];
            auto analysis = analyseInMemory(m_checkpoint.tensors[index]);
            const std::scoped_lock lock(m_mutex);
            m_done += m_checkpoint.tensors[index].nbytes();
            m_job.report({m_checkpoint.tensors[index].name, m_done, m_total});
            m_sink(index, std::move(analysis));
        }
    }

    /// A thread of its own must not end the program when the memory does not suffice.
    Result<TensorAnalysis> analyseInMemory(const TensorInfo& tensor) const
    {
        try {
            return analyse(tensor);
        } catch (const std::bad_alloc&) {
            return failure(Error("memory", "There is not enough memory to read these values.").at(m_checkpoint.path));
        }
    }

    Result<TensorAnalysis> analyse(const TensorInfo& tensor) const
    {
        const auto siblings = tensor.shape.size() < 2 ? m_matrices.find(moduleOf(tensor.name)) : m_matrices.end();
        FeaturePass pass(tensor, siblings == m_matrices.end() ? std::vector<Shape>{} : siblings->second, m_hints);
        JobContext job{m_job.stop, {}};
        auto statistics = computeStatistics(m_checkpoint, tensor, job, [&pass](std::span<const float> values) { pass.add(values); });
        if (!statistics)
            return tl::unexpected(statistics.error());
        TensorFeatures features = pass.finish(*statistics);
        return TensorAnalysis{std::move(*statistics), std::move(features)};
    }

    const Checkpoint& m_checkpoint;
    const ConfigHints& m_hints;
    std::span<const size_t> m_tensors;
    JobContext& m_job;
    const AnalysisSink& m_sink;
    ShapesByModule m_matrices;
    uint64_t m_total = 0;
    std::atomic<size_t> m_next{0};
    std::mutex m_mutex;  ///< guards m_done, the sink and the progress
    uint64_t m_done = 0;
};

} // namespace

Result<void> computeStatisticsOf(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, unsigned threads, JobContext& job,
                                 const AnalysisSink& sink)
{
    return Pool(checkpoint, hints, tensors, job, sink).run(threads);
}

Result<void> computeAllStatistics(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> order, unsigned threads, JobContext& job,
                                  const AnalysisSink& sink)
{
    std::vector<size_t> tensors;
    std::vector<bool> isListed(checkpoint.tensors.size(), false);
    const auto list = [&](size_t index) {
        if (index < isListed.size() && !isListed[index]) {
            isListed[index] = true;
            tensors.push_back(index);
        }
    };
    for (const size_t index : order)
        list(index);
    for (size_t index = 0; index < isListed.size(); ++index)
        list(index);
    return computeStatisticsOf(checkpoint, hints, tensors, threads, job, sink);
}

Result<CheckpointStatistics> analyseCheckpoint(const Checkpoint& checkpoint, const ConfigHints& hints, unsigned threads, JobContext& job)
{
    CheckpointStatistics out;
    out.tensors.assign(checkpoint.tensors.size(), failure(cancelledError()));
    const auto run = computeAllStatistics(checkpoint, hints, {}, threads, job, [&out](size_t index, Result<TensorAnalysis> analysis) { out.tensors[index] = std::move(analysis); });
    if (!run)
        return tl::unexpected(run.error());
    std::vector<std::string> names;
    std::vector<TensorFeatures> features;
    for (size_t i = 0; i < out.tensors.size(); ++i) {
        names.push_back(checkpoint.tensors[i].name);
        features.push_back(out.tensors[i] ? out.tensors[i]->features : TensorFeatures{});
        features.back().shape = checkpoint.tensors[i].shape;
        features.back().dtype = checkpoint.tensors[i].dtype;
    }
    out.origin = modelOrigin(names, features, hints);
    return out;
}

} // namespace weighbridge
