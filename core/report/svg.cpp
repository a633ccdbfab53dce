// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/svg.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

/// Two decimals are a hundredth of a point; without the zeros behind them.
std::string number(double value)
{
    std::string text = fmt::format("{:.2f}", value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.'))
        text.pop_back();
    return text == "-0" ? "0" : text;
}

std::string paint(std::string_view fill, std::string_view stroke, double strokeWidth, std::string_view dashes)
{
    std::string out = fill.empty() ? " fill=\"none\"" : fmt::format(" fill=\"${}\"", fill);
    if (!stroke.empty())
        out += fmt::format(" stroke=\"${}\" stroke-width=\"{}\"", stroke, number(strokeWidth));
    if (!dashes.empty())
        out += fmt::format(" stroke-dasharray=\"{}\"", dashes);
    return out;
}

bool startsLetter(char c)
{
    return (static_cast<uint8_t>(c) & 0xC0) != 0x80;
}

} // namespace

std::string escapedMarkup(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    }
    return out;
}

void Svg::rect(double x, double y, double width, double height, std::string_view fill, std::string_view stroke, double strokeWidth, std::string_view dashes)
{
    m_body += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>\n", number(x), number(y), number(width), number(height), paint(fill, stroke, strokeWidth, dashes));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view stroke, double strokeWidth, std::string_view dashes)
{
    m_body += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", number(x1), number(y1), number(x2), number(y2), paint({}, stroke, strokeWidth, dashes));
}

void Svg::polyline(const Points& points, std::string_view stroke, double strokeWidth, std::string_view fill, std::string_view dashes)
{
    m_body += "<polyline points=\"";
    for (const auto& [x, y] : points)
        m_body += number(x) + "," + number(y) + " ";
    m_body += "\"" + paint(fill, stroke, strokeWidth, dashes) + "/>\n";
}

void Svg::hatching(double x, double y, double width, double height, std::string_view stroke, double strokeWidth, double step)
{
    // the lines u - v = c of the rectangle [0, width] x [0, height], cut at its edges
    std::string path;
    for (double c = -height + step / 2; c < width; c += step) {
        const double from = std::max(0.0, c);
        const double to = std::min(width, c + height);
        path += fmt::format("M{} {}L{} {}", number(x + from), number(y + height - (from - c)), number(x + to), number(y + height - (to - c)));
    }
    m_body += fmt::format("<path d=\"{}\"{}/>\n", path, paint({}, stroke, strokeWidth, {}));
}

void Svg::text(double x, double y, std::string_view text, double size, std::string_view fill, Anchor anchor, bool isBold)
{
    m_labels.push_back({x, y, size, anchor, isBold, std::string(fill), std::string(text)});
}

FigureBlock Svg::finish(double width, double height) &&
{
    FigureBlock figure;
    figure.width = width;
    figure.height = height;
    figure.svg = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\">\n{2}</svg>\n", number(width), number(height), m_body);
    figure.labels = std::move(m_labels);
    return figure;
}

std::string labelElements(const std::vector<FigureLabel>& labels)
{
    constexpr std::string_view anchors[]{"start", "middle", "end"};
    std::string out;
    for (const FigureLabel& label : labels)
        out += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\"{} fill=\"${}\">{}</text>\n", number(label.x), number(label.y), number(label.size),
                           anchors[std::min<size_t>(2, static_cast<size_t>(label.anchor))], label.isBold ? " font-weight=\"600\"" : "", label.colour, escapedMarkup(label.text));
    return out;
}

double textWidth(std::string_view text, double size)
{
    return 0.55 * size * static_cast<double>(std::count_if(text.begin(), text.end(), &startsLetter));
}

std::string elided(std::string_view text, double size, double maximum)
{
    if (textWidth(text, size) <= maximum)
        return std::string(text);
    while (!text.empty() && textWidth(text, size) + textWidth("…", size) > maximum) {
        size_t end = text.size() - 1;
        while (end > 0 && !startsLetter(text[end]))
            --end;
        text = text.substr(0, end);
    }
    return std::string(text) + "…";
}

} // namespace weighbridge
