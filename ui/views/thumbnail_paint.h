// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QByteArray>

class QPainter;
class QPalette;
class QRect;

namespace weighbridge {

/// The cells of thumbnailOf(), the strip folded into lines of at most `highest` pixels: good from bad at a glance. Grey without cells.
void paintThumbnail(QPainter& painter, const QRect& rect, const QByteArray& cells, double highest, const QPalette& palette);

} // namespace weighbridge
