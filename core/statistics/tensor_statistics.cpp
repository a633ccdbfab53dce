// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/tensor_statistics.h"

#include "core/statistics/moments.h"
#include "core/statistics/order_statistics.h"
#include "core/statistics/value_runs.h"
#include "core/statistics/value_stream.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>

namespace weighbridge {
namespace {

constexpr uint64_t heldNbytes = 16 * 1024 * 1024; ///< tensors whose decoded values fit are read once and kept for the second pass
constexpr uint64_t sortedValues = 65536;          ///< up to here selection in memory is faster than counting
constexpr size_t maximumBins = 256;

/// Where the quantiles lie between order statistics: value at rank + fraction * (value at next - value at rank), as numpy does it.
struct QuantilePlan {
    std::vector<uint64_t> ranks; ///< two for each level
    std::vector<double> fractions;
};

QuantilePlan planQuantiles(uint64_t count)
{
    QuantilePlan plan;
    for (const double level : TensorStatistics::quantileLevels) {
        const double position = level * double(count - 1);
        const auto rank = std::min(static_cast<uint64_t>(position), count - 1);
        plan.ranks.push_back(rank);
        plan.ranks.push_back(std::min(rank + 1, count - 1));
        plan.fractions.push_back(position - double(rank));
    }
    return plan;
}

/// Bins of the width 2 IQR / n^(1/3) (D. Freedman and P. Diaconis, 1981); by the square root of n where the quartiles are equal.
size_t binCount(double range, double interquartile, uint64_t count)
{
    const double bins = interquartile > 0 ? std::ceil(range / (2 * interquartile / std::cbrt(double(count)))) : std::ceil(std::sqrt(double(count)));
    return bins >= double(maximumBins) ? maximumBins : std::max<size_t>(1, static_cast<size_t>(bins));
}

/// One tensor, its values as T.
template <typename T>
class Pass {
public:
    Pass(const Checkpoint& checkpoint, const TensorInfo& tensor, const Decoder& decoder, JobContext& job, const ValueObserver& observer)
        : m_checkpoint(checkpoint), m_tensor(tensor), m_decoder(decoder), m_job(job), m_observer(observer), m_total(decoder.values(tensor.nbytes())),
          m_holds(m_total <= heldNbytes / sizeof(T))
    {
    }

    Result<TensorStatistics> run()
    {
        if (countsRanks())
            m_ranks.emplace();
        m_out.ulp = m_decoder.ulp();
        if (auto read = firstPass(); !read)
            return tl::unexpected(read.error());
        if (m_out.finite == 0)
            return m_out;
        if (m_out.min == m_out.max)
            setConstant();
        else if (auto read = secondPass(); !read)
            return tl::unexpected(read.error());
        return m_out;
    }

private:
    /// Counts and moments; keeps the values, a sample of them, or the first counts of the ranks for the second pass.
    Result<void> firstPass()
    {
        const uint64_t stride = m_total / (heldNbytes / sizeof(T)) + 1;
        uint64_t seen = 0;
        MomentTree moments;
        ValueCounts counts;
        const auto read = stream([&](std::span<const T> values) {
            const Summary summary = summarize(values, m_decoder.minimumNormal());
            counts.add(summary.counts);
            moments.add(summary.moments);
            if (m_holds)
                m_held.insert(m_held.end(), values.begin(), values.end());
            else if constexpr (std::is_same_v<T, double>)
                for (uint64_t i = (stride - seen % stride) % stride; i < values.size(); i += stride)
                    m_held.push_back(values[i]);
            if (countsRanks())
                addFirst(values);
            if (m_observer)
                observe(values);
            seen += values.size();
        });
        if (read)
            setMoments(seen, counts, moments.total());
        return read;
    }

    void observe(std::span<const T> values)
    {
        if constexpr (std::is_same_v<T, float>) {
            m_observer(values);
        } else {
            const std::vector<float> narrow(values.begin(), values.end());
            m_observer(narrow);
        }
    }

    void setMoments(uint64_t count, const ValueCounts& counts, const Moments& moments)
    {
        m_out.count = count;
        m_out.finite = moments.count;
        m_out.nan = counts.nan;
        m_out.inf = counts.inf;
        m_out.zeros = counts.zeros;
        m_out.denormals = counts.denormals;
        if (moments.count == 0)
            return;
        m_out.mean = moments.mean;
        m_out.std = std::sqrt(moments.variance());
        m_out.skewness = moments.skewness();
        m_out.kurtosis = moments.kurtosis();
        m_out.min = counts.min;
        m_out.max = counts.max;
        m_out.absmax = std::max(std::abs(counts.min), std::abs(counts.max));
    }

    void setConstant()
    {
        m_out.mean = m_out.min;
        m_out.std = m_out.skewness = m_out.kurtosis = 0;
        m_out.quantiles.fill(m_out.min);
        m_out.histogram = {m_out.min, m_out.max, {m_out.finite}, 0, 0};
    }

    Result<void> secondPass()
    {
        std::erase_if(m_held, [](T value) { return !std::isfinite(value); });
        if (countsRanks())
            return countedPass();
        // the sample of a tensor whose values are nearly all infinite or NaN may be empty
        m_out.quantilesExact = m_holds;
        if (m_held.empty())
            m_held.push_back(static_cast<T>(m_out.mean));
        const QuantilePlan plan = planQuantiles(m_held.size());
        const auto values = selectRanks(std::span<T>(m_held), plan.ranks);
        setQuantiles(plan, values);
        setBins(values.front(), values.back());
        return eachValue([this](std::span<const T> chunk) { count(chunk); });
    }

