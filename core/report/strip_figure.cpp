// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/text.h"
#include "core/report/figures.h"
#include "core/report/strip_cells.h"
#include "core/report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace weighbridge {
namespace {

constexpr double labelWidth = 56;
constexpr double groupGap = 5;
constexpr double cellHeight = 8;
constexpr double rowStep = 15;
constexpr double firstRow = 14;
constexpr double smallestCell = 2.5;
constexpr double labelSize = 7.5;

const char* label(StripRow::Kind kind)
{
    constexpr std::array<const char*, StripRow::kinds> labels{"Expected", "Found", "After fix", "A", "B"};
    return labels[static_cast<size_t>(kind)];
}

/// A tensor of B: shaded by its change, or with a plus where A has none.
void drawMoved(Svg& svg, double x, double y, double w, const StripCell& cell)
{
    if (cell.state == RowState::Unexpected) {
        svg.rect(x, y, w, cellHeight, "matched");
        if (w > 2.5) {
            svg.line(x + w / 2, y + 2, x + w / 2, y + cellHeight - 2, "surface", 0.7);
            svg.line(x + 0.7, y + cellHeight / 2, x + w - 0.7, y + cellHeight / 2, "surface", 0.7);
        }
    } else if (cell.shade < 0) {
        svg.rect(x + 0.3, y + 0.3, w - 0.6, cellHeight - 0.6, {}, "second", 0.6, "1 1");
    } else {
        svg.rect(x + 0.2, y + 0.2, w - 0.4, cellHeight - 0.4, fmt::format("step{}", cell.shade), cell.shade == 0 ? "line" : "", 0.4);
    }
}

/// The forms of the window's strip: legible without colour.
void drawCell(Svg& svg, double x, double y, double width, const StripCell& cell, StripRow::Kind kind)
{
    const double w = std::max(width - 0.9, 0.8);
    const RowState state = cell.state;
    const auto outline = [&](std::string_view colour, std::string_view dashes = {}) { svg.rect(x + 0.3, y + 0.3, w - 0.6, cellHeight - 0.6, {}, colour, 0.6, dashes); };
    if (state == RowState::Missing || state == RowState::Lost)
        return outline("missing");
    if (kind == StripRow::Kind::Expected || (kind == StripRow::Kind::A && state == RowState::Present))
        return outline(state == RowState::Ignored ? "line" : "second");
    if (kind == StripRow::Kind::B && state != RowState::ShapeDiffers)
        return drawMoved(svg, x, y, w, cell);
    switch (state) {
    case RowState::Ignored: return svg.rect(x, y, w, cellHeight, "line");
    case RowState::Tied:
        return outline("trained");
    case RowState::Renamed: return svg.rect(x, y, w, cellHeight, "renamed");
    case RowState::Undecidable: return outline("second", "1 1");
    case RowState::Unexpected: return svg.rect(x, y, w, cellHeight, "unexpected");
    case RowState::DTypeDiffers:
    case RowState::ShapeDiffers:
        svg.rect(x, y, w, cellHeight, "mismatched");
        return svg.line(x, y + cellHeight, x + w, y, "surface", 0.7);
    case RowState::AllZero:
    case RowState::NonFinite:
        svg.rect(x, y, w, cellHeight, "missing");
        svg.line(x, y + cellHeight, x + w, y, "surface", 0.7);
        return svg.line(x, y, x + w, y + cellHeight, "surface", 0.7);
    case RowState::NeverTrained:
        svg.rect(x + 0.3, y + 0.3, w - 0.6, cellHeight - 0.6, "random-pale", "random", 0.6);
        return svg.hatching(x, y, w, cellHeight, "random", 0.6, 2.5);
    default: return svg.rect(x, y, w, cellHeight, kind == StripRow::Kind::AfterFix ? "matched" : "trained");
    }
}

std::string captionFor(const Strip& strip, bool isReduced)
{
    std::set<RowState> states;
    for (const StripRow& row : strip.rows)
        for (const StripCell& cell : row.cells)
            if (cell.tensors > 0)
                states.insert(cell.state);
    const bool isComparison = strip.rows.front().kind == StripRow::Kind::A;
    std::vector<std::string> forms;
    const auto say = [&](RowState state, const char* text, const char* inComparison) {
        if (const char* form = isComparison ? inComparison : text; states.contains(state) && form)
            forms.emplace_back(form);
    };
    say(RowState::Present, nullptr, "B is shaded by its change.");
    say(RowState::Missing, "Red outline: missing.", "Red outline: only in A.");
    say(RowState::Lost, "Red outline: its bytes are lost.", nullptr);
    say(RowState::Unexpected, "Orange: unexpected.", "Plus: only in B.");
    say(RowState::ShapeDiffers, "Struck through: shape differs.", "Struck through: shape differs.");
    say(RowState::Tied, "Blue outline: tied to another tensor, stored once.", nullptr);
    say(RowState::Renamed, "Purple: renamed by the loader.", "Purple: renamed.");
    say(RowState::NeverTrained, "Hatched: never trained.", nullptr);
    say(RowState::NonFinite, "Crossed: NaN or Inf.", nullptr);
    say(RowState::AllZero, "Crossed: all zero.", nullptr);
    return fmt::format("{} in {} order. {}", isReduced ? "Neighbouring tensors share a cell, which shows the worst of them," : "One cell per tensor", isComparison ? "A’s" : "the model’s", fmt::join(forms, " "));
}

class StripDrawing {
public:
    explicit StripDrawing(const Strip& strip) : m_strip(strip)
    {
        const double gaps = groupGap * static_cast<double>(strip.groups.empty() ? 0 : strip.groups.size() - 1);
        m_cell = std::min((figureWidth - labelWidth - gaps) / std::max(1, strip.positions), 14.0);
    }

