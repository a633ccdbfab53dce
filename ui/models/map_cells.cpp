// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/map_cells.h"

#include "core/base/text.h"
#include "ui/models/numbers.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

bool isConstant(const TensorStatistics& statistics)
{
    return statistics.finite > 0 && statistics.min == statistics.max;
}

CellLook originLook(const CellFacts& facts)
{
    if (facts.origin == "trained")
        return {CellForm::Trained, 0, {}};
    if (facts.origin == "constant")
        return {CellForm::Constant, 0, QStringLiteral("= ") + cellNumber(facts.statistics->min)};
    if (facts.origin == "undecidable")
        return {CellForm::Undecidable, 0, QStringLiteral("?")};
    if (facts.origin == "not-weights")
        return {CellForm::Constant, 0, QStringLiteral("–")};
    return {}; // not judged before all tensors are known
}

} // namespace

QString cellNumber(double value)
{
    const double size = std::abs(value);
    QString text = QStringLiteral("0");
    if (!std::isfinite(value))
        text = std::isnan(value) ? QStringLiteral("NaN") : value > 0 ? QStringLiteral("Inf") : QStringLiteral("-Inf");
    else if (size >= 1e5 || (size > 0 && size < 0.00095))
        text = QString::number(value, 'e', 0);
    else if (value == std::round(value))
        text = QString::number(value, 'f', 0);
    else if (size > 0)
        text = QString::number(value, 'f', size >= 99.5 ? 0 : size >= 9.95 ? 1 : size >= 0.9995 ? 2 : size >= 0.00995 ? 3 : 4);
    return localized(text.replace(u'-', QChar(0x2212)));
}

std::optional<double> shadedValue(MapMode mode, const TensorStatistics& statistics)
{
    if (statistics.finite == 0 || isConstant(statistics))
        return std::nullopt;
    if (mode == MapMode::Std)
        return statistics.std;
    if (mode == MapMode::Kurtosis)
        return statistics.kurtosis;
    return std::nullopt;
}

CellLook cellLook(MapMode mode, const CellFacts& facts, const ShadeScale& scale)
{
    if (facts.isUnreadable)
        return {CellForm::Unreadable, 0, QStringLiteral("?")};
    if (!facts.statistics)
        return {};
    const TensorStatistics& statistics = *facts.statistics;
    const uint64_t nonFinite = statistics.nan + statistics.inf;
    if (nonFinite > 0)
        return {CellForm::NonFinite, 0, mode == MapMode::NonFinite ? QString::fromStdString(groupDigits(nonFinite)) : QStringLiteral("NaN")};
    const auto shaded = shadedValue(mode, statistics);
    CellLook look;
    if (mode == MapMode::Origin)
        look = originLook(facts);
    else if (mode == MapMode::NonFinite)
        look = {CellForm::Shade, 0, {}};
    else if (shaded)
        look = {CellForm::Shade, scale.step(*shaded), cellNumber(*shaded)};
    else
        look = {CellForm::Constant, 0, statistics.finite > 0 ? QStringLiteral("= ") + cellNumber(statistics.min) : QStringLiteral("–")};
    if (facts.state == RowState::NeverTrained || facts.origin == "random")
        look.form = CellForm::NeverTrained;
    return look;
}

} // namespace weighbridge
