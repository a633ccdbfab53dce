// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/tensor_pass.h"

#include "core/statistics/aligned_buffer.h"
#include "core/statistics/kernels.h"
#include "core/statistics/noise_tests.h"
#include "core/statistics/order_statistics.h"
#include "core/statistics/random_tail.h"
#include "core/statistics/structure_features.h"
#include "core/statistics/value_runs.h"
#include "core/statistics/value_stream.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <new>
#include <optional>

namespace weighbridge {
namespace {

constexpr uint64_t heldValues = 262'144;       ///< are kept, so that they can be sorted
constexpr uint64_t fewestRuns = 64, mostRuns = 4096;
constexpr uint64_t valuesPerRun = 16384;       ///< one run of the sample for so many values of the tensor

template <typename T>
class TypedPass final : public TensorPass {
public:
    TypedPass(const Checkpoint& checkpoint, TensorInfo tensor, const Decoder& decoder, PassDepth depth)
        : m_checkpoint(checkpoint), m_tensor(std::move(tensor)), m_decoder(decoder), m_depth(depth)
    {
        m_plan.view = RowView::of(m_tensor, decoder);
        m_plan.minimumNormal = decoder.minimumNormal();
        m_plan.wantsStructure = depth != PassDepth::Statistics && m_plan.view.isFloat && m_plan.view.values > 0;
        m_isHeld = values() <= heldValues;
        m_tasks = m_isHeld || !isSeekable(m_tensor) ? 1 : m_plan.view.segments();
    }

    bool run(uint64_t task, JobContext& job) override
    {
        auto sums = sumInMemory(task, job);
        const std::scoped_lock lock(m_mutex);
        if (sums)
            m_waiting.emplace(task, std::move(*sums));
        else
            fail(sums.error());
        for (auto next = m_waiting.find(m_merged); next != m_waiting.end(); next = m_waiting.find(m_merged)) {
            merge(std::move(next->second));
            m_waiting.erase(next);
            ++m_merged;
        }
        return ++m_ended == m_tasks;
    }

    Result<TensorAnalysis> finish(const std::vector<Shape>& siblings, const ConfigHints& hints, JobContext& job) override
    {
        if (m_error)
            return failure(*m_error);
        TensorAnalysis out;
        TensorSums sums = m_sums ? std::move(*m_sums) : TensorSums{};
        out.statistics = momentsOf(sums, double(m_plan.shift), m_decoder.ulp());
        if (out.statistics.finite > 0 && out.statistics.min < out.statistics.max)
            if (auto set = finishDistribution(sums.bins, out.statistics, job); !set)
                return tl::unexpected(set.error());
        const GroupSums columns = sums.structure.columns;
        if (m_depth == PassDepth::Statistics)
            return out;
        out.features = featuresOf(m_tensor, m_plan, out.statistics, std::move(sums), siblings, hints);
        if (m_depth == PassDepth::Tail && noiseTests(out.features).noise == Noise::Structured)
            out.features.tail = findRandomTail(m_checkpoint, m_tensor, m_plan, columns, hints, job);
        return out;
    }

private:
    /// A thread of its own must not end the program when the memory does not suffice.
    Result<TensorSums> sumInMemory(uint64_t task, JobContext& job)
    {
        try {
            std::call_once(m_isPrepared, [&] { prepare(job); });
            return hasFailed() ? Result<TensorSums>(TensorSums{}) : sumUp(task, job);
        } catch (const std::bad_alloc&) {
            return failure(Error("memory", "There is not enough memory to read these values.").at(m_checkpoint.path));
        }
    }

    void prepare(JobContext& job)
    {
        std::vector<T> sample;
        const auto done = m_isHeld ? hold(sample, job) : isSeekable(m_tensor) ? readSample(sample, job) : streamSample(sample, job);
        if (!done) {
            fail(done.error());
            return;
        }
        std::erase_if(sample, [](T value) { return !std::isfinite(value); });
        setScale(sample);
        if (!m_isHeld)
            m_plan.bins = ValueBins::over(std::span<const T>(sample));
    }

