// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/report/page_flow.h"

#include "core/report/report_colours.h"

#include <QFontDatabase>
#include <QFontMetricsF>
#include <QPagedPaintDevice>
#include <QSvgRenderer>
#include <QTextLayout>

#include <cmath>

namespace weighbridge {
namespace {

constexpr double millimetre = 72 / 25.4;
constexpr double sideMargin = 20 * millimetre;
constexpr double topMargin = 17 * millimetre;
constexpr double bottomMargin = 21 * millimetre; ///< the foot stands in it

/// The first family that is installed: a PDF is to look the same on every machine that has Noto, and to be legible on all.
QString installed(std::initializer_list<const char*> families)
{
    const QStringList all = QFontDatabase::families();
    for (const char* family : families)
        if (all.contains(QLatin1String(family)))
            return QLatin1String(family);
    return {};
}

QColor colourNamed(std::string_view name)
{
    const std::string_view hex = lightColour(name);
    return QColor(QLatin1String(hex.data(), qsizetype(hex.size())));
}

QByteArray glyphSvg(const QString& name)
{
    const ReportGlyph* glyph = reportGlyph(name.toStdString());
    if (!glyph)
        return {};
    const std::string_view ink = lightColour(glyph->colour);
    return QByteArray(glyph->svg.data(), qsizetype(glyph->svg.size())).replace("currentColor", QByteArray(ink.data(), qsizetype(ink.size())));
}

} // namespace

BrokenText::BrokenText() = default;

BrokenText::BrokenText(const QString& text, const QFont& font, double width, double unitsPerPoint)
{
    for (const QString& paragraph : text.split(u'\n')) {
        auto layout = std::make_unique<QTextLayout>(paragraph, font);
        QTextOption option;
        option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        layout->setTextOption(option);
        layout->beginLayout();
        for (QTextLine line = layout->createLine(); line.isValid(); line = layout->createLine())
            line.setLineWidth(std::max(width, 1.0) * unitsPerPoint);
        layout->endLayout();
        for (int i = 0; i < layout->lineCount(); ++i)
            m_lines.emplace_back(layout.get(), i);
        m_paragraphs.push_back(std::move(layout));
    }
}

BrokenText::BrokenText(BrokenText&&) noexcept = default;
BrokenText& BrokenText::operator=(BrokenText&&) noexcept = default;
BrokenText::~BrokenText() = default;

int BrokenText::lines() const
{
    return int(m_lines.size());
}

void BrokenText::draw(QPainter& painter, int line, const QPointF& topLeft, const QColor& colour) const
{
    const auto& [layout, index] = m_lines[size_t(line)];
    painter.setPen(colour);
    const QTextLine part = layout->lineAt(index);
    part.draw(&painter, topLeft - part.position());
}

PageFlow::PageFlow(QSizeF page, double unitsPerPoint, QPagedPaintDevice* device, std::function<void(PageFlow&, int)> drawFooter)
    : m_page(page), m_unit(unitsPerPoint), m_device(device), m_drawFooter(std::move(drawFooter)), m_y(topMargin), m_family(installed({"Noto Sans", "DejaVu Sans"})),
      m_fixedFamily(installed({"Noto Sans Mono", "DejaVu Sans Mono"}))
{
    if (m_device)
        m_isGood = m_painter.begin(m_device);
    m_drawFooter(*this, m_pageIndex);
}

PageFlow::~PageFlow() = default;

double PageFlow::left() const
{
    return sideMargin;
}

double PageFlow::width() const
{
    return m_page.width() - 2 * sideMargin;
}

double PageFlow::bottom() const
{
    return m_page.height() - bottomMargin;
}

double PageFlow::contentHeight() const
{
    return bottom() - topMargin;
}

bool PageFlow::isAtTop() const
{
    return m_y <= topMargin + 0.01;
}

void PageFlow::newPage()
{
    ++m_pageIndex;
    m_y = topMargin;
    if (m_device && m_isGood)
        m_isGood = m_device->newPage();
    m_drawFooter(*this, m_pageIndex);
}

void PageFlow::need(double height)
{
    if (height > remaining() && !isAtTop())
        newPage();
}

QFont PageFlow::font(double points, QFont::Weight weight) const
{
    QFont out(m_family);
    out.setPixelSize(std::max(1, int(std::lround(points * m_unit))));
    out.setWeight(weight);
    out.setHintingPreference(QFont::PreferNoHinting);
    // Spaced letters are not joined to ligatures: "config" must be found as it is written. The least that Qt's fixed point can say.
    out.setLetterSpacing(QFont::AbsoluteSpacing, 1 / 32.0);
    return out;
}

QFont PageFlow::fixedFont(double points) const
{
    QFont out = font(points);
    out.setFamily(m_fixedFamily);
    out.setStyleHint(QFont::Monospace);
    return out;
}

double PageFlow::textWidth(const QString& text, const QFont& font) const
{
    return QFontMetricsF(font).horizontalAdvance(text) / m_unit;
}

BrokenText PageFlow::broken(const QString& text, const QFont& font, double width) const
{
    return BrokenText(text, font, width, m_unit);
}

QRectF PageFlow::device(const QRectF& points) const
{
    return {points.x() * m_unit, points.y() * m_unit, points.width() * m_unit, points.height() * m_unit};
}

void PageFlow::drawText(double x, double baseline, const QString& text, const QFont& font, std::string_view colour)
{
    if (!m_device || text.isEmpty())
        return;
    m_painter.setFont(font);
    m_painter.setPen(colourNamed(colour));
    m_painter.drawText(QPointF(x, baseline) * m_unit, text);
}

void PageFlow::drawLine(const BrokenText& text, int line, double x, double top, std::string_view colour)
{
    if (m_device)
        text.draw(m_painter, line, QPointF(x, top) * m_unit, colourNamed(colour));
}

void PageFlow::drawRule(double x1, double x2, double y, double thickness, std::string_view colour)
{
    if (!m_device)
        return;
    m_painter.setPen(QPen(colourNamed(colour), thickness * m_unit, Qt::SolidLine, Qt::FlatCap));
    m_painter.drawLine(QPointF(x1, y) * m_unit, QPointF(x2, y) * m_unit);
}

void PageFlow::drawBox(const QRectF& rect, std::string_view fill, std::string_view border)
{
    if (!m_device)
        return;
    m_painter.setPen(QPen(colourNamed(border), 0.4 * m_unit));
    m_painter.setBrush(colourNamed(fill));
    m_painter.drawRect(device(rect));
    m_painter.setBrush(Qt::NoBrush);
}

void PageFlow::drawGlyph(const QString& name, double x, double y, double size)
{
    if (!m_device || name.isEmpty())
        return;
    auto& renderer = m_glyphs[name];
    if (!renderer)
        renderer = std::make_shared<QSvgRenderer>(glyphSvg(name));
    if (renderer->isValid())
        renderer->render(&m_painter, device({x, y, size, size}));
}

void PageFlow::drawSvg(const QByteArray& svg, const QRectF& rect)
{
    if (!m_device)
        return;
    QSvgRenderer renderer(svg);
    if (renderer.isValid())
        renderer.render(&m_painter, device(rect));
}

void PageFlow::link(const QRectF& rect, const QString& anchor)
{
    if (!anchor.isEmpty())
        m_links.push_back({m_pageIndex, rect, anchor});
}

void PageFlow::target(const QString& anchor, const QString& title)
{
    m_targets.push_back({anchor, title, m_pageIndex, m_y});
}

} // namespace weighbridge
