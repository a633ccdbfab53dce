// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/statistics/features.h"
#include "core/statistics/initialisers.h"
#include "core/statistics/tensor_statistics.h"

#include <memory>
#include <vector>

namespace weighbridge {

/// What one reading of a tensor gives.
struct TensorAnalysis {
    TensorStatistics statistics;
    TensorFeatures features;
};

/// What a reading is to find out.
enum class PassDepth : uint8_t {
    Statistics,   ///< no features
    Features,
    Tail,         ///< and whether the last rows are unlike the rest
};

/// One reading of one tensor, cut into tasks that threads may share. A sample of the values says around which shift to sum and in which
/// range to count; then every value is looked at once, in blocks that stay in the cache. Small tensors are held for exact quantiles; what cannot be
/// read from any place on (compressed, permuted) is one task that streams twice. Memory: some MiB per thread, and the samples of the tests.
class TensorPass {
public:
    /// Of packed numbers the weight that they stand for is read. Error bad-dtype for what are no numbers. The checkpoint must outlive the pass.
    static Result<std::unique_ptr<TensorPass>> create(const Checkpoint& checkpoint, const TensorInfo& tensor, PassDepth depth);
    virtual ~TensorPass() = default;

    [[nodiscard]] uint64_t tasks() const { return m_tasks; }
    [[nodiscard]] uint64_t values() const { return m_plan.view.values; }
    [[nodiscard]] uint64_t valuesPerTask() const { return m_tasks <= 1 ? values() : m_plan.view.segmentRows * m_plan.view.columns; }

    /// Sums up one part of the values. Each task once; any thread, several at a time. True for the one that ended last.
    virtual bool run(uint64_t task, JobContext& job) = 0;
    /// After all tasks, on one thread. Errors as readTensor().
    virtual Result<TensorAnalysis> finish(const std::vector<Shape>& siblings, const ConfigHints& hints, JobContext& job) = 0;

protected:
    PassPlan m_plan;
    uint64_t m_tasks = 1;
};

} // namespace weighbridge
