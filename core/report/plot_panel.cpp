// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/plot_panel.h"

#include "core/base/axis.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr double left = 38;       ///< of the plot area in its panel
constexpr double top = 22;
constexpr double plotHeight = 76;
constexpr double axisText = 6.5;

/// 0 to 1 along an axis.
double shareOf(const PlotAxis& axis, double value)
{
    const double share = axis.isLogarithmic ? std::log(std::max(value, axis.low) / axis.low) / std::log(axis.high / axis.low) : (value - axis.low) / (axis.high + axis.behind - axis.low);
    return std::clamp(share, 0.0, 1.0);
}

} // namespace

PlotPanel::PlotPanel(Svg& svg, double x, double y, std::string_view title, PlotAxis xAxis, PlotAxis yAxis, double panelWidth)
    : m_svg(svg), m_left(x + left), m_top(y + top), m_width(panelWidth - left - 4), m_x(std::move(xAxis)), m_y(std::move(yAxis))
{
    m_svg.text(x, m_top - 13, elided(title, 7.5, panelWidth), 7.5, "text", Svg::Anchor::Start, true);
    m_svg.text(x, m_top - 4, m_y.title, axisText, "second");
    drawYAxis();
    drawXAxis();
}

double PlotPanel::xOf(double value) const
{
    return m_left + m_width * shareOf(m_x, value);
}

double PlotPanel::yOf(double value) const
{
    return m_top + plotHeight * (1 - shareOf(m_y, value));
}

void PlotPanel::drawYAxis()
{
    const std::vector<double> ticks = m_y.isLogarithmic ? logTicks(m_y.low, m_y.high, 4) : linearTicks(m_y.low, m_y.high, 3);
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : m_y.high - m_y.low;
    for (const double tick : ticks) {
        if (tick > m_y.low)
            m_svg.line(m_left, yOf(tick), m_left + m_width, yOf(tick), "grid", 0.5);
        m_svg.text(m_left - 4, yOf(tick) + 2.2, m_y.isLogarithmic ? formatLogTick(tick) : formatLinearTick(tick, step), axisText, "second", Svg::Anchor::End);
    }
}

void PlotPanel::drawXAxis()
{
    const double bottom = m_top + plotHeight;
    m_svg.line(m_left, bottom, xOf(m_x.high), bottom, "second", 0.6);
    const std::vector<double> ticks = linearTicks(m_x.low, m_x.high, 4);
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : m_x.high - m_x.low;
    for (const double tick : ticks) {
        m_svg.line(xOf(tick), bottom, xOf(tick), bottom + 3, "second", 0.6);
        m_svg.text(xOf(tick), bottom + 10, formatLinearTick(tick, step), axisText, "second", Svg::Anchor::Middle);
    }
    m_svg.text(m_left + m_width / 2, bottom + 19, m_x.title, axisText, "second", Svg::Anchor::Middle);
}

void PlotPanel::drawSteps(const Histogram& histogram, double factor, std::string_view stroke, double strokeWidth, std::string_view fill)
{
    const double bottom = m_top + plotHeight;
    if (histogram.binWidth() <= 0)
        return m_svg.line(xOf(histogram.low), bottom, xOf(histogram.low), m_top, stroke, 1.5);
    Svg::Points points{{xOf(histogram.low), bottom}};
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
        const double y = yOf(static_cast<double>(histogram.counts[i]) * factor);
        points.emplace_back(xOf(histogram.edge(i)), y);
        points.emplace_back(xOf(histogram.edge(i + 1)), y);
    }
    points.emplace_back(xOf(histogram.high), bottom);
    m_svg.polyline(points, stroke, strokeWidth, fill);
}

void PlotPanel::drawLine(const Svg::Points& points, std::string_view stroke, double strokeWidth, std::string_view dashes)
{
    Svg::Points placed;
    for (const auto& [x, y] : points)
        placed.emplace_back(xOf(x), yOf(y));
    m_svg.polyline(placed, stroke, strokeWidth, {}, dashes);
}

void PlotPanel::drawLabel(int line, std::string_view text, std::string_view colour, bool isBold)
{
    m_svg.text(m_left + m_width, m_top + 5 + 9 * line, text, 7, colour, Svg::Anchor::End, isBold);
}

void PlotPanel::drawTextAt(double x, double y, std::string_view text, std::string_view colour, Svg::Anchor anchor)
{
    m_svg.text(xOf(x), yOf(y), text, 7, colour, anchor);
}

} // namespace weighbridge
