// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/model_map.h"

#include "core/report/kind_labels.h"
#include "core/report/layer_folds.h"
#include "core/report/strip_groups.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace weighbridge {
namespace {

/// Collects the lines of one block.
class BlockBuilder {
public:
    BlockBuilder(ModelMap& map, int index) : m_map(map), m_index(index) { m_block.begin = m_block.end = int(map.lines.size()); }

    void addLine(const TensorGroup& group)
    {
        MapLine line{m_index, group.label, group.module, {}};
        std::unordered_map<int, size_t> cellOf; ///< by column
        for (const int row : group.rows) {
            const std::string_view name = m_map.rows->rows()[size_t(row)].name;
            const std::string_view rest = name.substr(std::min(name.size(), group.module.size() + 1));
            TensorKind kind = tensorKind(rest);
            size_t cell = cellFor(line, cellOf, kind.name);
            if (line.cells[cell].row(slotOf(kind)) >= 0) { // "a.weight" beside "a.kernel"
                kind = {rest, false};
                cell = cellFor(line, cellOf, kind.name);
            }
            if (int& place = line.cells[cell].rows[size_t(slotOf(kind))]; place < 0) // a name that comes twice has one place
                place = row;
        }
        std::sort(line.cells.begin(), line.cells.end(), [](const MapCell& a, const MapCell& b) { return a.column < b.column; });
        m_map.lines.push_back(std::move(line));
        ++m_block.end;
    }

    MapBlock take()
    {
        widenLoneBiases();
        nameColumns();
        return std::move(m_block);
    }

private:
    static MapSlot slotOf(const TensorKind& kind) { return kind.isBias ? MapSlot::Narrow : MapSlot::Wide; }

    size_t cellFor(MapLine& line, std::unordered_map<int, size_t>& cellOf, std::string_view kind)
    {
        const auto [column, isNew] = m_columnOf.try_emplace(std::string(kind), int(m_block.columns.size()));
        if (isNew)
            m_block.columns.push_back({{}, std::string(kind)});
        const auto [cell, isFirst] = cellOf.try_emplace(column->second, line.cells.size());
        if (isFirst)
            line.cells.push_back({column->second, {-1, -1}});
        return cell->second;
    }

    void nameColumns()
    {
        std::vector<std::string> kinds;
        for (const MapColumn& column : m_block.columns)
            kinds.push_back(column.kind);
        std::vector<std::string> labels = kindLabels(kinds);
        for (size_t i = 0; i < labels.size(); ++i)
            m_block.columns[i].label = std::move(labels[i]);
    }

    /// A kind that has nothing but a bias in all lines stands in the wide cell.
    void widenLoneBiases()
    {
        std::vector<bool> hasWide(m_block.columns.size());
        for (int line = m_block.begin; line < m_block.end; ++line)
            for (const MapCell& cell : m_map.lines[size_t(line)].cells)
                hasWide[size_t(cell.column)] = hasWide[size_t(cell.column)] || cell.row(MapSlot::Wide) >= 0;
        for (int line = m_block.begin; line < m_block.end; ++line)
            for (MapCell& cell : m_map.lines[size_t(line)].cells)
                if (!hasWide[size_t(cell.column)])
                    std::swap(cell.rows[0], cell.rows[1]);
    }

    ModelMap& m_map;
    int m_index;
    MapBlock m_block;
    std::unordered_map<std::string, int> m_columnOf;
};

/// "encoder.layer" of "encoder.layer.3"; nothing for a module that is no layer.
std::optional<std::string_view> listOf(std::string_view module)
{
    const std::string_view last = lastSegments(module, 1);
    if (!layerNumber(last))
        return std::nullopt;
    return module.substr(0, module.size() - last.size());
}

} // namespace

const MapCell* MapLine::at(int column) const
{
    const auto cell = std::lower_bound(cells.begin(), cells.end(), column, [](const MapCell& a, int b) { return a.column < b; });
    return cell != cells.end() && cell->column == column ? &*cell : nullptr;
}

std::shared_ptr<const ModelMap> ModelMap::of(TensorRowsPtr rows, MapTensors tensors)
{
    auto map = std::make_shared<ModelMap>();
    map->rows = std::move(rows);
    std::vector<int> chosen;
    for (size_t row = 0; row < map->rows->rows().size(); ++row)
        if (tensors == MapTensors::All || map->rows->rows()[row].found >= 0)
            chosen.push_back(int(row));
    const std::vector<TensorGroup> groups = groupTensors(*map->rows, chosen);
    for (size_t i = 0; i < groups.size();) {
        BlockBuilder builder(*map, int(map->blocks.size()));
        const auto list = listOf(groups[i].module);
        do
            builder.addLine(groups[i++]);
        while (i < groups.size() && list && listOf(groups[i].module) == list);
        map->blocks.push_back(builder.take());
    }
    map->places.resize(map->rows->rows().size());
    for (size_t line = 0; line < map->lines.size(); ++line)
        for (const MapCell& cell : map->lines[line].cells)
            for (const MapSlot slot : {MapSlot::Wide, MapSlot::Narrow})
                if (cell.row(slot) >= 0)
                    map->places[size_t(cell.row(slot))] = {int(line), cell.column, slot};
    return map;
}

int ModelMap::rowAt(const MapPlace& place) const
{
    if (place.line < 0 || size_t(place.line) >= lines.size())
        return -1;
    const MapCell* cell = lines[size_t(place.line)].at(place.column);
    return cell ? cell->row(place.slot) : -1;
}

std::vector<int> ModelMap::siblings(int row) const
{
    std::vector<int> out;
    const MapPlace place = placeOf(row);
    if (!place.isValid())
        return out;
    const MapBlock& block = blocks[size_t(lines[size_t(place.line)].block)];
    for (int line = block.begin; line < block.end; ++line) {
        const int sibling = rowAt({line, place.column, place.slot});
        if (sibling >= 0 && sibling != row)
            out.push_back(sibling);
    }
    return out;
}

const MapBlock* ModelMap::layers() const
{
    const auto longest = std::max_element(blocks.begin(), blocks.end(), [](const MapBlock& a, const MapBlock& b) { return a.end - a.begin < b.end - b.begin; });
    return longest != blocks.end() && longest->isRepeated() ? &*longest : nullptr;
}

} // namespace weighbridge
