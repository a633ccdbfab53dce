// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/report/table_flow.h"

#include <algorithm>
#include <numeric>

namespace weighbridge {
namespace {

constexpr double textSize = 8.6;
constexpr double lineHeight = 12;
constexpr double ascent = 9.2;      ///< from a line's top to its base line
constexpr double padding = 2.6;     ///< above and below a row
constexpr double columnGap = 9;
constexpr double glyphSize = 8.5;
constexpr double smallestName = 6.8;

QString qt(const std::string& text)
{
    return QString::fromStdString(text);
}

} // namespace

TableFlow::TableFlow(PageFlow& flow, const TableBlock& table) : m_flow(flow), m_table(table), m_font(flow.font(textSize)), m_strong(flow.font(textSize, QFont::DemiBold))
{
    m_hasHead = std::any_of(table.columns.begin(), table.columns.end(), [](const TableColumn& column) { return !column.head.empty(); });
    findWidths();
}

double TableFlow::naturalWidth(size_t column, const QFont& font) const
{
    double widest = m_flow.textWidth(qt(m_table.columns[column].head), m_font);
    for (const auto& row : m_table.rows)
        widest = std::max(widest, m_flow.textWidth(qt(row[column].text), font) + glyphRoom(row[column], column));
    return widest;
}

/// Columns of one kind of content get what they need; names and running text share the rest.
void TableFlow::findWidths()
{
    const size_t count = m_table.columns.size();
    m_width.assign(count, 0);
    double rest = m_flow.width() - columnGap * double(count - 1);
    double shares = 0;
    std::vector<size_t> names;
    for (size_t i = 0; i < count; ++i) {
        const TableColumn& column = m_table.columns[i];
        shares += column.share;
        if (column.kind == TableColumn::Kind::Name)
            names.push_back(i);
        else if (column.share == 0) {
            m_width[i] = column.kind == TableColumn::Kind::Glyph ? glyphSize + 2 : std::min(naturalWidth(i, m_font), m_flow.width() * 0.25);
            rest -= m_width[i];
        }
    }
    const double forText = shares > 0 ? rest * (names.empty() ? 1 : std::min(shares, 0.78)) : 0;
    m_nameFont = m_flow.fixedFont(textSize * 0.88);
    for (const size_t i : names) {
        const double room = (rest - forText) / double(names.size());
        const double fixed = naturalWidth(i, m_nameFont);
        const double plain = fixed > room ? naturalWidth(i, m_font) : 0;
        if (fixed > room)
            m_nameFont = m_flow.font(std::clamp(textSize * room / std::max(plain, 1.0), smallestName, textSize * 0.92));
        // what is left over stays with the names, so that numbers stand at the right edge
        m_width[i] = shares > 0 && fixed <= room ? fixed : room;
    }
    const double used = std::accumulate(names.begin(), names.end(), 0.0, [this](double sum, size_t i) { return sum + m_width[i]; });
    for (size_t i = 0; i < count; ++i)
        if (m_table.columns[i].share > 0)
            m_width[i] = (rest - used) * m_table.columns[i].share / shares;
    double x = m_flow.left();
    for (size_t i = 0; i < count; ++i) {
        m_x.push_back(x);
        x += m_width[i] + columnGap;
    }
    m_end = m_flow.left() + m_flow.width();
}

double TableFlow::glyphRoom(const TableCell& cell, size_t column) const
{
    return cell.glyph.empty() || m_table.columns[column].kind == TableColumn::Kind::Glyph ? 0 : glyphSize + 4;
}

QFont TableFlow::fontOf(const TableCell& cell, size_t column) const
{
    if (m_table.columns[column].kind == TableColumn::Kind::Name)
        return m_nameFont;
    return cell.isStrong ? m_strong : m_font;
}

TableFlow::CellText TableFlow::layOut(const std::string& text, const QFont& font, double width, std::string_view colour) const
{
    CellText out;
    out.line = qt(text);
    out.font = font;
    out.colour = colour;
    out.width = m_flow.textWidth(out.line, font);
    if (out.width > width + 0.5 || out.line.contains(u'\n')) {
        out.broken = m_flow.broken(out.line, font, width);
        out.isBroken = true;
    }
    return out;
}

double TableFlow::beginningHeight() const
{
    constexpr double rows = 2 * (lineHeight + 2 * padding);
    return (m_hasHead ? lineHeight + 2 * padding : 0) + rows;
}

void TableFlow::drawHead()
{
    if (!m_hasHead)
        return;
    for (size_t i = 0; i < m_table.columns.size(); ++i) {
        const QString head = qt(m_table.columns[i].head);
        const double x = m_table.columns[i].kind == TableColumn::Kind::Number ? m_x[i] + m_width[i] - m_flow.textWidth(head, m_font) : m_x[i];
        m_flow.drawText(x, m_flow.y() + padding + ascent, head, m_font, "second");
    }
    m_flow.advance(lineHeight + 2 * padding);
    m_flow.drawRule(m_flow.left(), m_end, m_flow.y(), 0.7, "text");
}

void TableFlow::drawLine(const CellLayout& cell, const TableCell& content, size_t column, int line, double top)
{
    const bool isFirst = line < cell.text.lines();
    const CellText& text = isFirst ? cell.text : cell.more;
    const double room = isFirst ? glyphRoom(content, column) : 0;
    double x = m_x[column] + room;
    if (m_table.columns[column].kind == TableColumn::Kind::Number)
        x = m_x[column] + m_width[column] - text.width;
    if (text.isBroken)
        m_flow.drawLine(text.broken, isFirst ? line : line - cell.text.lines(), x, top, text.colour);
    else
        m_flow.drawText(x, top + ascent, text.line, text.font, text.colour);
    if (isFirst && !content.link.empty())
        m_flow.link({x, top, std::min(text.width, m_width[column]), lineHeight}, qt(content.link));
}

void TableFlow::drawRow(const std::vector<TableCell>& row)
{
    std::vector<CellLayout> cells(row.size());
    std::vector<int> firstLine(row.size(), 0);
    bool nameStandsAlone = false; // a name too long for its column has a line for itself: names are searched, so they are not broken
    for (size_t i = 0; i < row.size(); ++i) {
        const QFont font = fontOf(row[i], i);
        const bool isName = m_table.columns[i].kind == TableColumn::Kind::Name;
        const bool isWhat = !m_hasHead && i == 0;
        double width = m_width[i] - glyphRoom(row[i], i);
        if (isName && i == 0 && m_flow.textWidth(qt(row[i].text), font) > width + 0.5) {
            nameStandsAlone = true;
            width = m_flow.width();
        }
        cells[i].text = layOut(row[i].text, font, width, isWhat ? "second" : "text");
        if (!row[i].more.empty())
            cells[i].more = layOut(row[i].more, m_font, m_width[i], isName ? "second" : "text");
    }
    for (size_t i = 1; nameStandsAlone && i < row.size(); ++i)
        firstLine[i] = cells[0].text.lines();
    int lines = 1;
    for (size_t i = 0; i < row.size(); ++i)
        lines = std::max(lines, firstLine[i] + cells[i].lines());

    int line = 0;
    while (line < lines) {
        const double height = (lines - line) * lineHeight + 2 * padding;
        if (height > m_flow.remaining() && (height <= m_flow.contentHeight() / 2 || m_flow.remaining() < 4 * lineHeight)) {
            m_flow.newPage();
            drawHead();
        }
        // a row that is taller than the page goes on on the next
        const int fitting = std::max(1, int((m_flow.remaining() - 2 * padding) / lineHeight));
        const int end = std::min(lines, line + fitting);
        const double top = m_flow.y() + padding;
        for (size_t i = 0; i < row.size(); ++i) {
            if (line == 0)
                m_flow.drawGlyph(qt(row[i].glyph), m_x[i], top + firstLine[i] * lineHeight + (lineHeight - glyphSize) / 2, glyphSize);
            for (int k = std::max(line, firstLine[i]); k < std::min(end, firstLine[i] + cells[i].lines()); ++k)
                drawLine(cells[i], row[i], i, k - firstLine[i], top + (k - line) * lineHeight);
        }
        m_flow.advance((end - line) * lineHeight + 2 * padding);
        line = end;
    }
    m_flow.drawRule(m_flow.left(), m_end, m_flow.y(), 0.4, "line");
}

Result<void> TableFlow::draw(const JobContext& job, const std::function<void()>& rowDone)
{
    m_flow.need(beginningHeight());
    drawHead();
    for (const auto& row : m_table.rows) {
        if (job.cancelled())
            return failure(cancelledError());
        drawRow(row);
        rowDone();
    }
    return {};
}

} // namespace weighbridge
