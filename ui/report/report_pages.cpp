// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/report/report_pages.h"

#include "core/report/report_colours.h"
#include "ui/report/table_flow.h"

#include <QPageLayout>
#include <QPagedPaintDevice>

#include <algorithm>
#include <optional>

namespace weighbridge {
namespace {

constexpr double bodySize = 9.6;
constexpr double bodyHeight = 13.6;
constexpr double captionSize = 8;
constexpr double captionHeight = 11;
constexpr double contentsRow = 17;

QString qt(const std::string& text)
{
    return QString::fromStdString(text);
}

QByteArray lightSvg(const FigureBlock& figure)
{
    return QByteArray::fromStdString(withColours(figure.svg, [](std::string_view name) { return std::string(lightColour(name)); }));
}

/// What a first pass over the document finds out for the second.
struct Counted {
    int pages = 0;
    std::vector<PageTarget> targets;
};

/// Puts the blocks of a document on pages, one after another.
class PageWriter {
public:
    PageWriter(const ReportDocument& document, PageFlow& flow, const Counted* counted, const JobContext& job, std::function<void()> rowDone)
        : m_document(document), m_flow(flow), m_counted(counted), m_job(job), m_rowDone(std::move(rowDone))
    {
    }

    Result<void> write()
    {
        for (size_t i = 0; i < m_document.blocks.size(); ++i) {
            if (m_job.cancelled())
                return failure(cancelledError());
            m_next = i + 1 < m_document.blocks.size() ? &m_document.blocks[i + 1] : nullptr;
            if (const auto written = std::visit(*this, m_document.blocks[i]); !written)
                return written;
            if (!m_flow.isGood())
                return failure("unwritable", "The pages cannot be written: the device takes no more.");
        }
        return {};
    }

    Result<void> operator()(const TitleBlock& block)
    {
        constexpr double iconSize = 23;
        m_flow.drawGlyph(QStringLiteral("weighbridge"), m_flow.left(), m_flow.y(), iconSize);
        m_flow.drawText(m_flow.left() + iconSize + 9, m_flow.y() + 15.5, qt(block.kicker), m_flow.font(10.4), "second");
        m_flow.advance(iconSize + 25);
        constexpr double indent = 45;
        constexpr double glyphSize = 31;
        m_flow.drawGlyph(qt(block.glyph), m_flow.left(), m_flow.y() + 1, glyphSize);
        // a long verdict in letters of its size would fill the page
        const double size = block.text.size() > 70 ? 15.5 : 20;
        paragraph(qt(block.text), m_flow.font(size, QFont::Bold), size * 1.27, "text", indent);
        m_flow.advance(3);
        paragraph(qt(block.lead), m_flow.font(10.2), 14.8, "text", indent);
        m_flow.advance(12);
        return {};
    }

    Result<void> operator()(const HeadingBlock& block)
    {
        if (block.level == HeadingBlock::Chapter)
            return chapter(block);
        const bool isSection = block.level == HeadingBlock::Section;
        const double above = m_flow.isAtTop() ? 0 : isSection ? 17 : 11;
        const double height = isSection ? 17 : 14;
        m_flow.need(above + height + 6 + heightOfNext());
        m_flow.advance(m_flow.isAtTop() ? 0 : above);
        paragraph(qt(block.text), m_flow.font(isSection ? 12.4 : bodySize, QFont::DemiBold), height, "text", 0);
        m_flow.advance(3);
        return {};
    }

    Result<void> operator()(const ParagraphBlock& block)
    {
        const bool isCaption = block.kind == ParagraphBlock::Kind::Caption;
        const bool isLead = block.kind == ParagraphBlock::Kind::Lead;
        const double size = isCaption ? captionSize : isLead ? 10.2 : bodySize;
        paragraph(qt(block.text), m_flow.font(size), isCaption ? captionHeight : isLead ? 14.6 : bodyHeight, isCaption ? "second" : "text", 0);
        m_flow.advance(5);
        return {};
    }

    Result<void> operator()(const ReadoutsBlock& block)
    {
        const auto count = double(std::max<size_t>(block.readouts.size(), 1));
        const double step = m_flow.width() / count;
        const QFont number = m_flow.font(15.2, QFont::Bold);
        const QFont caption = m_flow.font(captionSize);
        std::vector<BrokenText> captions;
        int lines = 1;
        for (const auto& readout : block.readouts) {
            captions.push_back(m_flow.broken(qt(readout.caption), caption, step - 14));
            lines = std::max(lines, captions.back().lines());
        }
        const double height = 12 + 19 + lines * captionHeight + 7;
        m_flow.need(height);
        m_flow.drawRule(m_flow.left(), m_flow.left() + m_flow.width(), m_flow.y(), 0.5, "text");
        for (size_t i = 0; i < block.readouts.size(); ++i) {
            const double x = m_flow.left() + step * double(i);
            m_flow.drawText(x, m_flow.y() + 25, qt(block.readouts[i].number), number, "text");
            for (int line = 0; line < captions[i].lines(); ++line)
                m_flow.drawLine(captions[i], line, x, m_flow.y() + 31 + line * captionHeight, "second");
        }
        m_flow.advance(height);
        m_flow.drawRule(m_flow.left(), m_flow.left() + m_flow.width(), m_flow.y(), 0.5, "text");
        m_flow.advance(12);
        return {};
    }

