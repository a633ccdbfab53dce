// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/axis.h"

namespace weighbridge {

QString numberText(double value)
{
    return QString::fromStdString(formatNumber(value));
}

QString logTickText(double value)
{
    return QString::fromStdString(formatLogTick(value));
}

QString linearTickText(double value, double step)
{
    return QString::fromStdString(formatLinearTick(value, step));
}

} // namespace weighbridge
