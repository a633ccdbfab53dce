// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QIcon>
#include <QPalette>
#include <QPixmap>
#include <QStringView>

#include <optional>

class QPainter;
class QRectF;

namespace weighbridge {

/// The SVGs of resources/icons: states differ in outline, not only inside. One row of the table in glyphs.cpp each.
enum class Glyph {
    Matched, Missing, Unexpected, ShapeDiffers, DTypeDiffers, Renamed, Tied, Random, NotANumber, Undecidable, Trained,
    Error, Warning, Note,
    VerdictUsable, VerdictAfterFix, VerdictNotUsable,
    Open, Folder, Back, Forward, Search, Report, Compare, Copy, Filter, Reload, Save,
};

/// By the name that the models give ("status-missing"); nothing for an empty or unknown one.
[[nodiscard]] std::optional<Glyph> glyphNamed(QStringView name);
/// The colour that the glyph's meaning has; actions have the text colour. A high-contrast desktop gets its text colour.
[[nodiscard]] QColor glyphColour(Glyph glyph, const QPalette& palette);
/// Cached per glyph, size, colours and device pixel ratio.
[[nodiscard]] QPixmap glyphPixmap(Glyph glyph, int size, const QColor& ink, const QColor& paper, qreal devicePixelRatio);
/// Paints the glyph in its own colour.
void paintGlyph(QPainter* painter, const QRectF& rect, Glyph glyph, const QPalette& palette);
/// For actions and tabs: normal and disabled pixmaps at 1x to 3x.
[[nodiscard]] QIcon glyphIcon(Glyph glyph, const QPalette& palette);

} // namespace weighbridge
