// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The drawings of a comparison.
#include "core/base/axis.h"
#include "core/base/text.h"
#include "core/report/figures.h"
#include "core/report/plot_panel.h"
#include "core/report/shade_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {
namespace {

constexpr size_t mostLines = 4;
constexpr size_t mostColumns = 14;
constexpr size_t mostLayers = 80;  ///< one page
constexpr double labelWidth = 62;
constexpr double narrow = 5;       ///< a bias beside its weight

std::string percentText(double change)
{
    return change == 0 ? "0 %" : std::isfinite(change) ? fmt::format("{} %", formatNumber(change * 100)) : "–";
}

/// The lines' names at their right ends, so far apart that they can be read.
void drawNames(PlotPanel& panel, const ChangeTable& table, const std::vector<size_t>& kinds, std::span<const std::string_view> colours, double top)
{
    std::vector<std::pair<double, size_t>> ends;
    for (size_t i = 0; i < kinds.size(); ++i)
        for (size_t layer = table.layers.size(); layer-- > 0;)
            if (const auto& cell = table.at(layer, kinds[i]); cell.isKnown() && std::isfinite(cell.change)) {
                ends.emplace_back(cell.change * 100, i);
                break;
            }
    std::sort(ends.rbegin(), ends.rend());
    const double step = top / 8;
    double free = top * 1.1;
    for (const auto& [value, i] : ends) {
        free = std::min(value, free - step);
        panel.drawTextAt(static_cast<double>(table.layers.back()), free - step / 3, "  " + table.labels[kinds[i]], colours[i], Svg::Anchor::Start);
    }
}

class ChangeMapDrawing {
public:
    explicit ChangeMapDrawing(const ChangeTable& table) : m_table(table)
    {
        m_columnWidth = std::min((figureWidth - labelWidth) / static_cast<double>(std::max<size_t>(1, table.columns.size())), 48.0);
        m_rowHeight = table.layers.size() > 40 ? 7 : table.layers.size() > 14 ? 14 : 20;
    }

    FigureBlock draw()
    {
        for (size_t k = 0; k < m_table.columns.size(); ++k)
            m_svg.text(xOf(k) + (m_columnWidth - 2) / 2, 7, elided(m_table.columns[k].label, 6.5, m_columnWidth - 1), 6.5, "second", Svg::Anchor::Middle);
        double y = 11;
        for (size_t layer = 0; layer < m_table.layers.size(); ++layer) {
            m_svg.text(0, y + m_rowHeight / 2 + 2.5, fmt::format("layer {}", m_table.layers[layer]), 7.5, "text");
            for (size_t k = 0; k < m_table.columns.size(); ++k) {
                drawCell(layer, m_table.columns[k].wide, xOf(k), y, m_columnWidth - narrow - 3);
                drawCell(layer, m_table.columns[k].narrow, xOf(k) + m_columnWidth - narrow - 2, y, narrow);
            }
            y += m_rowHeight + (m_rowHeight > 10 ? 1.5 : 0.7);
        }
        drawLegend(y + 8);
        return std::move(m_svg).finish(figureWidth, y + 28);
    }

private:
    [[nodiscard]] double xOf(size_t column) const { return labelWidth + m_columnWidth * static_cast<double>(column); }

    void drawCell(size_t layer, int kind, double x, double y, double width)
    {
        if (kind < 0 || m_table.at(layer, static_cast<size_t>(kind)).pair < 0)
            return;
        const ChangeTable::Cell& cell = m_table.at(layer, static_cast<size_t>(kind));
        if (!cell.isKnown())
            return m_svg.rect(x + 0.3, y + 0.3, width - 0.6, m_rowHeight - 0.6, {}, "line", 0.6, "1 1");
        const int shade = changeShade(cell.change);
        m_svg.rect(x, y, width, m_rowHeight, fmt::format("step{}", shade));
        if (m_rowHeight >= 10 && width >= 24)
            m_svg.text(x + width / 2, y + m_rowHeight / 2 + 2.5, cell.change == 0 ? "=" : formatNumber(cell.change * 100), 7, shade >= 4 ? "surface" : "text", Svg::Anchor::Middle);
    }

    void drawLegend(double y)
    {
        m_svg.text(labelWidth, y + 8, "change, %", 7, "second");
        const double left = labelWidth + 42;
        for (int i = 0; i < shadeSteps; ++i)
            m_svg.rect(left + 22 * i, y + 1, 22, 8, fmt::format("step{}", i));
        m_svg.text(left + 11, y + 18, "0", 6.5, "second", Svg::Anchor::Middle);
        m_svg.text(left + 24, y + 18, "0.01", 6.5, "second");
        m_svg.text(left + 22 * shadeSteps, y + 18, "20", 6.5, "second", Svg::Anchor::End);
    }

