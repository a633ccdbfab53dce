// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/thumbnail_paint.h"

#include "core/report/strip_cells.h"
#include "ui/theme.h"
#include "ui/views/load_strip.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr int columns = 12;
constexpr int mostRows = 8;
constexpr int emptyRows = 5;

} // namespace

void paintThumbnail(QPainter& painter, const QRect& rect, const QByteArray& cells, double highest, const QPalette& palette)
{
    const int count = cells.isEmpty() ? columns * emptyRows : int(std::min<qsizetype>(cells.size(), columns * mostRows));
    const int rows = (count + columns - 1) / columns;
    const double pitchX = double(rect.width()) / columns;
    const double pitchY = std::min(highest, double(rect.height()) / rows);
    const double top = rect.top() + (rect.height() - rows * pitchY) / 2;
    for (int i = 0; i < count; ++i) {
        const QRectF cell(std::round(rect.left() + i % columns * pitchX), std::round(top + i / columns * pitchY), std::max(1.0, std::round(pitchX - 2)), std::max(2.0, std::round(pitchY - 2)));
        if (cells.isEmpty())
            painter.fillRect(cell, colour(Role::Line, palette));
        else
            paintStripCell(painter, cell, {RowState(std::clamp<int>(cells[i], 0, rowStateCount - 1)), -1, 1}, StripRow::Kind::Found, palette);
    }
}

} // namespace weighbridge
