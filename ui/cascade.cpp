// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/cascade.h"

#include <algorithm>
#include <utility>

namespace weighbridge {
namespace {

constexpr int step = 24;

/// In one direction: {begin, length}.
std::pair<int, int> placed(int begin, int length, int roomBegin, int roomLength, int smallest)
{
    const int shifted = std::max(begin, roomBegin) + step;
    const int rest = roomBegin + roomLength - shifted;
    if (length <= rest)
        return {shifted, length};
    if (smallest <= rest)
        return {shifted, rest};
    return {roomBegin, std::min(length, std::max(roomLength, smallest))};
}

} // namespace

QRect cascaded(const QRect& first, const QRect& room, const QSize& smallest)
{
    const auto [left, width] = placed(first.left(), first.width(), room.left(), room.width(), smallest.width());
    const auto [top, height] = placed(first.top(), first.height(), room.top(), room.height(), smallest.height());
    return {left, top, width, height};
}

} // namespace weighbridge
