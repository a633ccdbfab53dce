// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/text.h"
#include "core/report/output.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

// GitHub's dialect: https://github.github.com/gfm/

/// Plain text that no Markdown reader takes as anything else; one line.
std::string escaped(std::string_view text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n')
            out += "<br>";
        else if (c == '&')
            out += "&amp;";
        else if (c == '@') // names nobody: the comment keeps a mention apart
            out += "@<!-- -->";
        else if (std::string_view("\\`*_[]<>|#~$!").find(c) != std::string_view::npos || (i == 0 && std::string_view("-+=").find(c) != std::string_view::npos))
            out += std::string("\\") + c;
        else
            out += c;
    }
    return out;
}

/// A code span, in a table: a pipe is escaped there even inside of it.
std::string codeSpan(std::string_view text)
{
    if (text.empty())
        return {};
    size_t longest = 0;
    for (size_t i = 0, run = 0; i < text.size(); ++i) {
        run = text[i] == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    const std::string pad = longest > 0 ? " " : "";
    std::string body;
    for (const char c : text)
        body += c == '|' ? std::string("\\|") : std::string(1, c);
    return fence + pad + body + pad + fence;
}

std::string linked(std::string text, const std::string& anchor)
{
    return anchor.empty() ? text : fmt::format("[{}](#{})", text, anchor);
}

std::string cellText(const TableCell& cell, TableColumn::Kind kind)
{
    if (kind == TableColumn::Kind::Glyph)
        return cell.glyph.starts_with("status-") ? cell.glyph.substr(7) : cell.glyph;
    std::string text = kind == TableColumn::Kind::Name ? codeSpan(cell.text) : escaped(cell.text);
    if (cell.isStrong && !text.empty())
        text = "**" + text + "**";
    text = linked(std::move(text), cell.link);
    if (!cell.more.empty())
        text += (text.empty() ? "" : "<br>") + escaped(cell.more);
    return text;
}

class MarkdownWriter {
public:
    explicit MarkdownWriter(const ReportDocument& document) : m_document(document) {}

    std::string operator()(const TitleBlock& block) { return fmt::format("# {}\n\n{}\n\n", escaped(block.text), escaped(block.lead)); }

    std::string operator()(const HeadingBlock& block)
    {
        std::string out = block.level == HeadingBlock::Chapter ? end() : "";
        if (!block.anchor.empty())
            out += fmt::format("<a id=\"{}\"></a>\n\n", block.anchor);
        out += fmt::format("{} {}{}\n\n", std::string(static_cast<size_t>(block.level) + 1, '#'), block.number.empty() ? "" : block.number + "\u2002", escaped(block.text));
        if (block.isLong) {
            out += "<details><summary>Show</summary>\n\n";
            m_isFolded = true;
        }
        return out;
    }

    std::string operator()(const ParagraphBlock& block)
    {
        return (block.kind == ParagraphBlock::Kind::Caption ? "*" + escaped(block.text) + "*" : escaped(block.text)) + "\n\n";
    }

    std::string operator()(const ReadoutsBlock& block)
    {
        std::string out;
        for (const auto& [number, caption] : block.readouts)
            out += fmt::format("- **{}** {}\n", escaped(number), escaped(caption));
        return out + "\n";
    }

    std::string operator()(const FigureBlock& block)
    {
        return block.text.empty() ? "" : (*this)(CodeBlock{"text", block.text}) + (block.caption.empty() ? "" : "*" + escaped(block.caption) + "*\n\n");
    }

    std::string operator()(const TableBlock& block)
    {
        std::string head = "|";
        std::string rule = "|";
        for (const TableColumn& column : block.columns) {
            head += fmt::format(" {} |", escaped(column.head));
            rule += column.kind == TableColumn::Kind::Number ? " ---: |" : " --- |";
        }
        std::string out = head + "\n" + rule + "\n";
        for (const auto& row : block.rows) {
            out += '|';
            for (size_t i = 0; i < row.size(); ++i)
                out += fmt::format(" {} |", cellText(row[i], block.columns[i].kind));
            out += '\n';
        }
        return out + "\n";
    }

    std::string operator()(const CodeBlock& block)
    {
        std::string fence = "```";
        while (block.text.find(fence) != std::string::npos)
            fence += '`';
        return fmt::format("{}{}\n{}\n{}\n\n", fence, block.language == "text" ? "" : block.language, block.text, fence);
    }

    std::string operator()(const ContentsBlock&)
    {
        std::string out;
        for (const ReportBlock& block : m_document.blocks)
            if (const auto* heading = std::get_if<HeadingBlock>(&block); heading && heading->level == HeadingBlock::Chapter)
                out += fmt::format("- [{} {}](#{})\n", heading->number, escaped(heading->text), heading->anchor);
        return out + "\n";
    }

    /// Closes what a long chapter has opened.
    std::string end()
    {
        return std::exchange(m_isFolded, false) ? "</details>\n\n" : "";
    }

private:
    const ReportDocument& m_document;
    bool m_isFolded = false;
};

class MarkdownOutput : public Output {
public:
    OutputInfo info() const override { return {"markdown", "md", "Markdown"}; }
    Result<void> write(const Report& report, JobContext& job, const TextSink& sink) const override
    {
        const ReportDocument document = documentOf(report);
        MarkdownWriter writer(document);
        for (const ReportBlock& block : document.blocks) {
            if (job.cancelled())
                return failure(cancelledError());
            if (auto written = sink(std::visit(writer, block)); !written)
                return written;
        }
        return sink(fmt::format("{}---\n\n{}, {}, {}\n", writer.end(), escaped(document.program), escaped(document.subject), document.date));
    }
};

} // namespace

const Output& markdownOutput()
{
    static const MarkdownOutput output;
    return output;
}

} // namespace weighbridge