    Result<void> hold(std::vector<T>& sample, JobContext& job)
    {
        m_held.reserve(values());
        auto read = streamValues<T>(m_checkpoint, m_tensor, m_decoder, job, [this](std::span<const T> chunk) { m_held.insert(m_held.end(), chunk.begin(), chunk.end()); });
        for (uint64_t i = 0; read && i < m_held.size(); i += m_plan.view.sampleStride)
            sample.push_back(m_held[i]);
        return read;
    }

    Result<void> readSample(std::vector<T>& sample, JobContext& job)
    {
        const uint64_t runs = std::clamp(values() / valuesPerRun, fewestRuns, mostRuns);
        sample.resize(sampleValues / runs * runs);
        const std::span<T> all(sample);
        for (uint64_t k = 0; const ValueRun& run : evenRuns(values(), runs, sampleValues / runs)) {
            if (auto read = readValues(m_checkpoint, m_tensor, m_decoder, run.first, all.subspan(k, run.count), job); !read)
                return read;
            k += run.count;
        }
        return {};
    }

    Result<void> streamSample(std::vector<T>& sample, JobContext& job)
    {
        uint64_t seen = 0;
        const uint64_t stride = m_plan.view.sampleStride;
        return streamValues<T>(m_checkpoint, m_tensor, m_decoder, job, [&](std::span<const T> chunk) {
            for (uint64_t i = (stride - seen % stride) % stride; i < chunk.size(); i += stride)
                sample.push_back(chunk[i]);
            seen += chunk.size();
        });
    }

    void setScale(const std::vector<T>& sample)
    {
        if (sample.empty())
            return;
        const double count = double(sample.size());
        const auto shift = static_cast<float>(kernels::runSums(sample.data(), sample.size(), 0).s1 / count);
        m_plan.shift = std::isfinite(shift) ? shift : 0;
        const double variance = kernels::runSums(sample.data(), sample.size(), double(m_plan.shift)).s2 / count;
        if (variance > 0 && std::isfinite(variance))
            m_plan.scale = static_cast<float>(std::exp2(std::clamp(-std::round(std::log2(variance) / 2), -120.0, 120.0)));
    }

    Result<TensorSums> sumUp(uint64_t task, JobContext& job)
    {
        return m_isHeld ? sumHeld() : m_tasks == 1 && !isSeekable(m_tensor) ? sumStream(job) : sumSegment(task, job);
    }

    TensorSums sumHeld()
    {
        SegmentPass pass(m_plan, 0);
        pass.add(std::span<const T>(m_held));
        return pass.finish();
    }

    Result<TensorSums> sumSegment(uint64_t segment, JobContext& job)
    {
        const RowView& view = m_plan.view;
        const uint64_t end = std::min(view.rows, (segment + 1) * view.segmentRows);
        SegmentPass pass(m_plan, segment * view.segmentRows);
        AlignedBuffer<T> block(std::min(view.blockRows * view.columns, view.values));
        for (uint64_t row = segment * view.segmentRows; row < end; row += view.blockRows) {
            if (job.cancelled())
                return failure(cancelledError());
            const auto values = block.values().first(view.valuesIn(row, std::min(view.blockRows, end - row)));
            if (auto read = readValues(m_checkpoint, m_tensor, m_decoder, row * view.columns, values, job); !read)
                return tl::unexpected(read.error());
            pass.add(std::span<const T>(values));
        }
        return pass.finish();
    }

