// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/output.h"
#include "core/report/report_colours.h"
#include "core/report/svg.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

// One file without scripts and without anything from elsewhere; the policy holds it to that, whatever a checkpoint's names try.
constexpr std::string_view policy = "default-src 'none'; style-src 'unsafe-inline'";

constexpr std::string_view style = R"css(
body { margin: 0; background: var(--surface); color: var(--text); font: 15px/1.45 "Noto Sans", system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2.5rem 1.25rem 1.5rem; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 0 0 .4rem; }
h2 { font-size: 1.45rem; margin: 2.6rem 0 .6rem; border-top: 1px solid var(--text); padding-top: 1.2rem; }
h3 { font-size: 1.15rem; margin: 1.8rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1.3rem 0 .4rem; }
p { margin: .4rem 0; }
a { color: var(--accent); }
.kicker, .caption, figcaption, footer, th, dd { color: var(--second); }
.caption, figcaption, footer { font-size: .88rem; }
.title { display: flex; gap: 1rem; align-items: flex-start; margin-top: 1.6rem; }
.title > .glyph { flex: none; width: 2.6rem; height: 2.6rem; }
.lead { font-size: 1.07rem; }
.readouts { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; border: solid var(--text); border-width: 1px 0; padding: 1rem 0; margin: 1.6rem 0; }
.readouts div { flex: 1 1 9rem; }
.readouts dt { font-size: 1.5rem; font-weight: 600; }
.readouts dd { margin: 0; font-size: .92rem; }
figure { margin: 1.2rem 0; overflow-x: auto; }
figure svg { width: 100%; min-width: 34rem; height: auto; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th { text-align: left; font-weight: 400; border-bottom: 1px solid var(--text); vertical-align: bottom; }
th, td { padding: .3rem .6rem .3rem 0; }
td { border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.what { color: var(--second); width: 20%; }
.more { display: block; }
code, pre { font-family: "Noto Sans Mono", ui-monospace, monospace; font-size: .88em; }
pre { background: var(--code); border: 1px solid var(--line); padding: .7rem .9rem; overflow-x: auto; }
.glyph { display: inline-block; width: 1em; height: 1em; vertical-align: -.1em; margin-right: .35em; }
.glyph svg { width: 100%; height: 100%; }
summary { cursor: pointer; }
footer { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: .8rem; }
.contents { list-style: none; padding: 0; }
@media print { thead { display: table-header-group; } tr, figure { break-inside: avoid; } h2, h3, h4 { break-after: avoid; } }
)css";

std::string colourRules(bool isDark)
{
    std::string out = ":root {";
    for (const ReportColour& colour : reportColours())
        out += fmt::format(" --{}: {};", colour.name, isDark ? colour.dark : colour.light);
    return out + " }";
}

std::string variable(std::string_view name)
{
    return fmt::format("var(--{})", name);
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

std::string glyph(const std::string& name)
{
    const ReportGlyph* found = reportGlyph(name);
    if (!found)
        return {};
    const std::string svg = replaced(std::string(found->svg), "#FFFFFF", "var(--surface)");
    return fmt::format("<span class=\"glyph\" style=\"color: var(--{})\" aria-hidden=\"true\">{}</span>", found->colour, replaced(svg, " color=\"", " data-color=\""));
}

std::string linked(const std::string& markup, const std::string& anchor)
{
    return anchor.empty() ? markup : fmt::format("<a href=\"#{}\">{}</a>", anchor, markup);
}

std::string cellMarkup(const TableCell& cell, const TableColumn& column)
{
    std::string text = escapedMarkup(cell.text);
    if (column.kind == TableColumn::Kind::Name && !text.empty())
        text = fmt::format("<code>{}</code>", replaced(std::move(text), ".", ".<wbr>"));
    if (cell.isStrong)
        text = fmt::format("<strong>{}</strong>", text);
    std::string out = glyph(cell.glyph) + linked(text, cell.link);
    if (column.kind == TableColumn::Kind::Glyph && cell.glyph.starts_with("status-"))
        out = fmt::format("<span title=\"{0}\" role=\"img\" aria-label=\"{0}\">{1}</span>", cell.glyph.substr(7), out);
    if (!cell.more.empty())
        out += fmt::format("<span class=\"more\">{}</span>", escapedMarkup(cell.more));
    return out;
}

class HtmlWriter {
public:
    explicit HtmlWriter(const ReportDocument& document) : m_document(document) {}

    std::string begin() const
    {
        return fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n"
                           "<style>\n{}\n@media (prefers-color-scheme: dark) {{ {} }}\n@media print {{ {} }}{}</style>\n</head>\n<body>\n<main>\n",
                           policy, escapedMarkup(m_document.title), colourRules(false), colourRules(true), colourRules(false), style);
    }

    std::string operator()(const TitleBlock& block)
    {
        return fmt::format("<p class=\"kicker\">{}</p>\n<div class=\"title\">{}<div><h1>{}</h1>\n<p class=\"lead\">{}</p></div></div>\n", escapedMarkup(block.kicker), glyph(block.glyph),
                           escapedMarkup(block.text), escapedMarkup(block.lead));
    }

    std::string operator()(const HeadingBlock& block)
    {
        std::string out = block.level == HeadingBlock::Chapter ? end() : "";
        const std::string id = block.anchor.empty() ? "" : fmt::format(" id=\"{}\"", block.anchor);
        out += fmt::format("<h{0}{1}>{2}{3}{4}</h{0}>\n", block.level + 1, id, block.number.empty() ? "" : block.number + " ", glyph(block.glyph), escapedMarkup(block.text));
        if (block.isLong) {
            out += "<details><summary>Show</summary>\n";
            m_isFolded = true;
        }
        return out;
    }

    std::string operator()(const ParagraphBlock& block)
    {
        const char* name = block.kind == ParagraphBlock::Kind::Lead ? " class=\"lead\"" : block.kind == ParagraphBlock::Kind::Caption ? " class=\"caption\"" : "";
        return fmt::format("<p{}>{}</p>\n", name, escapedMarkup(block.text));
    }

    std::string operator()(const ReadoutsBlock& block)
    {
        std::string out = "<dl class=\"readouts\">\n";
        for (const auto& [number, caption] : block.readouts)
            out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escapedMarkup(number), escapedMarkup(caption));
        return out + "</dl>\n";
    }

    std::string operator()(const FigureBlock& block)
    {
        const std::string label = escapedMarkup(block.text.empty() ? block.caption : block.text);
        std::string svg = block.svg;
        svg.insert(std::min(svg.rfind("</svg>"), svg.size()), labelElements(block.labels));
        return fmt::format("<figure><div role=\"img\" aria-label=\"{}\">{}</div><figcaption>{}</figcaption></figure>\n", label, withColours(svg, variable), escapedMarkup(block.caption));
    }

    std::string operator()(const TableBlock& block)
    {
        std::string out = "<div class=\"table\"><table>\n";
        bool hasHead = false;
        std::string head = "<thead><tr>";
        for (const TableColumn& column : block.columns) {
            hasHead = hasHead || !column.head.empty();
            head += fmt::format("<th scope=\"col\"{}>{}</th>", column.kind == TableColumn::Kind::Number ? " class=\"number\"" : "", escapedMarkup(column.head));
        }
        out += hasHead ? head + "</tr></thead>\n<tbody>\n" : "<tbody>\n";
        for (const auto& row : block.rows) {
            out += "<tr>";
            for (size_t i = 0; i < row.size(); ++i) {
                const char* name = block.columns[i].kind == TableColumn::Kind::Number ? " class=\"number\"" : !hasHead && i == 0 ? " class=\"what\"" : "";
                out += fmt::format("<td{}>{}</td>", name, cellMarkup(row[i], block.columns[i]));
            }
            out += "</tr>\n";
        }
        return out + "</tbody>\n</table></div>\n";
    }

    std::string operator()(const CodeBlock& block) { return fmt::format("<pre><code>{}</code></pre>\n", escapedMarkup(block.text)); }

    std::string operator()(const ContentsBlock&)
    {
        std::string out = "<ol class=\"contents\">\n";
        for (const ReportBlock& block : m_document.blocks)
            if (const auto* heading = std::get_if<HeadingBlock>(&block); heading && heading->level == HeadingBlock::Chapter)
                out += fmt::format("<li>{} <a href=\"#{}\">{}</a></li>\n", heading->number, heading->anchor, escapedMarkup(heading->text));
        return out + "</ol>\n";
    }

    /// Closes what a long chapter has opened.
    std::string end()
    {
        return std::exchange(m_isFolded, false) ? "</details>\n" : "";
    }

    std::string finish()
    {
        return fmt::format("{}<footer>{} · {} · {}</footer>\n</main>\n</body>\n</html>\n", end(), escapedMarkup(m_document.program), escapedMarkup(m_document.subject), m_document.date);
    }

private:
    const ReportDocument& m_document;
    bool m_isFolded = false;
};

class HtmlOutput : public Output {
public:
    OutputInfo info() const override { return {"html", "html", "Web page"}; }
    Result<void> write(const Report& report, JobContext& job, const TextSink& sink) const override
    {
        const ReportDocument document = documentOf(report);
        HtmlWriter writer(document);
        if (auto written = sink(writer.begin()); !written)
            return written;
        for (const ReportBlock& block : document.blocks) {
            if (job.cancelled())
                return failure(cancelledError());
            if (auto written = sink(std::visit(writer, block)); !written)
                return written;
        }
        return sink(writer.finish());
    }
};

} // namespace

const Output& htmlOutput()
{
    static const HtmlOutput output;
    return output;
}

} // namespace weighbridge
