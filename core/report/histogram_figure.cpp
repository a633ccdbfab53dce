// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/axis.h"
#include "core/base/text.h"
#include "core/diagnosis/layer_names.h"
#include "core/report/figures.h"
#include "core/report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr double panelWidth = 238;
constexpr double panelHeight = 128;
constexpr double left = 38;       ///< of the plot area in its panel
constexpr double top = 22;
constexpr double plotWidth = panelWidth - left - 4;
constexpr double plotHeight = 76;
constexpr size_t maximumSiblings = 6;

const TensorStatistics* statisticsOf(const CheckpointStatistics& values, size_t tensor)
{
    const auto& analysis = values.tensors[tensor];
    return analysis && !analysis->statistics.histogram.counts.empty() ? &analysis->statistics : nullptr;
}

std::string withoutLayer(const LayerName& name)
{
    return std::string(name.stem) + "{}" + std::string(name.rest);
}

/// One tensor's histogram in its panel; heights are counts per bin of this tensor, whatever bins a sibling has.
class HistogramPanel {
public:
    HistogramPanel(Svg& svg, double x, double y, const TensorStatistics& own, const std::vector<const TensorStatistics*>& siblings, bool isRandom)
        : m_svg(svg), m_x(x + left), m_y(y + top), m_own(own), m_siblings(siblings), m_isRandom(isRandom)
    {
        m_low = own.histogram.low;
        m_high = own.histogram.high;
        for (const TensorStatistics* sibling : siblings) {
            m_low = std::min(m_low, sibling->mean - 3 * sibling->std);
            m_high = std::max(m_high, sibling->mean + 3 * sibling->std);
        }
        if (!(m_high > m_low)) { // a constant
            m_low -= 0.5;
            m_high += 0.5;
        }
        m_bin = own.histogram.binWidth() > 0 ? own.histogram.binWidth() : (m_high - m_low) / 50;
        for (const uint64_t count : own.histogram.counts)
            m_top = std::max(m_top, static_cast<double>(count));
    }

    void draw(const std::string& title)
    {
        m_svg.text(m_x - left, m_y - 13, title, 7.5, "text", Svg::Anchor::Start, true);
        m_svg.text(m_x - left, m_y - 4, fmt::format("elements per {}", formatNumber(m_bin)), 6.5, "second");
        drawAxes();
        for (const TensorStatistics* sibling : m_siblings)
            drawSteps(*sibling, "second", 0.5, {});
        drawSteps(m_own, m_isRandom ? "random" : "trained", 0.9, m_isRandom ? "random-pale" : "step1");
        if (m_isRandom && m_own.std > 0)
            drawNormal();
    }

private:
    [[nodiscard]] double xOf(double value) const { return m_x + plotWidth * std::clamp((value - m_low) / (m_high - m_low), 0.0, 1.0); }
    [[nodiscard]] double yOf(double count) const { return m_y + plotHeight * (1 - std::min(count / m_top, 1.0)); }

    void drawAxes()
    {
        for (const double tick : linearTicks(0, m_top, 3)) {
            if (tick > 0)
                m_svg.line(m_x, yOf(tick), m_x + plotWidth, yOf(tick), "grid", 0.5);
            m_svg.text(m_x - 4, yOf(tick) + 2.2, groupDigits(static_cast<uint64_t>(tick)), 6.5, "second", Svg::Anchor::End);
        }
        m_svg.line(m_x, m_y + plotHeight, m_x + plotWidth, m_y + plotHeight, "second", 0.6);
        const std::vector<double> ticks = linearTicks(m_low, m_high, 4);
        const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : m_high - m_low;
        for (const double tick : ticks) {
            m_svg.line(xOf(tick), m_y + plotHeight, xOf(tick), m_y + plotHeight + 3, "second", 0.6);
            m_svg.text(xOf(tick), m_y + plotHeight + 10, formatLinearTick(tick, step), 6.5, "second", Svg::Anchor::Middle);
        }
        m_svg.text(m_x + plotWidth / 2, m_y + plotHeight + 19, "value", 6.5, "second", Svg::Anchor::Middle);
    }

    void drawSteps(const TensorStatistics& statistics, std::string_view stroke, double width, std::string_view fill)
    {
        const Histogram& histogram = statistics.histogram;
        if (histogram.binWidth() == 0) { // a constant: one line as high as the plot
            m_svg.line(xOf(histogram.low), m_y + plotHeight, xOf(histogram.low), m_y, stroke, 1.5);
            return;
        }
        const double share = static_cast<double>(m_own.finite) / static_cast<double>(std::max<uint64_t>(statistics.finite, 1)) * m_bin / histogram.binWidth();
        Svg::Points points{{xOf(histogram.low), m_y + plotHeight}};
        for (size_t i = 0; i < histogram.counts.size(); ++i) {
            const double y = yOf(static_cast<double>(histogram.counts[i]) * share);
            points.emplace_back(xOf(histogram.edge(i)), y);
            points.emplace_back(xOf(histogram.edge(i + 1)), y);
        }
        points.emplace_back(xOf(histogram.high), m_y + plotHeight);
        m_svg.polyline(points, stroke, width, fill);
    }

