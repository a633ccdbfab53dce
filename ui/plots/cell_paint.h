// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/map_cells.h"

#include <QPalette>
#include <QRectF>

class QPainter;

namespace weighbridge {

/// Diagonal lines over a tint: never trained, in the strip, the map and the legend.
void paintHatching(QPainter& painter, const QRectF& rect, const QColor& ink);

/// A cell of the model map; its text in the painter's font, if it fits.
void paintMapCell(QPainter& painter, const QRectF& rect, const CellLook& look, const QPalette& palette);

} // namespace weighbridge
