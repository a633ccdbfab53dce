// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/change_table.h"

#include "core/base/text.h"
#include "core/diagnosis/layer_names.h"
#include "core/report/kind_labels.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace weighbridge {
namespace {

constexpr size_t mostCells = 1'000'000; ///< a file may name each tensor a layer and a kind of its own
constexpr size_t mostKinds = 1000;

struct Entry {
    int64_t layer;
    std::string kind;
    int pair;
};

std::map<std::string, std::vector<Entry>> entriesByStem(const Difference& difference)
{
    std::map<std::string, std::vector<Entry>> out;
    for (size_t i = 0; i < difference.pairs.size(); ++i) {
        const TensorPair& pair = difference.pairs[i];
        const auto layer = pair.isPair() ? layerOf(difference.a->tensors[static_cast<size_t>(pair.a)].name) : std::nullopt;
        if (layer && layer->rest.size() > 1)
            out[std::string(layer->stem)].push_back({layer->index, std::string(layer->rest.substr(1)), int(i)});
    }
    return out;
}

/// "query" and "query bias" for a weight and a bias of one name, in one column.
void nameKinds(const std::vector<std::string>& kinds, ChangeTable& out)
{
    std::vector<std::string> names;
    for (size_t i = 0; i < kinds.size(); ++i) {
        const TensorKind kind = tensorKind(kinds[i]);
        const auto at = static_cast<size_t>(std::find(names.begin(), names.end(), kind.name) - names.begin());
        if (at == names.size()) {
            names.emplace_back(kind.name);
            out.columns.emplace_back();
        }
        int& place = kind.isBias ? out.columns[at].narrow : out.columns[at].wide;
        if (place < 0) {
            place = int(i);
            continue;
        }
        names.push_back(kinds[i]); // "a.weight" beside "a.kernel"
        out.columns.push_back({{}, int(i), -1});
    }
    const std::vector<std::string> labels = kindLabels(names);
    out.labels.resize(kinds.size());
    for (size_t at = 0; at < names.size(); ++at) {
        ChangeTable::Column& column = out.columns[at];
        column.label = shown(labels[at]);
        if (column.wide >= 0)
            out.labels[static_cast<size_t>(column.wide)] = column.label;
        if (column.narrow >= 0)
            out.labels[static_cast<size_t>(column.narrow)] = column.label + " bias";
        if (column.wide < 0)
            std::swap(column.wide, column.narrow);
    }
}

} // namespace

double ChangeTable::largestOf(size_t kind) const
{
    double out = 0;
    for (size_t layer = 0; layer < layers.size(); ++layer)
        if (const Cell& cell = at(layer, kind); cell.isKnown() && std::isfinite(cell.change))
            out = std::max(out, cell.change);
    return out;
}

double ChangeTable::largest() const
{
    double out = 0;
    for (size_t kind = 0; kind < kinds.size(); ++kind)
        out = std::max(out, largestOf(kind));
    return out;
}

std::vector<size_t> ChangeTable::movedMost(size_t most) const
{
    std::vector<size_t> out;
    for (size_t kind = 0; kind < kinds.size(); ++kind)
        if (isMatrix[kind])
            out.push_back(kind);
    std::stable_sort(out.begin(), out.end(), [this](size_t x, size_t y) { return largestOf(x) > largestOf(y); });
    out.resize(std::min(out.size(), most));
    return out;
}

bool ChangeTable::hasValues() const
{
    return std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.isKnown(); });
}

ChangeTable changeTable(const Difference& difference)
{
    const auto byStem = entriesByStem(difference);
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
    if (kinds.size() > mostKinds || rows.size() > mostCells / kinds.size())
        return out;
    out.stem = shown(most->first);
    for (auto& [layer, row] : rows) {
        row = out.layers.size();
        out.layers.push_back(layer);
    }
    for (const std::string& kind : kinds)
        out.kinds.push_back(shown(kind));
    nameKinds(kinds, out);
    out.isMatrix.resize(kinds.size());
    out.cells.resize(out.layers.size() * out.kinds.size());
    for (const Entry& entry : most->second) {
        const TensorPair& pair = difference.pairs[static_cast<size_t>(entry.pair)];
        const size_t column = columns[entry.kind];
        ChangeTable::Cell& cell = out.cells[rows[entry.layer] * kinds.size() + column];
        cell.pair = entry.pair;
        if (pair.values)
            cell.change = pair.values->relativeL2;
        out.isMatrix[column] = out.isMatrix[column] || difference.a->tensors[static_cast<size_t>(pair.a)].shape.size() > 1;
    }
    return out;
}

} // namespace weighbridge
