// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace weighbridge {

/// Count, mean and the sums of the second to fourth powers of the distances from the mean.
struct Moments {
    uint64_t count = 0;
    double mean = 0, m2 = 0, m3 = 0, m4 = 0;

    /// The moments of both sets together (P. Pébay, Formulas for robust one-pass parallel computation of covariances and
    /// arbitrary-order statistical moments, SAND2008-6212).
    [[nodiscard]] static Moments merged(const Moments& a, const Moments& b);

    [[nodiscard]] double variance() const { return count == 0 ? 0 : m2 / double(count); }   ///< of the population
    [[nodiscard]] double skewness() const;  ///< 0 where all values are equal
    [[nodiscard]] double kurtosis() const;  ///< 3 for a normal; 0 where all values are equal
};

/// What is counted over a run of values. Moments, min and max are over the finite ones.
struct ValueCounts {
    uint64_t nan = 0, inf = 0, zeros = 0, denormals = 0;
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();

    void add(const ValueCounts& other);
};

struct Summary {
    ValueCounts counts;
    Moments moments;
};

/// Summarizes a run of values; the same bits on every processor. Denormal: nonzero and below `minimumNormal` in magnitude.
[[nodiscard]] Summary summarize(std::span<const float> values, double minimumNormal);
[[nodiscard]] Summary summarize(std::span<const double> values, double minimumNormal);

/// Merges the moments of equal chunks as a balanced binary tree over their index: the result depends on the values and the chunk
/// size alone. Trees over runs whose lengths are the same power of two merge to the same bits as one tree over all of them.
class MomentTree {
public:
    void add(const Moments& chunk);
    [[nodiscard]] Moments total() const;

private:
    std::vector<std::optional<Moments>> m_levels; ///< level k: of 2^k chunks
};

} // namespace weighbridge