    Result<void> operator()(const FigureBlock& block)
    {
        const double height = figureHeight(block);
        m_flow.need(height + captionHeight * 2);
        const double scale = height / std::max(block.height, 1.0);
        m_flow.drawSvg(lightSvg(block), {m_flow.left(), m_flow.y(), block.width * scale, height});
        for (const FigureLabel& label : block.labels)
            drawLabel(label, scale);
        m_flow.advance(height + 4);
        paragraph(qt(block.caption), m_flow.font(captionSize), captionHeight, "second", 0);
        m_flow.advance(8);
        return {};
    }

    Result<void> operator()(const TableBlock& block)
    {
        auto drawn = TableFlow(m_flow, block).draw(m_job, m_rowDone);
        m_flow.advance(8);
        return drawn;
    }

    Result<void> operator()(const CodeBlock& block)
    {
        constexpr double inset = 8;
        constexpr double lineHeight = 11.6;
        const BrokenText text = m_flow.broken(qt(block.text), m_flow.fixedFont(8), m_flow.width() - 2 * inset);
        for (int line = 0; line < text.lines();) {
            m_flow.need(std::min(text.lines() - line, 3) * lineHeight + 2 * inset);
            const int end = std::min(text.lines(), line + std::max(1, int((m_flow.remaining() - 2 * inset) / lineHeight)));
            const double height = (end - line) * lineHeight + 2 * inset - 2;
            m_flow.drawBox({m_flow.left(), m_flow.y(), m_flow.width(), height}, "code", "line");
            for (double y = m_flow.y() + inset - 1; line < end; ++line, y += lineHeight)
                m_flow.drawLine(text, line, m_flow.left() + inset, y, "text");
            m_flow.advance(height + 8);
        }
        return {};
    }

    Result<void> operator()(const ContentsBlock&)
    {
        const QFont font = m_flow.font(bodySize);
        for (const ReportBlock& block : m_document.blocks) {
            const auto* heading = std::get_if<HeadingBlock>(&block);
            if (!heading || heading->level != HeadingBlock::Chapter)
                continue;
            m_flow.need(contentsRow);
            const QString page = QString::number(pageOf(heading->anchor));
            const double right = m_flow.left() + m_flow.width();
            const BrokenText title = m_flow.broken(qt(heading->text), font, m_flow.width() - 60);
            m_flow.drawText(m_flow.left(), m_flow.y() + 12, qt(heading->number), font, "text");
            m_flow.drawLine(title, 0, m_flow.left() + 17, m_flow.y() + 1.5, "text");
            m_flow.drawText(right - m_flow.textWidth(page, font), m_flow.y() + 12, page, font, "text");
            m_flow.link({m_flow.left(), m_flow.y(), m_flow.width(), contentsRow}, qt(heading->anchor));
            m_flow.advance(contentsRow);
            m_flow.drawRule(m_flow.left(), right, m_flow.y(), 0.4, "line");
        }
        return {};
    }

private:
    Result<void> chapter(const HeadingBlock& block)
    {
        // the first one begins behind the front page, the others where there is room for more than their beginning
        const bool isFirst = block.number == "1";
        if (!m_flow.isAtTop() && (isFirst || m_flow.remaining() < m_flow.contentHeight() * 0.4 || m_flow.remaining() < 60 + heightOfNext()))
            m_flow.newPage();
        else if (!m_flow.isAtTop())
            m_flow.advance(30);
        m_flow.target(qt(block.anchor), qt(block.number + " " + block.text));
        const QFont font = m_flow.font(15.2, QFont::Bold);
        constexpr double height = 20;
        constexpr double glyphSize = 12;
        m_flow.drawText(m_flow.left(), m_flow.y() + 15, qt(block.number), font, "text");
        double indent = m_flow.textWidth(qt(block.number), font) + 9;
        if (!block.glyph.empty()) {
            m_flow.drawGlyph(qt(block.glyph), m_flow.left() + indent, m_flow.y() + 3.6, glyphSize);
            indent += glyphSize + 6;
        }
        paragraph(qt(block.text), font, height, "text", indent);
        m_flow.advance(4);
        return {};
    }

    void paragraph(const QString& text, const QFont& font, double lineHeight, std::string_view colour, double indent)
    {
        if (text.isEmpty())
            return;
        const BrokenText lines = m_flow.broken(text, font, m_flow.width() - indent);
        for (int line = 0; line < lines.lines(); ++line) {
            m_flow.need(lineHeight);
            m_flow.drawLine(lines, line, m_flow.left() + indent, m_flow.y(), colour);
            m_flow.advance(lineHeight);
        }
    }

