// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {
namespace {

constexpr const char* minus = "\u2212";

std::string withTrueMinus(const std::string& text)
{
    std::string out;
    for (const char c : text)
        out += c == '-' ? std::string(minus) : std::string(1, c);
    return out;
}

std::string grouped(double value, int decimals)
{
    std::string text = fmt::format("{:.{}f}", value, decimals);
    const size_t first = text.starts_with('-') ? 1 : 0;
    const size_t end = std::min(text.find('.'), text.size());
    if (end - first > 4 || (end - first == 4 && decimals == 0)) {
        for (size_t at = end - 3; at > first && at < end; at -= 3)
            text.insert(at, "\u202f");
    }
    return withTrueMinus(text);
}

double stepFor(double span, int maximum)
{
    const double raw = span / std::max(1, maximum);
    const double decade = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
        if (factor * decade >= raw)
            return factor * decade;
    }
    return 10 * decade;
}

} // namespace

std::string formatNumber(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Inf" : withTrueMinus("-Inf");
    const double size = std::abs(value);
    if (size == 0)
        return "0";
    if (size < 1e-4 || size >= 1e6)
        return withTrueMinus(fmt::format("{:.2e}", value));
    const int decimals = std::max(0, 2 - int(std::floor(std::log10(size))));
    return grouped(value, decimals);
}

std::vector<double> linearTicks(double low, double high, int maximum)
{
    std::vector<double> ticks;
    const double span = high - low;
    if (!(span > 0) || !std::isfinite(span) || span < std::max(std::abs(low), std::abs(high)) * 1e-12)
        return ticks;
    const double step = stepFor(span, maximum);
    for (double index = std::ceil(low / step - 1e-9); index * step <= high + step * 1e-9; ++index)
        ticks.push_back(index == 0 ? 0 : index * step);
    return ticks;
}

std::vector<double> logTicks(double low, double high, int maximum)
{
    std::vector<double> ticks;
    if (!(low > 0) || !(high > low))
        return ticks;
    const int first = int(std::ceil(std::log10(low) - 1e-9));
    const int last = int(std::floor(std::log10(high) + 1e-9));
    const int step = std::max(1, (last - first + maximum) / std::max(1, maximum));
    for (int exponent = first; exponent <= last; exponent += step)
        ticks.push_back(std::pow(10, exponent));
    return ticks;
}

std::string formatLogTick(double value)
{
    const int exponent = int(std::lround(std::log10(value)));
    if (exponent >= -2 && exponent <= 3)
        return grouped(value, std::max(0, -exponent));
    static constexpr std::array<const char*, 10> superscripts{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::string text = exponent < 0 ? "10⁻" : "10";
    for (const char digit : std::to_string(std::abs(exponent)))
        text += superscripts[static_cast<size_t>(digit - '0')];
    return text;
}

std::string formatLinearTick(double value, double step)
{
    if (value == 0)
        return "0";
    if (std::abs(value) >= 1e6 || step < 1e-4)
        return withTrueMinus(fmt::format("{:.3g}", value));
    int decimals = std::max(0, -int(std::floor(std::log10(step) + 1e-9)));
    const double scaled = step * std::pow(10, decimals);
    if (std::abs(scaled - std::round(scaled)) > 1e-6) // a step of 2.5 x 10^n
        ++decimals;
    std::string text = grouped(value, decimals);
    while (text.find('.') != std::string::npos && text.ends_with('0'))
        text.pop_back();
    if (text.ends_with('.'))
        text.pop_back();
    return text;
}

} // namespace weighbridge