    /// All segments one after another, from a stream in which blocks do not begin with rows.
    Result<TensorSums> sumStream(JobContext& job)
    {
        const RowView& view = m_plan.view;
        const size_t blockValues = view.blockRows * view.columns;
        std::optional<TensorSums> total;
        std::optional<SegmentPass> pass(std::in_place, m_plan, 0);
        std::vector<T> block;
        uint64_t row = 0;
        const auto addBlock = [&] {
            pass->add(std::span<const T>(block));
            block.clear();
            row += view.blockRows;
            if (row % view.segmentRows != 0)
                return;
            merge(total, pass->finish());
            pass.emplace(m_plan, row);
        };
        const auto read = streamValues<T>(m_checkpoint, m_tensor, m_decoder, job, [&](std::span<const T> chunk) {
            while (!chunk.empty()) {
                const size_t count = std::min(chunk.size(), blockValues - block.size());
                block.insert(block.end(), chunk.begin(), chunk.begin() + static_cast<ptrdiff_t>(count));
                chunk = chunk.subspan(count);
                if (block.size() == blockValues)
                    addBlock();
            }
        });
        if (!read)
            return tl::unexpected(read.error());
        if (!block.empty())
            pass->add(std::span<const T>(block));
        merge(total, pass->finish());
        return std::move(*total);
    }

    static void merge(std::optional<TensorSums>& total, TensorSums&& next)
    {
        if (total)
            total->add(std::move(next));
        else
            total = std::move(next);
    }
    void merge(TensorSums&& next) { merge(m_sums, std::move(next)); }

    Result<void> finishDistribution(const ValueBins& counted, TensorStatistics& statistics, JobContext& job)
    {
        if (m_isHeld) {
            std::erase_if(m_held, [](T value) { return !std::isfinite(value); });
            sortValues(m_held);
            setDistribution(std::span<const T>(m_held), statistics);
            return {};
        }
        ValueBins bins = counted;
        if (bins.empty()) { // the sample was of one value: only the extremes, which are known by now, give a range
            bins = ValueBins(statistics.min, statistics.max);
            if (auto read = recount(bins, job); !read)
                return read;
        }
        if (bins.empty()) // a range beyond float: one bin, and what the extremes say
            statistics.histogram = {statistics.min, statistics.max, {statistics.finite}, 0, 0};
        else
            setDistribution(bins, statistics);
        return {};
    }

    Result<void> recount(ValueBins& bins, JobContext& job)
    {
        if (bins.empty())
            return {};
        return streamValues<T>(m_checkpoint, m_tensor, m_decoder, job, [&](std::span<const T> chunk) {
            std::vector<T> finite;
            std::copy_if(chunk.begin(), chunk.end(), std::back_inserter(finite), [](T value) { return std::isfinite(value); });
            ValueBins part = bins.emptied();
            part.add(std::span<const T>(finite));
            bins.add(part);
        });
    }

    void fail(const Error& error)
    {
        if (!m_error)
            m_error = error;
    }
    bool hasFailed()
    {
        const std::scoped_lock lock(m_mutex);
        return m_error.has_value();
    }

    const Checkpoint& m_checkpoint;
    const TensorInfo m_tensor;
    const Decoder& m_decoder;
    PassDepth m_depth;
    bool m_isHeld = false;
    std::vector<T> m_held;
    std::once_flag m_isPrepared;

    std::mutex m_mutex;                         ///< guards what follows until finish()
    std::optional<Error> m_error;
    std::map<uint64_t, TensorSums> m_waiting;   ///< ended before one that comes earlier
    std::optional<TensorSums> m_sums;           ///< of the first m_merged tasks
    uint64_t m_merged = 0, m_ended = 0;
};

} // namespace

Result<std::unique_ptr<TensorPass>> TensorPass::create(const Checkpoint& checkpoint, const TensorInfo& tensor, PassDepth depth)
{
    TensorInfo values = checkpoint.unpacked(tensor);
    const auto decoder = decoderFor(checkpoint, values);
    if (!decoder)
        return tl::unexpected(decoder.error());
    if ((*decoder)->exactAsFloat)
        return std::make_unique<TypedPass<float>>(checkpoint, std::move(values), **decoder, depth);
    return std::make_unique<TypedPass<double>>(checkpoint, std::move(values), **decoder, depth);
}

} // namespace weighbridge
