// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/axis.h"

#include "ui/models/numbers.h"

namespace weighbridge {

QString numberText(double value)
{
    return localized(QString::fromStdString(formatNumber(value)));
}

QString logTickText(double value)
{
    return localized(QString::fromStdString(formatLogTick(value)));
}

QString linearTickText(double value, double step)
{
    return localized(QString::fromStdString(formatLinearTick(value, step)));
}

} // namespace weighbridge
