// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QFont>
#include <QHash>
#include <QPainter>
#include <QRectF>
#include <QString>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

class QPagedPaintDevice;
class QSvgRenderer;
class QTextLayout;

namespace weighbridge {

/// A rectangle that leads to a target; points, from the page's upper left corner.
struct PageLink {
    int page = 0;         ///< from 0 on
    QRectF rect;
    QString anchor;
};

/// Where links and the outline lead.
struct PageTarget {
    QString anchor;
    QString title;
    int page = 0;
    double y = 0;
};

/// Text broken into lines of one width, at one font.
class BrokenText {
public:
    BrokenText();
    BrokenText(const QString& text, const QFont& font, double width, double unitsPerPoint);
    BrokenText(BrokenText&&) noexcept;
    BrokenText& operator=(BrokenText&&) noexcept;
    ~BrokenText();

    [[nodiscard]] int lines() const;
    void draw(QPainter& painter, int line, const QPointF& topLeft, const QColor& colour) const; ///< device units

private:
    std::vector<std::unique_ptr<QTextLayout>> m_paragraphs;
    std::vector<std::pair<QTextLayout*, int>> m_lines;
};

/// Pages of paper that are filled from top to bottom. Lengths are points (1/72 inch), y counts from the page's top. Without a device nothing is
/// drawn but everything counted, so that a first pass can find the pages that the contents name. Any thread that has a QGuiApplication.
class PageFlow {
public:
    /// `device` may be null. `drawFooter` is called once for each page.
    PageFlow(QSizeF page, double unitsPerPoint, QPagedPaintDevice* device, std::function<void(PageFlow&, int page)> drawFooter);
    ~PageFlow();
    PageFlow(const PageFlow&) = delete;
    PageFlow& operator=(const PageFlow&) = delete;

    [[nodiscard]] bool isGood() const { return m_isGood; } ///< false: the device does not take any more
    [[nodiscard]] double left() const;
    [[nodiscard]] double width() const;
    [[nodiscard]] double bottom() const;         ///< where the page's content ends
    [[nodiscard]] double pageHeight() const { return m_page.height(); }
    [[nodiscard]] double contentHeight() const;  ///< of an empty page
    [[nodiscard]] double y() const { return m_y; }
    [[nodiscard]] double remaining() const { return bottom() - m_y; }
    [[nodiscard]] int page() const { return m_pageIndex; }
    void advance(double height) { m_y += height; }
    void newPage();
    /// A new page if less than `height` is left.
    void need(double height);
    [[nodiscard]] bool isAtTop() const;

    [[nodiscard]] QFont font(double points, QFont::Weight weight = QFont::Normal) const;
    [[nodiscard]] QFont fixedFont(double points) const;
    [[nodiscard]] double textWidth(const QString& text, const QFont& font) const;
    [[nodiscard]] BrokenText broken(const QString& text, const QFont& font, double width) const;

    void drawText(double x, double baseline, const QString& text, const QFont& font, std::string_view colour);
    void drawLine(const BrokenText& text, int line, double x, double top, std::string_view colour);
    void drawRule(double x1, double x2, double y, double thickness, std::string_view colour);
    void drawBox(const QRectF& rect, std::string_view fill, std::string_view border);
    void drawGlyph(const QString& name, double x, double y, double size);
    void drawSvg(const QByteArray& svg, const QRectF& rect);

    void link(const QRectF& rect, const QString& anchor);
    void target(const QString& anchor, const QString& title);
    [[nodiscard]] const std::vector<PageLink>& links() const { return m_links; }
    [[nodiscard]] const std::vector<PageTarget>& targets() const { return m_targets; }

private:
    [[nodiscard]] QRectF device(const QRectF& points) const;

    QSizeF m_page;
    double m_unit;
    QPagedPaintDevice* m_device;
    std::function<void(PageFlow&, int)> m_drawFooter;
    QPainter m_painter;
    bool m_isGood = true;
    double m_y = 0;
    int m_pageIndex = 0;
    QString m_family;
    QString m_fixedFamily;
    QHash<QString, std::shared_ptr<QSvgRenderer>> m_glyphs;
    std::vector<PageLink> m_links;
    std::vector<PageTarget> m_targets;
};

} // namespace weighbridge