    FigureBlock draw()
    {
        drawLabels();
        double y = firstRow;
        for (const StripRow& row : m_strip.rows) {
            m_svg.text(0, y + cellHeight - 1, label(row.kind), 8.5, "text");
            for (size_t group = 0; group < m_strip.groups.size(); ++group)
                for (int at = m_strip.groups[group].begin; at < m_strip.groups[group].end; ++at)
                    if (const StripCell& cell = row.cells[static_cast<size_t>(at)]; cell.tensors > 0)
                        drawCell(m_svg, xOf(group, at), y, m_cell, cell, row.kind);
            y += rowStep;
        }
        return std::move(m_svg).finish(figureWidth, height());
    }
    [[nodiscard]] double height() const { return firstRow + rowStep * static_cast<double>(m_strip.rows.size()) - 4; }

private:
    [[nodiscard]] double xOf(size_t group, int position) const { return labelWidth + m_cell * position + groupGap * static_cast<double>(group); }

    void drawLabels()
    {
        double free = 0; // labels do not run into each other
        for (size_t i = 0; i < m_strip.groups.size(); ++i) {
            const StripGroup& group = m_strip.groups[i];
            const std::string text = elided(shown(group.label), labelSize, 70);
            const double width = textWidth(text, labelSize);
            const double x = std::min(xOf(i, group.begin), figureWidth - width);
            if (x < free)
                continue;
            m_svg.text(x, firstRow - 4, text, labelSize, "second");
            free = x + width + 4;
        }
    }

    const Strip& m_strip;
    Svg m_svg;
    double m_cell = 1;
};

} // namespace

namespace {

/// In at most as many cells as there is room for.
std::optional<FigureBlock> figureOf(const Strip& whole)
{
    if (whole.positions == 0)
        return std::nullopt;
    const double room = figureWidth - labelWidth - groupGap * static_cast<double>(std::min<size_t>(whole.groups.size(), 40));
    const Strip strip = whole.reduced(int(room / smallestCell));
    FigureBlock figure = StripDrawing(strip).draw();
    figure.caption = captionFor(strip, strip.positions < whole.positions);
    for (const StripRow& row : strip.rows)
        figure.text += fmt::format("{}{}: {}", figure.text.empty() ? "" : "; ", label(row.kind), row.summary);
    return figure;
}

} // namespace

std::optional<FigureBlock> stripFigure(const TensorRows& asItLoads, const TensorRows* afterFix)
{
    Strip strip = buildStrip(asItLoads, afterFix);
    if (!strip.rows.empty() && strip.rows.front().kind == StripRow::Kind::Expected)
        strip.rows.front().summary = fmt::format("{} tensors", asItLoads.expectedCount());
    return figureOf(strip);
}

std::optional<FigureBlock> comparisonStripFigure(const Difference& difference)
{
    return figureOf(comparisonStrip(difference));
}

} // namespace weighbridge
