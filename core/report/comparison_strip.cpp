// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/shade_scale.h"
#include "core/report/strip_cells.h"
#include "core/report/strip_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace weighbridge {
namespace {

RowState stateInA(const TensorPair& pair, PairState state)
{
    switch (state) {
    case PairState::OnlyInA: return RowState::Missing;
    case PairState::ShapeDiffers: return RowState::ShapeDiffers;
    default: return pair.isRenamed() ? RowState::Renamed : RowState::Present;
    }
}

RowState stateInB(PairState state)
{
    return state == PairState::OnlyInB ? RowState::Unexpected : state == PairState::ShapeDiffers ? RowState::ShapeDiffers : RowState::Present;
}

std::string summaryOfA(const Difference& difference)
{
    const auto renamed = std::count_if(difference.pairs.begin(), difference.pairs.end(), [](const TensorPair& pair) { return pair.isRenamed(); });
    return fmt::format("{} tensors{}", difference.a->tensors.size(), renamed > 0 ? fmt::format(", {} renamed", renamed) : "");
}

std::string summaryOfB(const Difference& difference)
{
    const bool hasValues = std::any_of(difference.pairs.begin(), difference.pairs.end(), [](const TensorPair& pair) { return pair.values.has_value(); });
    return fmt::format("{} tensors{}", difference.b->tensors.size(), hasValues ? ", shaded by change" : "");
}

} // namespace

Strip comparisonStrip(const Difference& difference)
{
    const auto nameOf = [&difference](int row) -> std::string_view {
        const TensorPair& pair = difference.pairs[static_cast<size_t>(row)];
        return pair.a >= 0 ? difference.a->tensors[static_cast<size_t>(pair.a)].name : difference.b->tensors[static_cast<size_t>(pair.b)].name;
    };
    std::vector<int> all(difference.pairs.size());
    std::iota(all.begin(), all.end(), 0);
    Strip out;
    out.positions = int(all.size());
    StripRow a{StripRow::Kind::A, std::vector<StripCell>(all.size()), std::vector<int>(all.size(), -1), summaryOfA(difference)};
    StripRow b{StripRow::Kind::B, std::vector<StripCell>(all.size()), std::vector<int>(all.size(), -1), summaryOfB(difference)};
    int position = 0;
    for (const TensorGroup& group : groupNames(nameOf, all)) {
        out.groups.push_back({group.label, group.module, position, position + int(group.rows.size())});
        for (const int row : group.rows) {
            const auto at = static_cast<size_t>(position);
            const TensorPair& pair = difference.pairs[static_cast<size_t>(row)];
            const PairState state = stateOf(pair);
            if (pair.a >= 0)
                a.cells[at] = {stateInA(pair, state), row, 1, -1};
            if (pair.b >= 0)
                b.cells[at] = {stateInB(state), row, 1, pair.values ? changeShade(pair.values->relativeL2) : -1};
            (pair.a >= 0 ? a : b).positionOfRow[static_cast<size_t>(row)] = position;
            b.positionOfRow[static_cast<size_t>(row)] = pair.b >= 0 ? position : -1;
            ++position;
        }
    }
    out.rows = {std::move(a), std::move(b)};
    return out;
}

} // namespace weighbridge