    void drawLabel(const FigureLabel& label, double scale)
    {
        const QFont font = m_flow.font(label.size * scale, label.isBold ? QFont::DemiBold : QFont::Normal);
        const QString text = qt(label.text);
        const double width = label.anchor == FigureLabel::Anchor::Start ? 0 : m_flow.textWidth(text, font);
        const double x = m_flow.left() + label.x * scale - (label.anchor == FigureLabel::Anchor::Middle ? width / 2 : width);
        m_flow.drawText(x, m_flow.y() + label.y * scale, text, font, label.colour);
    }

    [[nodiscard]] double figureHeight(const FigureBlock& figure) const
    {
        return std::min(m_flow.width() * figure.height / figureWidth, m_flow.contentHeight() - 40);
    }

    /// What a heading must have below it on its page.
    [[nodiscard]] double heightOfNext() const
    {
        if (!m_next)
            return 0;
        if (const auto* figure = std::get_if<FigureBlock>(m_next))
            return figureHeight(*figure);
        if (std::holds_alternative<ContentsBlock>(*m_next)) {
            const auto chapters = std::count_if(m_document.blocks.begin(), m_document.blocks.end(), [](const ReportBlock& block) {
                const auto* heading = std::get_if<HeadingBlock>(&block);
                return heading && heading->level == HeadingBlock::Chapter;
            });
            return std::min(contentsRow * double(chapters), m_flow.contentHeight() / 2);
        }
        return std::holds_alternative<TableBlock>(*m_next) ? 60 : 2 * bodyHeight;
    }

    [[nodiscard]] int pageOf(const std::string& anchor) const
    {
        if (m_counted)
            for (const PageTarget& target : m_counted->targets)
                if (target.anchor == qt(anchor))
                    return target.page + 1;
        return 0;
    }

    const ReportDocument& m_document;
    PageFlow& m_flow;
    const Counted* m_counted; ///< null in the first pass
    const JobContext& m_job;
    std::function<void()> m_rowDone;
    const ReportBlock* m_next = nullptr;
};

void drawFooter(PageFlow& flow, const ReportDocument& document, int page, int pages)
{
    const QFont font = flow.font(captionSize);
    const double y = flow.pageHeight() - 45;
    const double right = flow.left() + flow.width();
    flow.drawRule(flow.left(), right, y, 0.4, "line");
    const QString number = QStringLiteral("%1 of %2").arg(page + 1).arg(pages);
    const QString date = qt(document.date);
    const QString program = qt(document.program) + QStringLiteral("   ");
    const double dateX = flow.left() + flow.width() * 0.5;
    flow.drawText(flow.left(), y + 16, program, font, "second");
    // a long subject ends before the date
    const double subjectX = flow.left() + flow.textWidth(program, font);
    QString subject = qt(document.subject);
    while (subject.size() > 1 && subjectX + flow.textWidth(subject, font) > dateX - 8)
        subject = subject.chopped(subject.endsWith(u'…') ? 2 : 1) + u'…';
    flow.drawText(subjectX, y + 16, subject, font, "second");
    flow.drawText(dateX, y + 16, date, font, "second");
    flow.drawText(right - flow.textWidth(number, font), y + 16, number, font, "second");
}

uint64_t rowsOf(const ReportDocument& document)
{
    uint64_t rows = 0;
    for (const ReportBlock& block : document.blocks)
        if (const auto* table = std::get_if<TableBlock>(&block))
            rows += table->rows.size();
    return rows;
}

} // namespace

Result<PaintedReport> paintReport(const ReportDocument& document, QPagedPaintDevice& device, JobContext& job)
{
    const QSizeF page = device.pageLayout().fullRectPoints().size();
    const double unit = device.logicalDpiX() / 72.0;
    const uint64_t total = 2 * rowsOf(document);
    uint64_t done = 0;
    const auto rowDone = [&] {
        constexpr uint64_t step = 64;
        if (++done % step == 0)
            job.report({"Setting the pages", done, total});
    };
    Counted counted;
    {
        PageFlow flow(page, unit, nullptr, [](PageFlow&, int) {});
        if (const auto written = PageWriter(document, flow, nullptr, job, rowDone).write(); !written)
            return tl::unexpected(written.error());
        counted = {flow.page() + 1, flow.targets()};
    }
    PageFlow flow(page, unit, &device, [&](PageFlow& pages, int index) { drawFooter(pages, document, index, counted.pages); });
    if (const auto written = PageWriter(document, flow, &counted, job, rowDone).write(); !written)
        return tl::unexpected(written.error());
    return PaintedReport{flow.page() + 1, flow.links(), flow.targets()};
}

} // namespace weighbridge
