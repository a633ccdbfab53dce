// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QApplication>
#include <QFontInfo>

#include <algorithm>
#include <cmath>

namespace weighbridge {

/// A width that suits text of 13 pixels, as wide as the desktop's text needs it: panels grow with their words. GUI thread.
[[nodiscard]] inline int forText(int pixels)
{
    return int(std::lround(pixels * std::max(1.0, QFontInfo(QApplication::font()).pixelSize() / 13.0)));
}

} // namespace weighbridge
