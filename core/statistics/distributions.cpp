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

constexpr size_t pointsApart = 16;

CutNormal makeCut(double cut)
{
    const double ratio = std::exp(-cut * cut / 2) / std::sqrt(2 * std::numbers::pi) / std::erf(cut / std::numbers::sqrt2);
    std::array<double, 5> moment{1, 1 - 2 * cut * ratio}; // the even ones
    for (size_t j = 2; j < moment.size(); ++j)
        moment[j] = double(2 * j - 1) * moment[j - 1] - 2 * std::pow(cut, double(2 * j - 1)) * ratio;
    const double v = moment[1];
    return {cut, v, moment[2] / (v * v), moment[3] / (v * v * v), moment[4] / (v * v * v * v), ratio};
}

/// Distribution function of a normal truncated at +-cut standard deviations, whose sd after the cut is given.
class CutCdf {
public:
    CutCdf(int cut, double sd)
        : m_cut(cut)
        , m_scale(sd / std::sqrt(cutNormal(cut).variance))
        , m_below(normalCdf(-double(cut)))
    {
    }
    [[nodiscard]] double operator()(double x) const
    {
        return std::clamp((normalCdf(std::clamp(x / m_scale, -m_cut, m_cut)) - m_below) / (1 - 2 * m_below), 0.0, 1.0);
    }

private:
    double m_cut, m_scale, m_below;
};

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

std::vector<EmpiricalPoint> empiricalPoints(std::span<const float> sorted)
{
    std::vector<EmpiricalPoint> out;
    out.reserve(sorted.size() / pointsApart + 2);
    const double count = double(sorted.size());
    for (size_t i = 0; i < sorted.size();) {
        size_t first = i;
        while (first > 0 && sorted[first - 1] == sorted[i])
            --first;
        size_t next = i + 1;
        while (next < sorted.size() && sorted[next] == sorted[i])
            ++next;
        out.push_back({double(sorted[i]), (double(first) + double(next)) / (2 * count)});
        i = std::max(next, std::min(i + pointsApart, sorted.size() - 1));
    }
    return out;
}

KsDistances ksDistances(std::span<const EmpiricalPoint> points, double mean, double sd, double absmax)
{
    const auto farther = [](double& distance, double share, double expected) { distance = std::max(distance, std::abs(share - expected)); };
    const CutCdf two(2, sd);
    const CutCdf three(3, sd);
    KsDistances out;
    for (const auto& [value, below] : points) {
        farther(out.normal, below, normalCdf((value - mean) / sd));
        farther(out.uniform, below, std::clamp((value + absmax) / (2 * absmax), 0.0, 1.0));
        farther(out.cut2, below, two(value));
        farther(out.cut3, below, three(value));
    }
    return out;
}

} // namespace weighbridge
