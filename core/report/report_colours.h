// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace weighbridge {

/// A colour of the reports by its name, on light and on dark paper: the window's, see ui/theme.cpp.
struct ReportColour {
    std::string_view name;
    std::string_view light; ///< #RRGGBB
    std::string_view dark;
};
[[nodiscard]] std::span<const ReportColour> reportColours();
/// The light one; black for a name that is none.
[[nodiscard]] std::string_view lightColour(std::string_view name);

/// The SVG of a FigureBlock with the names in `="$name"` replaced by what `colour` gives for them.
[[nodiscard]] std::string withColours(std::string_view svg, const std::function<std::string(std::string_view name)>& colour);

/// An icon of resources/icons that reports show: SVG with currentColor for the ink and #FFFFFF for the paper, and the name of its colour.
struct ReportGlyph {
    std::string_view name;
    std::string_view colour;
    std::string_view svg;
};
/// Null for a name that is none.
[[nodiscard]] const ReportGlyph* reportGlyph(std::string_view name);

} // namespace weighbridge
