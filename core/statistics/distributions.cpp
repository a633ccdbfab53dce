// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/distributions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace weighbridge {
namespace {

constexpr double cdfRange = 9;
constexpr size_t cdfSteps = 36000;

std::vector<double> cdfTable()
{
    std::vector<double> table(cdfSteps + 2);
    for (size_t i = 0; i < table.size(); ++i)
        table[i] = 0.5 * std::erfc(-(double(i) * 2 * cdfRange / double(cdfSteps) - cdfRange) / std::numbers::sqrt2);
    return table;
}

CutNormal makeCut(double cut)
{
    const double ratio = std::exp(-cut * cut / 2) / std::sqrt(2 * std::numbers::pi) / std::erf(cut / std::numbers::sqrt2);
    std::array<double, 5> moment{1, 1 - 2 * cut * ratio}; // the even ones
    for (size_t j = 2; j < moment.size(); ++j)
        moment[j] = double(2 * j - 1) * moment[j - 1] - 2 * std::pow(cut, double(2 * j - 1)) * ratio;
    const double v = moment[1];
    return {cut, v, moment[2] / (v * v), moment[3] / (v * v * v), moment[4] / (v * v * v * v), ratio};
}

} // namespace

double normalCdf(double x)
{
    static const std::vector<double> table = cdfTable();
    const double position = (std::clamp(x, -cdfRange, cdfRange) + cdfRange) * (double(cdfSteps) / (2 * cdfRange));
    const auto i = static_cast<size_t>(position);
    return table[i] + (position - double(i)) * (table[i + 1] - table[i]);
}

double zOfP(double p)
{
    if (p <= 0)
        return 40;
    if (p >= 0.5)
        return 0;
    const double t = std::sqrt(-2 * std::log(p));
    return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
}

double normalQuantile(double p)
{
    const double tail = std::min(p, 1 - p);
    double x = zOfP(tail); // of the upper tail; Newton's steps do the rest
    for (int step = 0; step < 4; ++step) {
        const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
        if (!(density > 0))
            break;
        x += (0.5 * std::erfc(x / std::numbers::sqrt2) - tail) / density;
    }
    return p < 0.5 ? -x : x;
}

double zOfChiSquared(double value, double degrees)
{
    if (degrees < 1)
        return 0;
    const double spread = 2 / (9 * degrees);
    return (std::cbrt(value / degrees) - (1 - spread)) / std::sqrt(spread);
}

const CutNormal& cutNormal(int cut)
{
    static const CutNormal two = makeCut(2);
    static const CutNormal three = makeCut(3);
    return cut == 2 ? two : three;
}

KsDistances ksDistances(std::span<const float> sorted, double mean, double sd, double absmax)
{
    const double count = double(sorted.size());
    KsDistances out;
    size_t runs = 0;
    const auto cutCdf = [](double u, int cut) {
        const double below = normalCdf(-double(cut));
        return std::clamp((normalCdf(std::clamp(u, -double(cut), double(cut))) - below) / (1 - 2 * below), 0.0, 1.0);
    };
    const double scale2 = sd / std::sqrt(cutNormal(2).variance);
    const double scale3 = sd / std::sqrt(cutNormal(3).variance);
    for (size_t i = 0, next = 0; i < sorted.size(); i = next, ++runs) {
        for (next = i + 1; next < sorted.size() && sorted[next] == sorted[i];)
            ++next;
        const double empirical = (double(i) + double(next)) / (2 * count);
        const double value = double(sorted[i]);
        out.normal = std::max(out.normal, std::abs(empirical - normalCdf((value - mean) / sd)));
        out.uniform = std::max(out.uniform, std::abs(empirical - std::clamp((value + absmax) / (2 * absmax), 0.0, 1.0)));
        out.cut2 = std::max(out.cut2, std::abs(empirical - cutCdf(value / scale2, 2)));
        out.cut3 = std::max(out.cut3, std::abs(empirical - cutCdf(value / scale3, 3)));
    }
    const double root = std::sqrt(count);
    return {out.normal * root, out.uniform * root, out.cut2 * root, out.cut3 * root, double(runs) / count};
}

} // namespace weighbridge
