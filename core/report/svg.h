// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/report_document.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// Text with the five characters escaped that mean something in HTML and SVG.
[[nodiscard]] std::string escapedMarkup(std::string_view text);

/// Builds the drawing of a FigureBlock. Colours are the names of reportColours(); an empty one: none.
class Svg {
public:
    using Anchor = FigureLabel::Anchor;
    using Points = std::vector<std::pair<double, double>>;

    void rect(double x, double y, double width, double height, std::string_view fill, std::string_view stroke = {}, double strokeWidth = 1, std::string_view dashes = {});
    void line(double x1, double y1, double x2, double y2, std::string_view stroke, double strokeWidth = 1, std::string_view dashes = {});
    void polyline(const Points& points, std::string_view stroke, double strokeWidth = 1, std::string_view fill = {}, std::string_view dashes = {});
    /// Diagonal lines inside a rectangle: a state that must be legible in grey.
    void hatching(double x, double y, double width, double height, std::string_view stroke, double strokeWidth, double step);
    void text(double x, double y, std::string_view text, double size, std::string_view fill, Anchor anchor = Anchor::Start, bool isBold = false);
    [[nodiscard]] FigureBlock finish(double width, double height) &&;

private:
    std::string m_body;
    std::vector<FigureLabel> m_labels;
};

/// A figure's labels as elements that belong before the end of its SVG.
[[nodiscard]] std::string labelElements(const std::vector<FigureLabel>& labels);

/// About how wide a text is: for leaving room, not for placing letters.
[[nodiscard]] double textWidth(std::string_view text, double size);
/// At most `maximum` wide, with an ellipsis at its end if it was cut.
[[nodiscard]] std::string elided(std::string_view text, double size, double maximum);

} // namespace weighbridge
