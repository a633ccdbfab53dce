// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/tensor_statistics.h"

#include "core/statistics/tensor_pass.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

TensorStatistics momentsOf(const TensorSums& sums, double shift, double ulp)
{
    TensorStatistics out;
    const ValueCounts& counts = sums.counts;
    const Moments moments = Moments::of(sums.powers, shift);
    out.ulp = ulp;
    out.count = moments.count + counts.nan + counts.inf;
    out.finite = moments.count;
    out.nan = counts.nan;
    out.inf = counts.inf;
    out.zeros = counts.zeros;
    out.denormals = counts.denormals;
    if (moments.count == 0)
        return out;
    out.min = counts.min;
    out.max = counts.max;
    out.absmax = std::max(std::abs(counts.min), std::abs(counts.max));
    out.mean = moments.mean;
    if (counts.min == counts.max) {
        out.mean = out.min;
        out.quantiles.fill(out.min);
        out.histogram = {out.min, out.max, {out.finite}, 0, 0};
        return out;
    }
    out.std = std::sqrt(moments.variance());
    out.skewness = moments.skewness();
    out.kurtosis = moments.kurtosis();
    return out;
}

void setDistribution(const ValueBins& bins, TensorStatistics& statistics)
{
    statistics.quantilesExact = false;
    auto& quantiles = statistics.quantiles;
    for (size_t i = 0; i < quantiles.size(); ++i)
        quantiles[i] = bins.quantile(TensorStatistics::quantileLevels[i], statistics.min, statistics.max);
    const bool isNearlyOneValue = quantiles.back() - quantiles.front() < bins.width();
    const double low = isNearlyOneValue ? statistics.min : quantiles.front();
    const double high = isNearlyOneValue ? statistics.max : quantiles.back();
    statistics.histogram = bins.histogram(low, high, histogramBins(high - low, quantiles[5] - quantiles[3], statistics.finite));
}

Result<TensorStatistics> computeStatistics(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job)
{
    const auto pass = TensorPass::create(checkpoint, tensor, PassDepth::Statistics);
    if (!pass)
        return tl::unexpected(pass.error());
    for (uint64_t task = 0; task < (*pass)->tasks(); ++task) {
        (*pass)->run(task, job);
        job.report({tensor.name, std::min((*pass)->valuesPerTask() * (task + 1), (*pass)->values()), (*pass)->values()});
    }
    return (*pass)->finish({}, {}, job).map([](TensorAnalysis&& analysis) { return std::move(analysis.statistics); });
}

} // namespace weighbridge
