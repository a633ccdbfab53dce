// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/features.h"
#include "core/statistics/initialisers.h"
#include "core/statistics/tensor_statistics.h"

#include <optional>
#include <string>

namespace weighbridge {

/// One of the families that initialisers draw from, with its parameters.
struct Distribution {
    Family family = Family::Normal;
    double mean = 0;
    double sd = 0;   ///< of the values: of a truncated normal after the cut

    [[nodiscard]] double density(double x) const;
    [[nodiscard]] double cumulative(double x) const;
    [[nodiscard]] double quantile(double p) const; ///< p in (0, 1)
    /// "normal(0, 0.02)", "uniform(±0.05)", "truncated normal(0, 0.02)": as initialisers write it, before the cut.
    [[nodiscard]] std::string text() const;
};

/// The family with the mean and standard deviation of the tensor's finite values.
[[nodiscard]] Distribution fitted(Family family, const TensorStatistics& statistics);

/// The curves of a histogram.
struct DistributionFit {
    Distribution fitted;        ///< the family that fits best
    bool isAccepted = false;    ///< the tests of the distribution's shape do not reject it (those of structure may)
    std::optional<Distribution> initialiser; ///< mean 0 and the standard deviation of a known initialiser, if the values do not contradict it
    std::string initialiserName;             ///< "initializer_range", "xavier", "torch default"
};

/// Nothing for what is no tensor of floats, constant, or not finite. The density of a histogram's bin is counts / (finite * binWidth).
[[nodiscard]] std::optional<DistributionFit> distributionFit(const TensorStatistics& statistics, const TensorFeatures& features, const ConfigHints& hints);

} // namespace weighbridge
