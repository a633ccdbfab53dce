// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/model_map.h"

#include "core/report/layer_folds.h"
#include "core/report/strip_groups.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace weighbridge {
namespace {

/// A label grows by at most so many segments to become unique.
constexpr int maximumSegments = 4;

struct KnownKind {
    std::string_view ending;
    std::string_view label;
};

/// What people call the kinds whose last segment says nothing. The longest ending comes first.
constexpr std::array<KnownKind, 9> knownKinds{{
    {"attention.output.dense", "attn. out"},
    {"attention.output.LayerNorm", "attn. norm"},
    {"intermediate.dense", "up"},
    {"output.dense", "down"},
    {"output.LayerNorm", "norm"},
    {"word_embeddings", "word"},
    {"position_embeddings", "position"},
    {"token_type_embeddings", "token type"},
    {"LayerNorm", "norm"},
}};

bool endsWithSegments(std::string_view name, std::string_view ending)
{
    return name.ends_with(ending) && (name.size() == ending.size() || name[name.size() - ending.size() - 1] == '.');
}

std::string_view lastSegments(std::string_view name, int count)
{
    size_t begin = name.size();
    for (int i = 0; i < count && begin != std::string_view::npos && begin > 0; ++i) {
        const size_t separator = name.find_last_of("./", begin - 1);
        if (separator == std::string_view::npos)
            return name;
        begin = i + 1 == count ? separator + 1 : separator;
    }
    return name.substr(begin);
}

struct Kind {
    std::string_view name;          ///< without ".weight" or ".bias"
    MapSlot slot = MapSlot::Wide;
};

/// `rest` is a name without its module: "attention.self.query.bias".
Kind kindOf(std::string_view rest)
{
    constexpr std::array<std::string_view, 4> weights{"weight", "kernel", "gamma", "w"};
    constexpr std::array<std::string_view, 3> biases{"bias", "beta", "b"};
    const std::string_view last = lastSegments(rest, 1);
    const std::string_view owner = rest.substr(0, rest.size() - std::min(rest.size(), last.size() + 1));
    if (std::find(weights.begin(), weights.end(), last) != weights.end())
        return {owner, MapSlot::Wide};
    if (std::find(biases.begin(), biases.end(), last) != biases.end())
        return {owner, MapSlot::Narrow};
    return {rest, MapSlot::Wide};
}

/// Gives each column the fewest last segments of its kind that no other has too.
void nameColumns(std::vector<MapColumn>& columns)
{
    std::vector<int> segments(columns.size(), 1);
    for (size_t i = 0; i < columns.size(); ++i) {
        const auto known = std::find_if(knownKinds.begin(), knownKinds.end(), [&](const KnownKind& kind) { return endsWithSegments(columns[i].kind, kind.ending); });
        const bool isNumber = layerNumber(lastSegments(columns[i].kind, 1)).has_value();
        segments[i] = isNumber ? 2 : 1;
        columns[i].label = known != knownKinds.end() ? known->label : lastSegments(columns[i].kind, segments[i]);
    }
    for (int round = 0; round < maximumSegments; ++round) {
        std::unordered_map<std::string, int> uses;
        for (const MapColumn& column : columns)
            ++uses[column.label];
        for (size_t i = 0; i < columns.size(); ++i)
            if (uses[columns[i].label] > 1)
                columns[i].label = lastSegments(columns[i].kind, ++segments[i]);
    }
}

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
            Kind kind = kindOf(rest);
            size_t cell = cellFor(line, cellOf, kind.name);
            if (line.cells[cell].row(kind.slot) >= 0) { // "a.weight" beside "a.kernel"
                kind = {rest, MapSlot::Wide};
                cell = cellFor(line, cellOf, kind.name);
            }
            if (int& place = line.cells[cell].rows[size_t(kind.slot)]; place < 0) // a name that comes twice has one place
                place = row;
        }
        std::sort(line.cells.begin(), line.cells.end(), [](const MapCell& a, const MapCell& b) { return a.column < b.column; });
        m_map.lines.push_back(std::move(line));
        ++m_block.end;
    }

    MapBlock take()
    {
        widenLoneBiases();
        nameColumns(m_block.columns);
        return std::move(m_block);
    }

private:
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

std::shared_ptr<const ModelMap> ModelMap::of(TensorRowsPtr rows)
{
    auto map = std::make_shared<ModelMap>();
    map->rows = std::move(rows);
    std::vector<int> chosen;
    for (size_t row = 0; row < map->rows->rows().size(); ++row)
        if (map->rows->rows()[row].found >= 0)
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