    Result<void> countedPass()
    {
        const QuantilePlan plan = planQuantiles(m_out.finite);
        m_ranks->choose(plan.ranks);
        const auto middle = [this](size_t index) { return (m_ranks->lowerBound(index) + m_ranks->upperBound(index)) / 2; };
        const auto quartile = [&](double level) {
            const auto& levels = TensorStatistics::quantileLevels;
            return middle(2 * static_cast<size_t>(std::find(levels.begin(), levels.end(), level) - levels.begin()));
        };
        m_interquartile = quartile(0.75) - quartile(0.25);
        const double low = m_ranks->lowerBound(0);
        const size_t last = plan.ranks.size() - 1;
        setBins(low, m_ranks->lowerBound(last) > low ? m_ranks->upperBound(last) : low);
        const auto read = eachValue([this](std::span<const T> chunk) {
            count(chunk);
            addSecond(chunk);
        });
        if (!read)
            return read;
        std::vector<double> values;
        for (size_t i = 0; i < plan.ranks.size(); ++i)
            values.push_back(m_ranks->value(i));
        setQuantiles(plan, values);
        return {};
    }

    void setQuantiles(const QuantilePlan& plan, const std::vector<double>& values)
    {
        for (size_t i = 0; i < plan.fractions.size(); ++i)
            m_out.quantiles[i] = values[2 * i] + plan.fractions[i] * (values[2 * i + 1] - values[2 * i]);
        m_interquartile = m_out.quantiles[5] - m_out.quantiles[3];
    }

    /// From low to high; from the smallest to the largest value where nearly all values are equal.
    void setBins(double low, double high)
    {
        Histogram& histogram = m_out.histogram;
        histogram.low = std::max(low, m_out.min);
        histogram.high = std::min(high, m_out.max);
        if (!(histogram.low < histogram.high)) {
            histogram.low = m_out.min;
            histogram.high = m_out.max;
        }
        const double range = histogram.high - histogram.low;
        const bool divides = std::isfinite(range) && std::isfinite(double(maximumBins) / range); // not so near the ends of F64
        histogram.counts.assign(divides ? binCount(range, m_interquartile, m_out.finite) : 1, 0);
    }

    void count(std::span<const T> values)
    {
        Histogram& histogram = m_out.histogram;
        const size_t last = histogram.counts.size() - 1;
        const double scale = double(histogram.counts.size()) / (histogram.high - histogram.low);
        for (const T stored : values) {
            const double value = double(stored);
            if (value >= histogram.low && value <= histogram.high)
                ++histogram.counts[last == 0 ? 0 : std::min(last, static_cast<size_t>((value - histogram.low) * scale))];
            else if (std::isfinite(value))
                ++(value < histogram.low ? histogram.below : histogram.above);
        }
    }

    [[nodiscard]] bool countsRanks() const { return std::is_same_v<T, float> && m_total > sortedValues; }
    void addFirst(std::span<const T> values)
    {
        if constexpr (std::is_same_v<T, float>)
            m_ranks->addFirst(values);
    }
    void addSecond(std::span<const T> values)
    {
        if constexpr (std::is_same_v<T, float>)
            m_ranks->addSecond(values);
    }

    /// The values once more: from memory where they are held, else from the file.
    Result<void> eachValue(const std::function<void(std::span<const T>)>& take)
    {
        if (!m_holds)
            return stream(take);
        for (size_t i = 0; i < m_held.size(); i += chunkValues) // what stays in the cache between two looks at it
            take(std::span<const T>(m_held).subspan(i, std::min(chunkValues, m_held.size() - i)));
        return {};
    }

    Result<void> stream(const std::function<void(std::span<const T>)>& take)
    {
        uint64_t done = 0;
        return streamValues<T>(m_checkpoint, m_tensor, m_decoder, m_job, [&](std::span<const T> values) {
            take(values);
            done += values.size();
            if (done % (256 * chunkValues) == 0 || done == m_total)
                m_job.report({m_tensor.name, done, m_total});
        });
    }

    const Checkpoint& m_checkpoint;
    const TensorInfo& m_tensor;
    const Decoder& m_decoder;
    JobContext& m_job;
    const ValueObserver& m_observer;
    uint64_t m_total;
    bool m_holds;
    std::vector<T> m_held;    ///< all values, or a strided sample of doubles
    std::optional<StreamedRanks> m_ranks; ///< where countsRanks()
    double m_interquartile = 0;
    TensorStatistics m_out;
};

} // namespace

Result<TensorStatistics> computeStatistics(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job)
{
    return computeStatistics(checkpoint, tensor, job, {});
}

Result<TensorStatistics> computeStatistics(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const ValueObserver& observer)
{
    const auto decoder = decoderFor(checkpoint, tensor);
    if (!decoder)
        return tl::unexpected(decoder.error());
    if ((*decoder)->exactAsFloat)
        return Pass<float>(checkpoint, tensor, **decoder, job, observer).run();
    return Pass<double>(checkpoint, tensor, **decoder, job, observer).run();
}

} // namespace weighbridge
