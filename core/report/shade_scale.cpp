// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/shade_scale.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

ShadeScale ShadeScale::of(std::vector<double> values)
{
    std::erase_if(values, [](double value) { return !(value > 0) || !std::isfinite(value); });
    if (values.empty())
        return {};
    std::sort(values.begin(), values.end());
    const size_t last = values.size() - 1;
    return {values[last / 50], values[last - last / 50]};
}

int ShadeScale::step(double value) const
{
    if (!(value > low))
        return 0;
    if (!(high > low) || value >= high)
        return shadeSteps - 1;
    return std::min(shadeSteps - 1, int(std::log(value / low) / std::log(high / low) * shadeSteps));
}

double changeShare(double change)
{
    constexpr double least = 1e-4, most = 0.2, smallest = 0.02;
    return change <= 0 ? 0 : std::clamp(std::log(change / least) / std::log(most / least), smallest, 1.0);
}

int changeShade(double change)
{
    return change <= 0 ? 0 : 1 + std::min(shadeSteps - 2, int(changeShare(change) * (shadeSteps - 1)));
}

} // namespace weighbridge
