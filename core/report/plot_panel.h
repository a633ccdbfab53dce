// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/svg.h"
#include "core/statistics/tensor_statistics.h"

#include <string>
#include <string_view>

namespace weighbridge {

struct PlotAxis {
    double low = 0;
    double high = 1;             ///< greater than low; both positive if it is logarithmic
    std::string title;           ///< "value", "elements per 0.004"
    bool isLogarithmic = false;
    double behind = 0;           ///< of a linear x axis: room behind `high` without ticks, in its units
};

/// A plot in a figure: y over x, ticks outside on x only, horizontal grid lines, titles of both axes. What is drawn is cut at its edges.
class PlotPanel {
public:
    static constexpr double width = 238;  ///< two of them stand beside each other in a text column
    static constexpr double height = 128;

    /// With its upper left corner at (x, y); draws the axes, and `title` above them.
    PlotPanel(Svg& svg, double x, double y, std::string_view title, PlotAxis xAxis, PlotAxis yAxis, double panelWidth = width);

    /// The counts times `factor`; a histogram without width is one line as high as the plot.
    void drawSteps(const Histogram& histogram, double factor, std::string_view stroke, double strokeWidth, std::string_view fill = {});
    /// Points in the axes' units.
    void drawLine(const Svg::Points& points, std::string_view stroke, double strokeWidth, std::string_view dashes = {});
    /// A text at the right end, `line` lines below the upper edge.
    void drawLabel(int line, std::string_view text, std::string_view colour, bool isBold = false);
    /// A text beside a point.
    void drawTextAt(double x, double y, std::string_view text, std::string_view colour, Svg::Anchor anchor);
    [[nodiscard]] double xOf(double value) const;
    [[nodiscard]] double yOf(double value) const;

private:
    void drawYAxis();
    void drawXAxis();

    Svg& m_svg;
    double m_left;
    double m_top;
    double m_width;
    PlotAxis m_x, m_y;
};

} // namespace weighbridge
