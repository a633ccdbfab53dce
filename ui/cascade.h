// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QRect>
#include <QSize>

namespace weighbridge {

/// Where a second window goes: a step to the right of and below the first, no farther than the screen has room. One that would hang over an edge
/// is made smaller, down to `smallest`; then it begins at the room's corner again. All in pixels, with the frames.
[[nodiscard]] QRect cascaded(const QRect& first, const QRect& room, const QSize& smallest);

} // namespace weighbridge
