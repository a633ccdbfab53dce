// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/all_statistics.h"

#include "core/base/run_on_threads.h"
#include "core/remote/ssh_address.h"
#include "core/statistics/analysis_store.h"
#include "core/statistics/host_statistics.h"

#include <algorithm>
#include <malloc.h>
#include <memory>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>
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
        Shape shape = checkpoint.unpacked(tensor).shape;
        if (shapes.size() < mostSiblings && std::find(shapes.begin(), shapes.end(), shape) == shapes.end())
            shapes.push_back(std::move(shape));
    }
    return out;
}

/// Every tensor takes buffers of the same sizes and frees them: without this, glibc gives them back to the system each time, a third of the time of small tensors.
void keepFreedBuffers()
{
    ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
    ::mallopt(M_TOP_PAD, 4 << 20);
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
        keepFreedBuffers();
        // a single tensor may be work for all threads
        runOnThreads(threads, m_total > smallestShared ? static_cast<size_t>(-1) : m_tensors.size(), [this] { work(); });
        if (m_job.cancelled())
            return failure(cancelledError());
        return {};
    }

private:
    static constexpr uint64_t smallestShared = 4 << 20; ///< bytes

    /// A tensor that is being read.
    struct Reading {
        size_t index = 0;
        std::unique_ptr<TensorPass> pass;
    };
    struct Task {
        std::shared_ptr<Reading> reading;
        uint64_t number = 0;
    };

    void work()
    {
        JobContext job{m_job.stop, {}};
        while (const auto task = next()) {
            TensorPass& pass = *task->reading->pass;
            const bool isLast = pass.run(task->number, job);
            const uint64_t values = std::max<uint64_t>(1, pass.values());
            const TensorInfo& tensor = m_checkpoint.tensors[task->reading->index];
            report(tensor, static_cast<uint64_t>(double(tensor.nbytes()) * double(std::min(values, pass.valuesPerTask())) / double(values)));
            if (isLast)
                give(task->reading->index, finish(*task->reading, job));
        }
    }

    /// The next task of the tensor that was begun last, or the first one of another.
    std::optional<Task> next()
    {
        const std::scoped_lock lock(m_mutex);
        while (!m_job.cancelled()) {
            if (m_current && m_nextTask < m_current->pass->tasks())
                return Task{m_current, m_nextTask++};
            if (m_nextTensor == m_tensors.size())
                return std::nullopt;
            const size_t index = m_tensors[m_nextTensor++];
            auto pass = TensorPass::create(m_checkpoint, m_checkpoint.tensors[index], PassDepth::Tail);
            if (!pass) {
                m_sink(index, tl::unexpected(pass.error()));
                continue;
            }
            m_current = std::make_shared<Reading>(Reading{index, std::move(*pass)});
            m_nextTask = 0;
        }
        return std::nullopt;
    }

    Result<TensorAnalysis> finish(const Reading& reading, JobContext& job) const
    {
        const TensorInfo& tensor = m_checkpoint.tensors[reading.index];
        const auto siblings = tensor.shape.size() < 2 ? m_matrices.find(moduleOf(tensor.name)) : m_matrices.end();
        try {
            return reading.pass->finish(siblings == m_matrices.end() ? std::vector<Shape>{} : siblings->second, m_hints, job);
        } catch (const std::bad_alloc&) {
            return failure(Error("memory", "There is not enough memory to judge these values.").at(m_checkpoint.path));
        }
    }

    void report(const TensorInfo& tensor, uint64_t nbytes)
    {
        const std::scoped_lock lock(m_mutex);
        m_done = std::min(m_total, m_done + nbytes);
        m_job.report({tensor.name, m_done, m_total});
    }

    void give(size_t index, Result<TensorAnalysis> analysis)
    {
        const std::scoped_lock lock(m_mutex);
        m_sink(index, std::move(analysis));
    }

    const Checkpoint& m_checkpoint;
    const ConfigHints& m_hints;
    std::span<const size_t> m_tensors;
    JobContext& m_job;
    const AnalysisSink& m_sink;
    ShapesByModule m_matrices;
    uint64_t m_total = 0;

    std::mutex m_mutex;                 ///< guards what follows, the sink and the progress
    std::shared_ptr<Reading> m_current; ///< begun last
    uint64_t m_nextTask = 0;            ///< of it
    size_t m_nextTensor = 0;
    uint64_t m_done = 0;
};

} // namespace

Result<void> computeStatisticsOf(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, unsigned threads, JobContext& job,
                                 const AnalysisSink& sink)
{
    if (isSshAddress(checkpoint.path))
        if (auto there = computeStatisticsThere(checkpoint, hints, tensors, job, sink))
            return *there;
    return Pool(checkpoint, hints, tensors, job, sink).run(threads);
}

Result<CheckpointStatistics> analyseCheckpoint(const Checkpoint& checkpoint, const ConfigHints& hints, unsigned threads, JobContext& job, AnalysisStore* store)
{
    CheckpointStatistics out;
    out.tensors.assign(checkpoint.tensors.size(), failure(cancelledError()));
    std::vector<size_t> all(checkpoint.tensors.size());
    std::iota(all.begin(), all.end(), size_t{0});
    const auto keep = [&out](size_t index, Result<TensorAnalysis> analysis) { out.tensors[index] = std::move(analysis); };
    const auto run = store ? store->analyse(checkpoint, hints, all, threads, job, keep) : computeStatisticsOf(checkpoint, hints, all, threads, job, keep);
    if (!run)
        return tl::unexpected(run.error());
    return judgeCheckpoint(checkpoint, std::move(out.tensors), hints);
}

CheckpointStatistics judgeCheckpoint(const Checkpoint& checkpoint, std::vector<Result<TensorAnalysis>> analyses, const ConfigHints& hints)
{
    CheckpointStatistics out{std::move(analyses), {}};
    std::vector<std::string> names;
    std::vector<TensorFeatures> features;
    for (size_t i = 0; i < out.tensors.size(); ++i) {
        names.push_back(checkpoint.tensors[i].name);
        features.push_back(out.tensors[i] ? out.tensors[i]->features : TensorFeatures{});
        const TensorInfo values = checkpoint.unpacked(checkpoint.tensors[i]);
        features.back().shape = values.shape;
        features.back().dtype = values.dtype;
    }
    out.origin = modelOrigin(names, features, hints);
    return out;
}

} // namespace weighbridge
