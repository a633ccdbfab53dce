// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/distribution_fit.h"

#include "core/statistics/distributions.h"
#include "core/statistics/noise_tests.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace weighbridge {
namespace {

constexpr double negligibleMean = 0.02; ///< in standard deviations: such a mean is written as 0

constexpr double uniformReach = std::numbers::sqrt3; ///< half the width of a uniform distribution in standard deviations
constexpr double matchedScale = 3.5;                 ///< standard errors

double normalDensity(double z)
{
    return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
}

double cumulativeNormal(double z)
{
    return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

/// Where a truncated normal is cut, in standard deviations before the cut.
int cutOf(Family family)
{
    return family == Family::Cut2 ? 2 : 3;
}

/// Standard deviation before the cut.
double parentSd(Family family, double sd)
{
    return family == Family::Cut2 || family == Family::Cut3 ? sd / std::sqrt(cutNormal(cutOf(family)).variance) : sd;
}

} // namespace

double Distribution::density(double x) const
{
    if (family == Family::Uniform)
        return std::abs(x - mean) <= uniformReach * sd ? 1 / (2 * uniformReach * sd) : 0;
    const double parent = parentSd(family, sd);
    const double z = (x - mean) / parent;
    if (family == Family::Normal)
        return normalDensity(z) / parent;
    const double inside = 1 - 2 * cumulativeNormal(-cutOf(family));
    return std::abs(z) <= cutOf(family) ? normalDensity(z) / parent / inside : 0;
}

double Distribution::cumulative(double x) const
{
    if (family == Family::Uniform)
        return std::clamp((x - mean + uniformReach * sd) / (2 * uniformReach * sd), 0.0, 1.0);
    const double z = (x - mean) / parentSd(family, sd);
    if (family == Family::Normal)
        return cumulativeNormal(z);
    const double below = cumulativeNormal(-cutOf(family));
    return std::clamp((cumulativeNormal(z) - below) / (1 - 2 * below), 0.0, 1.0);
}

double Distribution::quantile(double p) const
{
    if (family == Family::Uniform)
        return mean + (2 * p - 1) * uniformReach * sd;
    if (family == Family::Normal)
        return mean + normalQuantile(p) * sd;
    const double below = cumulativeNormal(-cutOf(family));
    return mean + normalQuantile(below + p * (1 - 2 * below)) * parentSd(family, sd);
}

std::string Distribution::text() const
{
    const auto number = [](double x) { return x < 0 ? fmt::format("\u2212{:.3g}", -x) : fmt::format("{:.3g}", x); };
    const double centre = std::abs(mean) < negligibleMean * sd ? 0 : mean;
    if (family == Family::Uniform)
        return centre == 0 ? fmt::format("uniform(±{})", number(uniformReach * sd)) : fmt::format("uniform({}, {})", number(centre - uniformReach * sd), number(centre + uniformReach * sd));
    return fmt::format("{}({}, {})", family == Family::Normal ? "normal" : "truncated normal", number(centre), number(parentSd(family, sd)));
}

Distribution fitted(Family family, const TensorStatistics& statistics)
{
    return {family, statistics.mean, statistics.std};
}

std::optional<DistributionFit> distributionFit(const TensorStatistics& statistics, const TensorFeatures& features, const ConfigHints& hints)
{
    if (!features.isTested || !(statistics.std > 0))
        return std::nullopt;
    const NoiseResult noise = noiseTests(features);
    DistributionFit out{fitted(noise.family, statistics), noise.shape <= 1, std::nullopt, {}};
    if (features.isLattice()) {
        out.initialiser = Distribution{Family::Uniform, 0, features.latticeBound / uniformReach};
        out.initialiserName = "torch's uniform generator";
    } else if (const auto matches = matchScale(features, noise.family, hints); out.isAccepted && !matches.empty() && matches[0].error <= matchedScale) {
        out.initialiser = Distribution{noise.family, 0, matches[0].sd};
        out.initialiserName = matches[0].name;
    }
    return out;
}

} // namespace weighbridge
