// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/axis.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

QString withTrueMinus(QString text)
{
    return text.replace(u'-', QChar(0x2212));
}

QString grouped(double value, int decimals)
{
    QString text = QString::number(value, 'f', decimals);
    const qsizetype point = text.indexOf(u'.');
    const qsizetype first = text.startsWith(u'-') ? 1 : 0;
    const qsizetype end = point < 0 ? text.size() : point;
    if (end - first > 4 || (end - first == 4 && decimals == 0)) {
        for (qsizetype at = end - 3; at > first; at -= 3)
            text.insert(at, QChar(0x202f));
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

QString numberText(double value)
{
    if (std::isnan(value))
        return QStringLiteral("NaN");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("Inf") : withTrueMinus(QStringLiteral("-Inf"));
    const double size = std::abs(value);
    if (size == 0)
        return QStringLiteral("0");
    if (size < 1e-4 || size >= 1e6)
        return withTrueMinus(QString::number(value, 'e', 2));
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

QString logTickText(double value)
{
    const int exponent = int(std::lround(std::log10(value)));
    if (exponent >= -2 && exponent <= 3)
        return grouped(value, std::max(0, -exponent));
    static constexpr char16_t superscripts[] = u"⁰¹²³⁴⁵⁶⁷⁸⁹";
    QString text = QStringLiteral("10");
    if (exponent < 0)
        text += QChar(0x207b);
    for (const QChar digit : QString::number(std::abs(exponent)))
        text += QChar(superscripts[digit.digitValue()]);
    return text;
}

QString linearTickText(double value, double step)
{
    if (value == 0)
        return QStringLiteral("0");
    if (std::abs(value) >= 1e6 || step < 1e-4) {
        QString text = QString::number(value, 'g', 3);
        return withTrueMinus(text);
    }
    int decimals = std::max(0, -int(std::floor(std::log10(step) + 1e-9)));
    const double scaled = step * std::pow(10, decimals);
    if (std::abs(scaled - std::round(scaled)) > 1e-6) // a step of 2.5 x 10^n
        ++decimals;
    QString text = grouped(value, decimals);
    while (text.contains(u'.') && text.endsWith(u'0'))
        text.chop(1);
    if (text.endsWith(u'.'))
        text.chop(1);
    return text;
}

} // namespace weighbridge
