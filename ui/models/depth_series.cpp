// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/depth_series.h"

#include "core/base/text.h"
#include "core/report/layer_folds.h"

#include <algorithm>

namespace weighbridge {
namespace {

int numberOf(const MapLine& line, int position)
{
    const size_t separator = line.module.find_last_of("./");
    const auto number = layerNumber(std::string_view(line.module).substr(separator == std::string::npos ? 0 : separator + 1));
    return number ? int(*number) : position;
}

/// The first columns whose first weight is a matrix.
std::vector<int> matrixColumns(const ModelMap& map, const MapBlock& block)
{
    std::vector<int> matrices;
    for (const MapCell& cell : map.lines[size_t(block.begin)].cells) {
        const int row = cell.row(MapSlot::Wide);
        const TensorInfo* tensor = row < 0 ? nullptr : map.rows->foundOf(map.rows->rows()[size_t(row)]);
        if (tensor && tensor->shape.size() > 1 && matrices.size() < mostDepthSeries)
            matrices.push_back(cell.column);
    }
    return matrices;
}

} // namespace

std::vector<DepthSeries> depthSeries(const ModelMap& map, const std::function<std::optional<double>(int)>& valueOf)
{
    std::vector<DepthSeries> out;
    const MapBlock* layers = map.layers();
    if (!layers)
        return out;
    std::vector<int> columns = matrixColumns(map, *layers);
    for (int column = 0; columns.empty() && column < int(std::min(layers->columns.size(), mostDepthSeries)); ++column)
        columns.push_back(column);
    for (const int column : columns) {
        DepthSeries series{QString::fromStdString(shown(layers->columns[size_t(column)].label)), {}};
        for (int line = layers->begin; line < layers->end; ++line) {
            const int row = map.rowAt({line, column, MapSlot::Wide});
            if (row < 0)
                continue;
            const TensorRow& tensor = map.rows->rows()[size_t(row)];
            if (const auto value = valueOf(tensor.found))
                series.points.push_back({numberOf(map.lines[size_t(line)], line - layers->begin), *value, row, tensor.state == RowState::NeverTrained});
        }
        if (!series.points.empty())
            out.push_back(std::move(series));
    }
    return out;
}

} // namespace weighbridge
