// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/report_colours.h"

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr std::array colours{
    ReportColour{"surface", "#FFFFFF", "#1D2124"},
    ReportColour{"code", "#F6F7F5", "#15181A"},
    ReportColour{"line", "#D3D8D4", "#353C40"},
    ReportColour{"grid", "#E7EAE7", "#2A3034"},
    ReportColour{"text", "#1A1F1D", "#E6E9E7"},
    ReportColour{"second", "#545D59", "#A3ADA8"},
    ReportColour{"accent", "#0A6787", "#5DB9D8"},
    ReportColour{"matched", "#2E6B50", "#83C5A4"},
    ReportColour{"missing", "#B3202C", "#FF938A"},
    ReportColour{"unexpected", "#9C4A00", "#F5A45C"},
    ReportColour{"mismatched", "#735900", "#E2C14C"},
    ReportColour{"renamed", "#5B45B8", "#BCA8FF"},
    ReportColour{"random", "#A3186E", "#F58CC8"},
    ReportColour{"random-pale", "#E8C5DB", "#53334A"}, // a quarter of random on the surface
    ReportColour{"trained", "#5F8FA8", "#6FA3BC"},
    ReportColour{"step0", "#EEF3F5", "#22313A"},
    ReportColour{"step1", "#CFDFE6", "#28414E"},
    ReportColour{"step2", "#A9C6D3", "#2F5566"},
    ReportColour{"step3", "#7EA9BC", "#37697E"},
    ReportColour{"step4", "#3B748C", "#639DB4"},
    ReportColour{"step5", "#1D5873", "#94C6D9"},
};

constexpr std::array glyphs{
#include "report_glyphs.inc"
};

} // namespace

std::span<const ReportColour> reportColours()
{
    return colours;
}

std::string_view lightColour(std::string_view name)
{
    const auto found = std::find_if(colours.begin(), colours.end(), [name](const ReportColour& colour) { return colour.name == name; });
    return found == colours.end() ? "#000000" : found->light;
}

std::string withColours(std::string_view svg, const std::function<std::string(std::string_view name)>& colour)
{
    // texts have their quotes escaped, so that this stands nowhere but in front of a colour
    constexpr std::string_view mark = "=\"$";
    std::string out;
    out.reserve(svg.size());
    for (size_t at = svg.find(mark); at != std::string_view::npos; at = svg.find(mark)) {
        const size_t begin = at + mark.size();
        const size_t end = std::min(svg.find('"', begin), svg.size());
        out.append(svg.substr(0, begin - 1)).append(colour(svg.substr(begin, end - begin)));
        svg.remove_prefix(end);
    }
    return out.append(svg);
}

const ReportGlyph* reportGlyph(std::string_view name)
{
    const auto found = std::find_if(glyphs.begin(), glyphs.end(), [name](const ReportGlyph& glyph) { return glyph.name == name; });
    return found == glyphs.end() ? nullptr : &*found;
}

} // namespace weighbridge
