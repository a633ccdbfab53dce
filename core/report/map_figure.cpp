// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/axis.h"
#include "core/base/text.h"
#include "core/report/figures.h"
#include "core/report/strip_groups.h"
#include "core/report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace weighbridge {
namespace {

constexpr size_t maximumKinds = 14;
constexpr double labelWidth = 62;
constexpr double legendHeight = 26;
constexpr double narrow = 5;      ///< a bias beside its weight
constexpr size_t manyRows = 40;   ///< from here on rows are low and without numbers

/// What one module of a row holds: a weight as the wide cell, a bias as the narrow one (row indices; -1: none).
struct MapCell {
    int wide = -1;
    int thin = -1;
};

/// A layer, or what stands beside the layers with kinds of its own.
struct MapRow {
    std::string label;
    std::vector<std::string> kinds;
    std::vector<MapCell> cells;
};

std::vector<MapRow> mapRows(const TensorRows& rows)
{
    std::vector<int> all(rows.rows().size());
    std::iota(all.begin(), all.end(), 0);
    std::vector<MapRow> out;
    for (const TensorGroup& group : groupTensors(rows, all)) {
        MapRow row{group.label, {}, {}};
        for (const int index : group.rows) {
            const std::string_view name = rows.rows()[static_cast<size_t>(index)].name;
            const std::string_view rest = name.substr(std::min(name.size(), group.module.size() + (name.size() > group.module.size() ? 1 : 0)));
            const size_t dot = rest.find_last_of("./");
            const std::string kind(dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot));
            const auto at = static_cast<size_t>(std::find(row.kinds.begin(), row.kinds.end(), kind) - row.kinds.begin());
            if (at == row.kinds.size()) {
                row.kinds.push_back(kind);
                row.cells.emplace_back();
            }
            MapCell& cell = row.cells[at];
            const bool isBias = rest.ends_with("bias") || cell.wide >= 0;
            (isBias ? cell.thin : cell.wide) = index;
        }
        out.push_back(std::move(row));
    }
    return out;
}

/// The first and the last word of a kind: "attention" above "dense".
std::pair<std::string, std::string> kindLabel(const std::string& kind)
{
    const size_t first = kind.find('.');
    const size_t last = kind.rfind('.');
    if (first == std::string::npos)
        return {"", kind};
    return {kind.substr(0, first), kind.substr(last + 1)};
}

class MapDrawing {
public:
    MapDrawing(const TensorRows& rows, const CheckpointStatistics& values, std::vector<MapRow> map) : m_rows(rows), m_values(values), m_map(std::move(map))
    {
        size_t columns = 1;
        for (const MapRow& row : m_map)
            columns = std::max(columns, row.cells.size());
        m_columnWidth = std::min((figureWidth - labelWidth) / static_cast<double>(columns), 48.0);
        m_rowHeight = m_map.size() > manyRows ? 7 : m_map.size() > 14 ? 14 : 22;
        findScale();
    }

    FigureBlock draw()
    {
        double y = 0;
        for (size_t i = 0; i < m_map.size(); ++i) {
            const MapRow& row = m_map[i];
            if (i == 0 || row.kinds != m_map[i - 1].kinds)
                y = drawKinds(row, y + (i == 0 ? 0 : 6));
            m_svg.text(0, y + m_rowHeight / 2 + 2.5, elided(shown(row.label), 7.5, labelWidth - 4), 7.5, "text");
            for (size_t k = 0; k < row.cells.size(); ++k) {
                const double x = labelWidth + m_columnWidth * static_cast<double>(k);
                drawCell(row.cells[k].wide, x, y, m_columnWidth - narrow - 3, true);
                drawCell(row.cells[k].thin, x + m_columnWidth - narrow - 2, y, narrow, false);
            }
            y += m_rowHeight + (m_rowHeight > 10 ? 1.5 : 0.7);
        }
        drawLegend(y + 8);
        y += 8 + legendHeight;
        FigureBlock figure = std::move(m_svg).finish(figureWidth, y);
        figure.caption = "Standard deviation of each tensor, layer by kind: the wide cell is the weight, the narrow one the bias.";
        return figure;
    }

private:
    [[nodiscard]] const TensorStatistics* statistics(int row) const
    {
        const int found = row < 0 ? -1 : m_rows.rows()[static_cast<size_t>(row)].found;
        const auto* analysis = found < 0 ? nullptr : &m_values.tensors[static_cast<size_t>(found)];
        return analysis && *analysis && (*analysis)->statistics.finite > 0 ? &(*analysis)->statistics : nullptr;
    }

    void findScale()
    {
        std::vector<double> all;
        for (const MapRow& row : m_map)
            for (const MapCell& cell : row.cells)
                if (const TensorStatistics* s = statistics(cell.wide); s && s->std > 0)
                    all.push_back(s->std);
        std::sort(all.begin(), all.end());
        if (!all.empty()) {
            m_low = all[all.size() / 50];
            m_high = all[all.size() - 1 - all.size() / 50];
        }
    }

