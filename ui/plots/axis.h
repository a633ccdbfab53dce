// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/axis.h"

#include <QString>

namespace weighbridge {

/// formatNumber(), formatLogTick() and formatLinearTick() for widgets.
[[nodiscard]] QString numberText(double value);
[[nodiscard]] QString logTickText(double value);
[[nodiscard]] QString linearTickText(double value, double step);

} // namespace weighbridge
