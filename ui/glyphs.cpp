// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/glyphs.h"

#include "ui/theme.h"

#include <QFile>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include <array>

namespace weighbridge {
namespace {

struct GlyphRow {
    Glyph glyph;
    const char* file;
    Role role;
};

constexpr std::array glyphs{
    GlyphRow{Glyph::Matched, "status-ok", Role::Matched},
    GlyphRow{Glyph::Missing, "status-missing", Role::Missing},
    GlyphRow{Glyph::Unexpected, "status-unexpected", Role::Unexpected},
    GlyphRow{Glyph::ShapeDiffers, "status-shape", Role::Mismatched},
    GlyphRow{Glyph::DTypeDiffers, "status-dtype", Role::Mismatched},
    GlyphRow{Glyph::Renamed, "status-renamed", Role::Renamed},
    GlyphRow{Glyph::Tied, "status-tied", Role::SecondText},
    GlyphRow{Glyph::Random, "status-random", Role::Random},
    GlyphRow{Glyph::NotANumber, "status-nan", Role::Missing},
    GlyphRow{Glyph::Undecidable, "status-undecidable", Role::SecondText},
    GlyphRow{Glyph::Trained, "status-trained", Role::SecondText},
    GlyphRow{Glyph::Error, "status-error", Role::Missing},
    GlyphRow{Glyph::Warning, "status-warning", Role::Unexpected},
    GlyphRow{Glyph::Note, "status-note", Role::Accent},
    GlyphRow{Glyph::VerdictUsable, "verdict-usable", Role::Matched},
    GlyphRow{Glyph::VerdictAfterFix, "verdict-after-fix", Role::Unexpected},
    GlyphRow{Glyph::VerdictNotUsable, "verdict-not-usable", Role::Missing},
    GlyphRow{Glyph::Open, "action-open", Role::Text},
    GlyphRow{Glyph::Folder, "action-folder", Role::Text},
    GlyphRow{Glyph::Back, "action-back", Role::Text},
    GlyphRow{Glyph::Forward, "action-forward", Role::Text},
    GlyphRow{Glyph::Search, "action-search", Role::SecondText},
    GlyphRow{Glyph::Report, "action-report", Role::Text},
    GlyphRow{Glyph::Compare, "action-compare", Role::Text},
    GlyphRow{Glyph::Copy, "action-copy", Role::Text},
    GlyphRow{Glyph::Filter, "action-filter", Role::SecondText},
    GlyphRow{Glyph::Reload, "action-reload", Role::Text},
    GlyphRow{Glyph::Save, "action-save", Role::Text},
};
static_assert(glyphs.back().glyph == Glyph(glyphs.size() - 1));

/// QtSvg knows no inherited colour, so the theme's takes the place of currentColor in the text; white is the paper.
QByteArray svgOf(Glyph glyph, const QColor& ink, const QColor& paper)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(QLatin1String(glyphs[size_t(glyph)].file)));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QByteArray svg = file.readAll();
    svg.replace("#FFFFFF", paper.name().toLatin1());
    svg.replace("currentColor", ink.name().toLatin1());
    return svg;
}

} // namespace

std::optional<Glyph> glyphNamed(QStringView name)
{
    for (const GlyphRow& row : glyphs) {
        if (name == QLatin1String(row.file))
            return row.glyph;
    }
    return {};
}

QColor glyphColour(Glyph glyph, const QPalette& palette)
{
    return colour(glyphs[size_t(glyph)].role, palette);
}

QPixmap glyphPixmap(Glyph glyph, int size, const QColor& ink, const QColor& paper, qreal devicePixelRatio)
{
    const QString key = QStringLiteral("glyph/%1/%2/%3/%4/%5").arg(int(glyph)).arg(size).arg(ink.rgba()).arg(paper.rgba()).arg(devicePixelRatio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    pixmap = QPixmap(QSize(size, size) * devicePixelRatio);
    pixmap.setDevicePixelRatio(devicePixelRatio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    QSvgRenderer(svgOf(glyph, ink, paper)).render(&painter, QRectF(0, 0, size, size));
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

void paintGlyph(QPainter* painter, const QRectF& rect, Glyph glyph, const QPalette& palette)
{
    const QColor ink = glyphColour(glyph, palette);
    const QColor paper = colour(Role::Surface, palette);
    painter->drawPixmap(rect.topLeft(), glyphPixmap(glyph, int(rect.width()), ink, paper, painter->device()->devicePixelRatioF()));
}

QIcon glyphIcon(Glyph glyph, const QPalette& palette)
{
    const QColor paper = colour(Role::Surface, palette);
    QColor faded = colour(Role::SecondText, palette);
    QIcon icon;
    for (const int ratio : {1, 2, 3}) {
        icon.addPixmap(glyphPixmap(glyph, 16, glyphColour(glyph, palette), paper, ratio), QIcon::Normal);
        QPixmap disabled = glyphPixmap(glyph, 16, faded, paper, ratio);
        QPixmap pale(disabled.size());
        pale.setDevicePixelRatio(ratio);
        pale.fill(Qt::transparent);
        QPainter painter(&pale);
        painter.setOpacity(0.5);
        painter.drawPixmap(0, 0, disabled);
        painter.end();
        icon.addPixmap(pale, QIcon::Disabled);
    }
    return icon;
}

} // namespace weighbridge