    void drawNormal()
    {
        Svg::Points points;
        constexpr int steps = 80;
        constexpr double pi = 3.14159265358979323846;
        for (int i = 0; i <= steps; ++i) {
            const double value = m_own.mean + m_own.std * (8.0 * i / steps - 4);
            if (value < m_low || value > m_high)
                continue;
            const double z = (value - m_own.mean) / m_own.std;
            points.emplace_back(xOf(value), yOf(static_cast<double>(m_own.finite) * m_bin * std::exp(-z * z / 2) / (m_own.std * std::sqrt(2 * pi))));
        }
        m_svg.polyline(points, "accent", 0.9, {}, "3 2");
    }

    Svg& m_svg;
    double m_x;
    double m_y;
    const TensorStatistics& m_own;
    const std::vector<const TensorStatistics*>& m_siblings;
    bool m_isRandom;
    double m_low = 0;
    double m_high = 1;
    double m_bin = 1;
    double m_top = 1;
};

/// A histogram in one line of text: eight heights.
std::string sparkline(const Histogram& histogram)
{
    constexpr std::string_view heights[]{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr size_t maximumColumns = 24;
    const size_t binsPerColumn = (histogram.counts.size() + maximumColumns - 1) / maximumColumns;
    std::vector<uint64_t> sums((histogram.counts.size() + binsPerColumn - 1) / binsPerColumn);
    for (size_t i = 0; i < histogram.counts.size(); ++i)
        sums[i / binsPerColumn] += histogram.counts[i];
    const uint64_t highest = std::max<uint64_t>(*std::max_element(sums.begin(), sums.end()), 1);
    std::string out;
    for (const uint64_t sum : sums)
        out += heights[std::min<size_t>(7, static_cast<size_t>(8.0 * static_cast<double>(sum) / static_cast<double>(highest)))];
    return out;
}

} // namespace

Siblings::Siblings(const Checkpoint& checkpoint, const CheckpointStatistics& values) : m_checkpoint(checkpoint)
{
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        const auto layer = layerOf(checkpoint.tensors[i].name);
        const OriginVerdict verdict = values.origin.tensors[i].verdict;
        if (layer && statisticsOf(values, i) && verdict != OriginVerdict::Random && verdict != OriginVerdict::Constant)
            m_trained[withoutLayer(*layer)].emplace_back(layer->index, i);
    }
}

std::vector<size_t> Siblings::of(size_t tensor) const
{
    const auto own = layerOf(m_checkpoint.tensors[tensor].name);
    const auto same = own ? m_trained.find(withoutLayer(*own)) : m_trained.end();
    if (same == m_trained.end())
        return {};
    std::vector<std::pair<int64_t, size_t>> byDistance;
    for (const auto& [layer, index] : same->second)
        if (index != tensor)
            byDistance.emplace_back(std::abs(layer - own->index), index);
    std::stable_sort(byDistance.begin(), byDistance.end());
    std::vector<size_t> out;
    for (const auto& [distance, index] : byDistance)
        out.push_back(index);
    return out;
}

std::optional<FigureBlock> histogramFigure(const Checkpoint& checkpoint, const CheckpointStatistics& values, const Siblings& allSiblings, const std::vector<size_t>& tensors)
{
    Svg svg;
    std::string text;
    size_t panels = 0;
    bool hasSiblings = false;
    bool hasRandom = false;
    for (const size_t tensor : tensors) {
        const TensorStatistics* own = statisticsOf(values, tensor);
        if (!own)
            continue;
        std::vector<const TensorStatistics*> siblings;
        for (const size_t sibling : allSiblings.of(tensor))
            if (siblings.size() < maximumSiblings)
                siblings.push_back(statisticsOf(values, sibling));
        const bool isRandom = values.origin.tensors[tensor].verdict == OriginVerdict::Random;
        const std::string name = shown(checkpoint.tensors[tensor].name);
        const double x = panels % 2 == 0 ? 0 : figureWidth - panelWidth;
        const double y = panelHeight * static_cast<double>(panels / 2);
        HistogramPanel(svg, x, y, *own, siblings, isRandom).draw(elided(name, 7.5, panelWidth));
        text += fmt::format("{}{}  {}  {} to {}", text.empty() ? "" : "\n", sparkline(own->histogram), name, formatNumber(own->histogram.low), formatNumber(own->histogram.high));
        hasSiblings = hasSiblings || !siblings.empty();
        hasRandom = hasRandom || isRandom;
        ++panels;
    }
    if (panels == 0)
        return std::nullopt;
    FigureBlock figure = std::move(svg).finish(figureWidth, panelHeight * static_cast<double>((panels + 1) / 2));
    figure.text = std::move(text);
    figure.caption = fmt::format("Values of the tensor (filled){}{}.", hasSiblings ? ", the same tensor in the other layers (grey)" : "", hasRandom ? ", a normal distribution of the same width (dashed)" : "");
    return figure;
}

} // namespace weighbridge
