// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/tensor_rows.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace weighbridge {

/// The weight of a kind stands in the wide cell, its bias in the narrow one beside it.
enum class MapSlot : uint8_t { Wide, Narrow };

/// The tensors of one kind in one line.
struct MapCell {
    int column = 0;                       ///< of the line's block
    std::array<int, 2> rows{-1, -1};      ///< of the TensorRows, by MapSlot; -1: there is none
    [[nodiscard]] int row(MapSlot slot) const { return rows[static_cast<size_t>(slot)]; }
};

/// A layer, or a module beside the layers.
struct MapLine {
    int block = 0;
    std::string label;                    ///< "layer 3"; from the file, not yet made safe to show
    std::string module;                   ///< full name
    std::vector<MapCell> cells;           ///< by rising column; kinds that the line does not have are left out
    [[nodiscard]] const MapCell* at(int column) const;
};

struct MapColumn {
    std::string label;                    ///< "attn. out"; the shortest that is unique in its block
    std::string kind;                     ///< "attention.output.dense"
};

/// Lines that share their columns: a list of layers, or a single module.
struct MapBlock {
    std::vector<MapColumn> columns;
    int begin = 0;                        ///< first line
    int end = 0;                          ///< exclusive
    [[nodiscard]] bool isRepeated() const { return end - begin > 1; }
};

struct MapPlace {
    int line = -1;
    int column = -1;
    MapSlot slot = MapSlot::Wide;
    [[nodiscard]] bool isValid() const { return line >= 0; }
    bool operator==(const MapPlace&) const = default;
};

enum class MapTensors : uint8_t {
    Found, ///< those that the file holds
    All,   ///< and those that are missing
};

/// The whole model at a glance: one line per layer, one column per kind of tensor. Its size is
/// linear in their number whatever their names are. Immutable once made; any thread. Qt-free.
struct ModelMap {
    TensorRowsPtr rows;
    std::vector<MapBlock> blocks;
    std::vector<MapLine> lines;
    std::vector<MapPlace> places;         ///< by row of the TensorRows

    static std::shared_ptr<const ModelMap> of(TensorRowsPtr rows, MapTensors tensors = MapTensors::Found);

    [[nodiscard]] MapPlace placeOf(int row) const { return row >= 0 && size_t(row) < places.size() ? places[size_t(row)] : MapPlace(); }
    [[nodiscard]] int rowAt(const MapPlace& place) const; ///< -1 if nothing stands there
    [[nodiscard]] const MapColumn& columnAt(const MapPlace& place) const { return blocks[size_t(lines[size_t(place.line)].block)].columns[size_t(place.column)]; }
    /// The same tensor in the lines of its block, itself left out, by line.
    [[nodiscard]] std::vector<int> siblings(int row) const;
    /// The block with the most lines, if it is repeated: the layers. Null if nothing is repeated.
    [[nodiscard]] const MapBlock* layers() const;
};

using ModelMapPtr = std::shared_ptr<const ModelMap>;

} // namespace weighbridge
