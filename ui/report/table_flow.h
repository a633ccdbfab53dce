// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/report/report_document.h"
#include "ui/report/page_flow.h"

namespace weighbridge {

/// A table that goes on over as many pages as it needs, its head on each of them.
class TableFlow {
public:
    TableFlow(PageFlow& flow, const TableBlock& table);
    /// Error only `cancelled`. `rowDone` is called after each row.
    Result<void> draw(const JobContext& job, const std::function<void()>& rowDone);
    /// Of the head and the first row: what must fit on a page that the table begins on.
    [[nodiscard]] double beginningHeight() const;

private:
    /// A cell's text, broken only where it does not fit: most cells are one short line.
    struct CellText {
        QString line;
        BrokenText broken;
        bool isBroken = false;
        std::string_view colour;
        QFont font;
        double width = 0;  ///< of `line`
        [[nodiscard]] int lines() const { return isBroken ? broken.lines() : line.isEmpty() ? 0 : 1; }
    };
    struct CellLayout {
        CellText text;
        CellText more;
        [[nodiscard]] int lines() const { return text.lines() + more.lines(); }
    };

    void findWidths();
    [[nodiscard]] double naturalWidth(size_t column, const QFont& font) const;
    [[nodiscard]] QFont fontOf(const TableCell& cell, size_t column) const;
    [[nodiscard]] CellText layOut(const std::string& text, const QFont& font, double width, std::string_view colour) const;
    [[nodiscard]] double glyphRoom(const TableCell& cell, size_t column) const;
    void drawHead();
    void drawRow(const std::vector<TableCell>& row);
    void drawLine(const CellLayout& cell, const TableCell& content, size_t column, int line, double top);

    PageFlow& m_flow;
    const TableBlock& m_table;
    QFont m_font, m_strong, m_nameFont;
    std::vector<double> m_x;      ///< of each column, from the page's left edge
    std::vector<double> m_width;
    double m_end = 0;
    bool m_hasHead = false;
};

} // namespace weighbridge
