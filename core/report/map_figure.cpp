// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/axis.h"
#include "core/base/text.h"
#include "core/report/figures.h"
#include "core/report/model_map.h"
#include "core/report/shade_scale.h"
#include "core/report/svg.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t maximumKinds = 14;
constexpr double labelWidth = 62;
constexpr double legendHeight = 26;
constexpr double narrow = 5;      ///< a bias beside its weight
constexpr size_t manyRows = 40;   ///< from here on rows are low and without numbers

class MapDrawing {
public:
    MapDrawing(const ModelMap& map, const CheckpointStatistics& values) : m_map(map), m_values(values)
    {
        size_t columns = 1;
        for (const MapBlock& block : m_map.blocks)
            columns = std::max(columns, block.columns.size());
        m_columnWidth = std::min((figureWidth - labelWidth) / static_cast<double>(columns), 48.0);
        m_rowHeight = m_map.lines.size() > manyRows ? 7 : m_map.lines.size() > 14 ? 14 : 22;
        findScale();
    }

    FigureBlock draw()
    {
        double y = 0;
        for (const MapBlock& block : m_map.blocks)
            y = drawBlock(block, y + (y > 0 ? 6 : 0));
        drawLegend(y + 8);
        y += 8 + legendHeight;
        FigureBlock figure = std::move(m_svg).finish(figureWidth, y);
        figure.caption = "Standard deviation of each tensor, layer by kind: the wide cell is the weight, the narrow one the bias.";
        return figure;
    }

private:
    double drawBlock(const MapBlock& block, double y)
    {
        y = drawKinds(block, y);
        for (int i = block.begin; i < block.end; ++i) {
            const MapLine& line = m_map.lines[static_cast<size_t>(i)];
            m_svg.text(0, y + m_rowHeight / 2 + 2.5, elided(shown(line.label), 7.5, labelWidth - 4), 7.5, "text");
            for (const MapCell& cell : line.cells) {
                const double x = labelWidth + m_columnWidth * cell.column;
                drawCell(cell.row(MapSlot::Wide), x, y, m_columnWidth - narrow - 3, true);
                drawCell(cell.row(MapSlot::Narrow), x + m_columnWidth - narrow - 2, y, narrow, false);
            }
            y += m_rowHeight + (m_rowHeight > 10 ? 1.5 : 0.7);
        }
        return y;
    }

    [[nodiscard]] const TensorStatistics* statistics(int row) const
    {
        const int found = row < 0 ? -1 : m_map.rows->rows()[static_cast<size_t>(row)].found;
        const auto* analysis = found < 0 ? nullptr : &m_values.tensors[static_cast<size_t>(found)];
        return analysis && *analysis && (*analysis)->statistics.finite > 0 ? &(*analysis)->statistics : nullptr;
    }

    void findScale()
    {
        std::vector<double> all;
        for (const MapLine& line : m_map.lines)
            for (const MapCell& cell : line.cells)
                if (const TensorStatistics* s = statistics(cell.row(MapSlot::Wide)))
                    all.push_back(s->std);
        m_scale = ShadeScale::of(std::move(all));
    }

    double drawKinds(const MapBlock& block, double y)
    {
        for (size_t k = 0; k < block.columns.size(); ++k) {
            const double middle = labelWidth + m_columnWidth * static_cast<double>(k) + (m_columnWidth - 2) / 2;
            m_svg.text(middle, y + 7, elided(shown(block.columns[k].label), 6.5, m_columnWidth - 1), 6.5, "second", Svg::Anchor::Middle);
        }
        return y + 11;
    }

    void drawCell(int row, double x, double y, double width, bool hasNumber)
    {
        if (row < 0)
            return;
        const TensorStatistics* s = statistics(row);
        const RowState state = m_map.rows->rows()[static_cast<size_t>(row)].state;
        if (!s) {
            m_svg.rect(x + 0.3, y + 0.3, width - 0.6, m_rowHeight - 0.6, {}, state == RowState::Missing || state == RowState::Lost ? "missing" : "line", 0.6);
            return;
        }
        const bool isNever = state == RowState::NeverTrained;
        const int shade = m_scale.step(s->std);
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
        for (int i = 0; i < shadeSteps; ++i)
            m_svg.rect(labelWidth + 18 + 22 * i, y + 1, 22, 8, fmt::format("step{}", i));
        m_svg.text(labelWidth + 18, y + 18, formatNumber(m_scale.low), 6.5, "second");
        m_svg.text(labelWidth + 18 + 132, y + 18, formatNumber(m_scale.high), 6.5, "second", Svg::Anchor::End);
        m_svg.rect(labelWidth + 170, y + 1, 20, 8, "random-pale", "random", 0.8);
        m_svg.hatching(labelWidth + 170, y + 1, 20, 8, "random", 0.6, 3);
        m_svg.text(labelWidth + 196, y + 8, "never trained", 7, "second");
    }

    const ModelMap& m_map;
    const CheckpointStatistics& m_values;
    ShadeScale m_scale;
    Svg m_svg;
    double m_columnWidth = 40;
    double m_rowHeight = 22;
};

} // namespace

std::optional<FigureBlock> mapFigure(const TensorRowsPtr& rows, const CheckpointStatistics& values)
{
    const ModelMapPtr map = ModelMap::of(rows, MapTensors::All);
    const bool isTooWide = std::any_of(map->blocks.begin(), map->blocks.end(), [](const MapBlock& block) { return block.columns.size() > maximumKinds; });
    constexpr size_t maximumRows = 90; // one page
    if (!map->layers() || isTooWide || map->lines.size() > maximumRows)
        return std::nullopt;
    return MapDrawing(*map, values).draw();
}

} // namespace weighbridge
