// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/axis.h"
#include "core/base/text.h"
#include "core/report/figures.h"
#include "core/report/plot_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

namespace weighbridge {
namespace {

constexpr size_t maximumSiblings = 6;
constexpr size_t maximumPanels = 4;

const TensorStatistics* statisticsOf(const CheckpointStatistics& values, size_t tensor)
{
    const auto& analysis = values.tensors[tensor];
    return analysis && !analysis->statistics.histogram.counts.empty() ? &analysis->statistics : nullptr;
}

/// One tensor's histogram in its panel; heights are counts per bin of this tensor, whatever bins a sibling has.
class HistogramPanel {
public:
    HistogramPanel(const TensorStatistics& own, std::vector<const TensorStatistics*> siblings, bool isRandom) : m_own(own), m_siblings(std::move(siblings)), m_isRandom(isRandom)
    {
        m_low = own.histogram.low;
        m_high = own.histogram.high;
        for (const TensorStatistics* sibling : m_siblings) {
            m_low = std::min(m_low, sibling->mean - 3 * sibling->std);
            m_high = std::max(m_high, sibling->mean + 3 * sibling->std);
        }
        if (!(m_high > m_low)) { // a constant
            m_low -= 0.5;
            m_high += 0.5;
        }
        m_bin = own.histogram.binWidth() > 0 ? own.histogram.binWidth() : (m_high - m_low) / 50;
    }

    void draw(Svg& svg, double x, double y, const std::string& title) const
    {
        const uint64_t top = *std::max_element(m_own.histogram.counts.begin(), m_own.histogram.counts.end());
        PlotPanel panel(svg, x, y, title, {m_low, m_high, "value"}, {0, static_cast<double>(std::max<uint64_t>(top, 1)), fmt::format("elements per {}", formatNumber(m_bin))});
        for (const TensorStatistics* sibling : m_siblings)
            drawSteps(panel, *sibling, "second", 0.5, {});
        drawSteps(panel, m_own, m_isRandom ? "random" : "trained", 0.9, m_isRandom ? "random-pale" : "step1");
        if (m_isRandom && m_own.std > 0)
            panel.drawLine(normal(), "accent", 0.9, "3 2");
    }

private:
    void drawSteps(PlotPanel& panel, const TensorStatistics& statistics, std::string_view stroke, double width, std::string_view fill) const
    {
        const double bin = statistics.histogram.binWidth();
        const double factor = bin > 0 ? static_cast<double>(m_own.finite) / static_cast<double>(std::max<uint64_t>(statistics.finite, 1)) * m_bin / bin : 1;
        panel.drawSteps(statistics.histogram, factor, stroke, width, fill);
    }

    /// The normal distribution of the tensor's mean and standard deviation, within the plot.
    [[nodiscard]] Svg::Points normal() const
    {
        Svg::Points points;
        constexpr int steps = 80;
        for (int i = 0; i <= steps; ++i) {
            const double z = 8.0 * i / steps - 4;
            if (const double value = m_own.mean + m_own.std * z; value >= m_low && value <= m_high)
                points.emplace_back(value, static_cast<double>(m_own.finite) * m_bin * std::exp(-z * z / 2) / (m_own.std * std::sqrt(2 * std::numbers::pi)));
        }
        return points;
    }

