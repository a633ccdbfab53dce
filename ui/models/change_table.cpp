// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/change_table.h"

#include "core/base/text.h"
#include "core/diagnosis/layer_names.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace weighbridge {
namespace {

constexpr size_t mostCells = 1'000'000; ///< a file may name each tensor a layer and a kind of its own

struct Entry {
    int64_t layer;
    std::string kind;
    int pair;
    double change;
};

} // namespace

double ChangeTable::largest() const
{
    double out = 0;
    for (const Cell& cell : cells)
        if (cell.pair >= 0 && std::isfinite(cell.change))
            out = std::max(out, cell.change);
    return out;
}

ChangeTable changeTable(const Difference& difference)
{
    std::map<std::string, std::vector<Entry>> byStem;
    for (size_t i = 0; i < difference.pairs.size(); ++i) {
        const TensorPair& pair = difference.pairs[i];
        const auto layer = pair.values ? layerOf(difference.a->tensors[size_t(pair.a)].name) : std::nullopt;
        if (layer && layer->rest.size() > 1)
            byStem[std::string(layer->stem)].push_back({layer->index, std::string(layer->rest.substr(1)), int(i), pair.values->relativeL2});
    }
    const auto most = std::max_element(byStem.begin(), byStem.end(), [](const auto& x, const auto& y) { return x.second.size() < y.second.size(); });
    ChangeTable out;
    if (most == byStem.end())
        return out;
    std::map<int64_t, size_t> rows;
    std::map<std::string, size_t> columns;
    std::vector<std::string> kinds;
    for (const Entry& entry : most->second) {
        rows.emplace(entry.layer, 0);
        if (columns.emplace(entry.kind, kinds.size()).second)
            kinds.push_back(entry.kind);
    }
    if (rows.size() > mostCells / kinds.size())
        return out;
    out.stem = QString::fromStdString(shown(most->first));
    for (auto& [layer, row] : rows) {
        row = out.layers.size();
        out.layers.push_back(layer);
    }
    for (const std::string& kind : kinds)
        out.kinds.push_back(QString::fromStdString(shown(kind)));
    out.cells.resize(out.layers.size() * out.kinds.size());
    for (const Entry& entry : most->second)
        out.cells[rows[entry.layer] * kinds.size() + columns[entry.kind]] = {entry.pair, entry.change};
    return out;
}

} // namespace weighbridge
