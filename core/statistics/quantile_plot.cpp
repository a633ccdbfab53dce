// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/quantile_plot.h"

#include "core/base/text.h"
#include "core/statistics/distributions.h"
#include "core/statistics/value_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr uint64_t runs = 256;
constexpr uint64_t runLength = 1024;
/// Standard errors of a probability that all points of a true sample keep within: 94-95 % of samples of 1000 to 262144 values do (measured).
constexpr double band = 3.7;

/// Between which probabilities an order statistic that stands for p lies (E. B. Wilson, 1927: never outside 0..1).
std::pair<double, double> bandAround(double p, double n)
{
    const double scale = 1 + band * band / n;
    const double centre = (p + band * band / (2 * n)) / scale;
    const double half = band * std::sqrt(p * (1 - p) / n + band * band / (4 * n * n)) / scale;
    return {centre - half, centre + half};
}

/// Value at position p of n: the i-th smallest stands for (i + 1/2) / n.
double quantileOf(const std::vector<double>& sorted, double p)
{
    const double position = std::clamp(p * double(sorted.size()) - 0.5, 0.0, double(sorted.size() - 1));
    const auto rank = static_cast<size_t>(position);
    const size_t next = std::min(rank + 1, sorted.size() - 1);
    return sorted[rank] + (position - double(rank)) * (sorted[next] - sorted[rank]);
}

} // namespace

Result<QuantilePlot> computeQuantilePlot(const Checkpoint& checkpoint, const TensorInfo& stored, const Distribution& distribution, size_t points, JobContext& job)
{
    const TensorInfo tensor = checkpoint.unpacked(stored);
    if (const auto decoder = decoderFor(checkpoint, tensor); !decoder)
        return tl::unexpected(decoder.error());
    QuantilePlot plot;
    plot.distribution = distribution;
    plot.count = tensor.elements() * valuesPerElement(tensor.dtype);
    std::vector<double> values;
    const auto read = readRuns(checkpoint, tensor, evenRuns(plot.count, runs, runLength), job, [&values](std::span<const double> run) {
        std::copy_if(run.begin(), run.end(), std::back_inserter(values), [](double value) { return std::isfinite(value); });
    });
    if (!read)
        return tl::unexpected(read.error());
    if (values.empty() || !(distribution.sd > 0))
        return failure(Error("bad-shape", fmt::format("{} has no finite values that differ, so nothing can be compared.", shown(tensor.name))).at(checkpoint.path));
    std::sort(values.begin(), values.end());
    plot.values = values.size();
    const double n = double(values.size());
    const double reach = normalQuantile(1 - 0.5 / std::max(2.0, n));
    for (size_t i = 0; i < points; ++i) {
        const double p = 0.5 * std::erfc(-(points < 2 ? 0 : reach * (2 * double(i) / double(points - 1) - 1)) / std::sqrt(2.0));
        const auto [low, high] = bandAround(p, n);
        plot.points.push_back({distribution.quantile(p), quantileOf(values, p), distribution.quantile(low), distribution.quantile(high)});
    }
    return plot;
}

} // namespace weighbridge