    const TensorStatistics& m_own;
    std::vector<const TensorStatistics*> m_siblings;
    bool m_isRandom;
    double m_low = 0;
    double m_high = 1;
    double m_bin = 1;
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

std::vector<const Spectrum*> spectraOf(const Spectra& spectra, const std::vector<size_t>& tensors)
{
    std::vector<const Spectrum*> out;
    for (const size_t tensor : tensors)
        if (const auto found = spectra.find(tensor); found != spectra.end())
            out.push_back(&found->second);
    return out;
}

/// "all 384 below the Marchenko–Pastur edge 0.784".
std::string edgeWords(const Spectrum& spectrum)
{
    const std::string count = spectrum.beyondEdge == 0 ? fmt::format("all {} below", spectrum.values.size()) : fmt::format("{} of {} above", spectrum.beyondEdge, spectrum.values.size());
    return fmt::format("{} the Marchenko–Pastur edge {}", count, formatNumber(spectrum.upperEdge));
}

/// Singular values by rank, the siblings' thin behind them, and where those of random values would end.
void drawSpectrum(Svg& svg, double x, double y, const Spectrum& own, const std::vector<const Spectrum*>& siblings, bool isRandom)
{
    double high = std::max(own.values.front(), own.upperEdge), low = high;
    std::vector<const Spectrum*> all = siblings;
    all.push_back(&own);
    for (const Spectrum* spectrum : all) {
        high = std::max(high, spectrum->values.front());
        for (const double value : spectrum->values)
            low = value > 0 ? std::min(low, value) : low;
    }
    constexpr double mostDecades = 1e-4;
    PlotPanel panel(svg, x, y, edgeWords(own), {1, static_cast<double>(std::max<size_t>(own.values.size(), 2)), "rank of singular value"},
                    {std::max(low * 0.8, high * mostDecades), high * 1.4, "singular value", true});
    const auto line = [](const Spectrum& spectrum) {
        Svg::Points points;
        for (size_t rank = 0; rank < spectrum.values.size(); ++rank)
            points.emplace_back(static_cast<double>(rank + 1), spectrum.values[rank]);
        return points;
    };
    for (const Spectrum* sibling : siblings)
        panel.drawLine(line(*sibling), "second", 0.5);
    panel.drawLine({{1, own.upperEdge}, {static_cast<double>(own.values.size()), own.upperEdge}}, "accent", 0.9, "3 2");
    panel.drawLine(line(own), isRandom ? "random" : "trained", 1.3);
}

} // namespace

std::optional<FigureBlock> valuesFigure(const Checkpoint& checkpoint, const CheckpointStatistics& values, const Siblings& allSiblings, const Spectra& spectra, const std::vector<size_t>& tensors)
{
    Svg svg;
    std::string text;
    std::set<std::string> forms;
    size_t panels = 0;
    const auto corner = [&panels] { return std::pair(panels % 2 == 0 ? 0 : figureWidth - PlotPanel::width, PlotPanel::height * static_cast<double>(panels / 2)); };
    for (const size_t tensor : tensors) {
        const TensorStatistics* own = statisticsOf(values, tensor);
        if (!own || panels >= maximumPanels)
            continue;
        std::vector<size_t> siblings = allSiblings.of(tensor);
        siblings.resize(std::min(siblings.size(), maximumSiblings));
        std::vector<const TensorStatistics*> others;
        for (const size_t sibling : siblings)
            others.push_back(statisticsOf(values, sibling));
        const bool isRandom = values.origin.tensors[tensor].verdict == OriginVerdict::Random;
        const std::string name = shown(checkpoint.tensors[tensor].name);
        const auto [x, y] = corner();
        HistogramPanel(*own, std::move(others), isRandom).draw(svg, x, y, name);
        ++panels;
        text += fmt::format("{}{}  {}  {} to {}", text.empty() ? "" : "\n", sparkline(own->histogram), name, formatNumber(own->histogram.low), formatNumber(own->histogram.high));
        forms.insert(siblings.empty() ? "" : ", the same tensor in the other layers (grey)");
        forms.insert(isRandom ? ", a normal distribution of the same width (dashed)" : "");
        if (const auto spectrum = spectra.find(tensor); spectrum != spectra.end()) {
            const auto [right, below] = corner();
            drawSpectrum(svg, right, below, spectrum->second, spectraOf(spectra, siblings), isRandom);
            ++panels;
            text += "; singular values: " + edgeWords(spectrum->second);
            forms.insert("; singular values, and the Marchenko–Pastur edge of random ones (dashed)");
        }
    }
    if (panels == 0)
        return std::nullopt;
    FigureBlock figure = std::move(svg).finish(figureWidth, PlotPanel::height * static_cast<double>((panels + 1) / 2));
    figure.text = std::move(text);
    figure.caption = fmt::format("Values of the tensor (filled){}.", fmt::join(forms, ""));
    return figure;
}

} // namespace weighbridge