    const ChangeTable& m_table;
    Svg m_svg;
    double m_columnWidth = 40;
    double m_rowHeight = 20;
};

void drawPair(Svg& svg, double y, const std::string& name, const ValueDifference& values, const PairHistograms& histograms)
{
    const auto highest = [](const Histogram& histogram) { return histogram.counts.empty() ? 0.0 : static_cast<double>(*std::max_element(histogram.counts.begin(), histogram.counts.end())); };
    const auto xAxis = [](const Histogram& histogram, const char* title) {
        return histogram.high > histogram.low ? PlotAxis{histogram.low, histogram.high, title} : PlotAxis{histogram.low - 0.5, histogram.low + 0.5, title};
    };
    const auto yAxis = [](double top, const Histogram& histogram) { return PlotAxis{0, std::max(top, 1.0) * 1.06, fmt::format("elements per {}", formatNumber(histogram.binWidth()))}; };
    PlotPanel both(svg, 0, y, name, xAxis(histograms.a, "value"), yAxis(std::max(highest(histograms.a), highest(histograms.b)), histograms.a));
    both.drawSteps(histograms.a, 1, "second", 0.7, "line");
    both.drawSteps(histograms.b, 1, "accent", 1);
    both.drawLabel(0, "A", "second");
    both.drawLabel(1, "B", "accent", true);
    PlotPanel difference(svg, figureWidth - PlotPanel::width, y, fmt::format("changed by {}", percentText(values.relativeL2)), xAxis(histograms.difference, "B − A"),
                         yAxis(highest(histograms.difference), histograms.difference));
    difference.drawSteps(histograms.difference, 1, "accent", 0.9, "step1");
    difference.drawLabel(0, "rmse " + formatNumber(values.rmse), "text");
    difference.drawLabel(1, "max " + formatNumber(values.maxAbs), "text");
}

} // namespace

std::optional<FigureBlock> changeDepthFigure(const ChangeTable& table)
{
    const std::vector<size_t> kinds = table.movedMost(mostLines);
    double top = 0;
    for (const size_t kind : kinds)
        top = std::max(top, table.largestOf(kind) * 100);
    if (table.layers.size() < 2 || top == 0)
        return std::nullopt;
    constexpr std::array<std::string_view, mostLines> colours{"accent", "text", "second", "renamed"};
    constexpr std::array<std::string_view, mostLines> dashes{"", "4 2", "1 1.5", "5 1.5 1 1.5"};
    const auto first = static_cast<double>(table.layers.front()), last = static_cast<double>(table.layers.back());
    Svg svg;
    PlotPanel panel(svg, 0, 0, "Change over depth", {first, last, "layer", false, (last - first) * 0.22}, {0, top * 1.06, "relative change, %"}, figureWidth * 0.75);
    std::string text;
    for (size_t i = 0; i < kinds.size(); ++i) {
        Svg::Points points;
        std::string numbers;
        for (size_t layer = 0; layer < table.layers.size(); ++layer)
            if (const auto& cell = table.at(layer, kinds[i]); cell.isKnown() && std::isfinite(cell.change)) {
                points.emplace_back(static_cast<double>(table.layers[layer]), cell.change * 100);
                numbers += fmt::format("  {}: {}", table.layers[layer], formatNumber(cell.change * 100));
            }
        panel.drawLine(points, colours[i], 1.2, dashes[i]);
        text += fmt::format("{}{}, % by layer{}", text.empty() ? "" : "\n", table.labels[kinds[i]], numbers);
    }
    drawNames(panel, table, kinds, colours, top);
    FigureBlock figure = std::move(svg).finish(figureWidth, PlotPanel::height);
    figure.caption = "Relative change |B − A| / |A| of the kinds of matrices that moved most, layer by layer.";
    figure.text = std::move(text);
    return figure;
}

std::optional<FigureBlock> changeMapFigure(const ChangeTable& table)
{
    if (!table.hasValues() || table.layers.size() < 2 || table.columns.size() > mostColumns || table.layers.size() > mostLayers)
        return std::nullopt;
    FigureBlock figure = ChangeMapDrawing(table).draw();
    figure.caption = "Relative change of each tensor in percent, layer by kind: the wide cell is the weight, the narrow one the bias; “=” is no change.";
    return figure;
}

std::vector<FigureBlock> pairFigures(const Difference& difference, const std::vector<ReportedPair>& pairs)
{
    std::vector<FigureBlock> out;
    bool isSampled = false;
    for (const ReportedPair& plot : pairs) {
        const TensorPair& pair = difference.pairs[plot.pair];
        const std::string name = shown(difference.a->tensors[static_cast<size_t>(pair.a)].name);
        Svg svg;
        drawPair(svg, 0, name, *pair.values, plot.histograms);
        out.push_back(std::move(svg).finish(figureWidth, PlotPanel::height));
        out.back().text = fmt::format("{}: changed by {}, from {} to {}", name, percentText(pair.values->relativeL2), formatNumber(plot.histograms.difference.low), formatNumber(plot.histograms.difference.high));
        isSampled = isSampled || plot.sampled < plot.count;
    }
    if (!out.empty())
        out.back().caption = fmt::format("Values of the matrices that moved most: A (filled) and B (line) at the left, their difference at the right{}.", isSampled ? "; of large ones an even sample" : "");
    return out;
}

} // namespace weighbridge