    [[nodiscard]] int step(double value) const
    {
        if (!(value > 0) || !(m_high > m_low))
            return 0;
        return std::clamp(int(6 * std::log(value / m_low) / std::log(m_high / m_low)), 0, 5);
    }

    double drawKinds(const MapRow& row, double y)
    {
        const bool isTwoLines = std::any_of(row.kinds.begin(), row.kinds.end(), [](const std::string& kind) { return kind.find('.') != std::string::npos; });
        for (size_t k = 0; k < row.kinds.size(); ++k) {
            const double middle = labelWidth + m_columnWidth * static_cast<double>(k) + (m_columnWidth - 2) / 2;
            const auto [first, last] = kindLabel(shown(row.kinds[k]));
            if (isTwoLines)
                m_svg.text(middle, y + 7, elided(first, 6.5, m_columnWidth - 1), 6.5, "second", Svg::Anchor::Middle);
            m_svg.text(middle, y + (isTwoLines ? 15 : 7), elided(last, 6.5, m_columnWidth - 1), 6.5, "second", Svg::Anchor::Middle);
        }
        return y + (isTwoLines ? 19 : 11);
    }

    void drawCell(int row, double x, double y, double width, bool hasNumber)
    {
        if (row < 0)
            return;
        const TensorStatistics* s = statistics(row);
        const RowState state = m_rows.rows()[static_cast<size_t>(row)].state;
        if (!s) {
            m_svg.rect(x + 0.3, y + 0.3, width - 0.6, m_rowHeight - 0.6, {}, state == RowState::Missing || state == RowState::Lost ? "missing" : "line", 0.6);
            return;
        }
        const bool isNever = state == RowState::NeverTrained;
        const int shade = step(s->std);
        if (isNever) {
            m_svg.rect(x + 0.4, y + 0.4, width - 0.8, m_rowHeight - 0.8, "random-pale", "random", 0.8);
            m_svg.hatching(x, y, width, m_rowHeight, "random", 0.6, 3);
        } else {
            m_svg.rect(x, y, width, m_rowHeight, fmt::format("step{}", shade));
        }
        if (state == RowState::NonFinite || state == RowState::AllZero)
            m_svg.rect(x + 0.6, y + 0.6, width - 1.2, m_rowHeight - 1.2, {}, "missing", 1.2);
        if (!hasNumber || m_rowHeight < 10 || width < 24)
            return;
        const std::string text = s->min == s->max ? fmt::format("= {:g}", s->min) : formatNumber(s->std);
        if (isNever)
            m_svg.rect(x + 3, y + m_rowHeight / 2 - 5, width - 6, 10, "surface");
        m_svg.text(x + width / 2, y + m_rowHeight / 2 + 2.5, text, 7, !isNever && shade >= 4 ? "surface" : "text", Svg::Anchor::Middle);
    }

    void drawLegend(double y)
    {
        m_svg.text(labelWidth, y + 8, "std", 7, "second");
        for (int i = 0; i < 6; ++i)
            m_svg.rect(labelWidth + 18 + 22 * i, y + 1, 22, 8, fmt::format("step{}", i));
        m_svg.text(labelWidth + 18, y + 18, formatNumber(m_low), 6.5, "second");
        m_svg.text(labelWidth + 18 + 132, y + 18, formatNumber(m_high), 6.5, "second", Svg::Anchor::End);
        m_svg.rect(labelWidth + 170, y + 1, 20, 8, "random-pale", "random", 0.8);
        m_svg.hatching(labelWidth + 170, y + 1, 20, 8, "random", 0.6, 3);
        m_svg.text(labelWidth + 196, y + 8, "never trained", 7, "second");
    }

    const TensorRows& m_rows;
    const CheckpointStatistics& m_values;
    std::vector<MapRow> m_map;
    Svg m_svg;
    double m_columnWidth = 40;
    double m_rowHeight = 22;
    double m_low = 0;
    double m_high = 0;
};

} // namespace

std::optional<FigureBlock> mapFigure(const TensorRows& rows, const CheckpointStatistics& values)
{
    std::vector<MapRow> map = mapRows(rows);
    size_t widest = 0;
    bool repeats = false;
    for (size_t i = 0; i < map.size(); ++i) {
        widest = std::max(widest, map[i].cells.size());
        repeats = repeats || (i > 0 && map[i].kinds == map[i - 1].kinds);
    }
    constexpr size_t maximumRows = 90; // one page
    if (!repeats || widest > maximumKinds || map.size() > maximumRows)
        return std::nullopt;
    return MapDrawing(rows, values, std::move(map)).draw();
}

} // namespace weighbridge
