// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/random_tail.h"

#include "core/statistics/noise_tests.h"
#include "core/statistics/tensor_pass.h"
#include "core/statistics/value_runs.h"

#include <algorithm>
#include <optional>

namespace weighbridge {
namespace {

constexpr uint64_t fewestRows = 1000, fewestColumns = 32; ///< of a table
constexpr uint64_t scaledValues = 4096, plainValues = 8192;
constexpr double matchedScale = 3.5;       ///< standard errors
constexpr uint64_t mostMeanRows = 4096;
constexpr double nearMean = 1e-3;          ///< squared distance from the mean of the columns over its square

class Tail {
public:
    Tail(const Checkpoint& checkpoint, const TensorInfo& tensor, const PassPlan& plan, const ConfigHints& hints, JobContext& job)
        : m_checkpoint(checkpoint), m_tensor(tensor), m_view(plan.view), m_hints(hints), m_job(job)
    {
    }

    /// Doubles the rows while they look drawn, then halves the steps to where they begin.
    [[nodiscard]] RandomTail drawn() const
    {
        RandomTail found;
        uint64_t step = (scaledValues + m_view.columns - 1) / m_view.columns;
        uint64_t refuted = m_view.rows / 2 + 1;
        for (uint64_t rows = step; rows < refuted && !m_job.cancelled(); rows = std::min(2 * rows, refuted - 1)) {
            const RandomTail tail = test(rows);
            if (tail.rows == 0 && (found.rows > 0 || rows * m_view.columns >= plainValues)) {
                refuted = rows;
                break;
            }
            if (tail.rows > 0)
                found = tail;
            if (rows == refuted - 1)
                break;
        }
        while (found.rows > 0 && found.rows + 1 < refuted && !m_job.cancelled()) {
            const uint64_t rows = (found.rows + refuted) / 2;
            if (const RandomTail tail = test(rows); tail.rows > 0)
                found = tail;
            else
                refuted = rows;
        }
        return found;
    }

    /// Rows from the end on that are near the mean of all.
    [[nodiscard]] RandomTail nearMeanOf(const std::vector<double>& mean) const
    {
        double square = 0;
        for (const double value : mean)
            square += value * value;
        RandomTail out;
        std::vector<double> row(mean.size());
        while (square > 0 && out.rows < std::min(mostMeanRows, m_view.rows / 2) && readRow(m_view.rows - 1 - out.rows, row)) {
            double distance = 0;
            for (size_t i = 0; i < row.size(); ++i)
                distance += (row[i] - mean[i]) * (row[i] - mean[i]);
            if (distance > nearMean * square)
                break;
            ++out.rows;
        }
        out.isMean = out.rows > 0;
        return out;
    }

private:
    bool readRow(uint64_t index, std::vector<double>& row) const
    {
        const ValueRun run{index * m_view.columns, m_view.columns};
        size_t filled = 0;
        const auto read = readRuns(m_checkpoint, m_tensor, {&run, 1}, m_job, [&](std::span<const double> values) {
            std::copy(values.begin(), values.end(), row.begin() + static_cast<ptrdiff_t>(filled));
            filled += values.size();
        });
        return read && filled == row.size();
    }

    [[nodiscard]] RandomTail test(uint64_t rows) const
    {
        TensorInfo part = m_tensor;
        part.shape = {static_cast<int64_t>(rows), static_cast<int64_t>(m_view.columns)};
        part.strides.clear();
        part.elementOffset += (m_view.rows - rows) * m_view.columns;
        const auto pass = TensorPass::create(m_checkpoint, part, PassDepth::Features);
        if (!pass)
            return {};
        for (uint64_t task = 0; task < (*pass)->tasks(); ++task)
            (*pass)->run(task, m_job);
        const auto analysis = (*pass)->finish({}, m_hints, m_job);
        if (!analysis)
            return {};
        const TensorFeatures& features = analysis->features;
        const NoiseResult noise = noiseTests(features);
        if ((noise.noise != Noise::NoiseLike && noise.noise != Noise::Exact) || features.zeroRows > 0)
            return {};
        const auto matches = matchScale(features, noise.family, m_hints);
        const bool hasScale = !matches.empty() && matches[0].error <= matchedScale;
        if (!hasScale && features.values() < plainValues)
            return {};
        return {rows, false, features.rms, noise.family == Family::Uniform, hasScale ? matches[0].name : std::string()};
    }

    const Checkpoint& m_checkpoint;
    const TensorInfo& m_tensor;
    const RowView& m_view;
    const ConfigHints& m_hints;
    JobContext& m_job;
};

} // namespace

RandomTail findRandomTail(const Checkpoint& checkpoint, const TensorInfo& tensor, const PassPlan& plan, const GroupSums& columns, const ConfigHints& hints, JobContext& job)
{
    const RowView& view = plan.view;
    const bool isTable = view.isMatrix && tensor.shape.size() == 2 && view.rows >= fewestRows && view.columns >= fewestColumns && view.rows > view.columns;
    if (!isTable || !isSeekable(tensor))
        return {};
    const Tail tail(checkpoint, tensor, plan, hints, job);
    std::vector<double> mean;
    for (const double sum : columns.sums)
        mean.push_back(double(plan.shift) + sum / double(plan.scale) / double(view.rows));
    if (const RandomTail atMean = tail.nearMeanOf(mean); atMean.rows > 0)
        return atMean;
    return tail.drawn();
}

} // namespace weighbridge
