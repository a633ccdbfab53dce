// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/strip_cells.h"

#include "core/report/strip_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace weighbridge {
namespace {

bool isThere(const TensorRow& row)
{
    return row.found >= 0 || row.state == RowState::Tied;
}

/// Lays the tensors out: which position each row of `rows` has.
class StripLayout {
public:
    StripLayout(const TensorRows& rows, const TensorRows* afterFix) : m_rows(rows), m_afterFix(afterFix)
    {
        const size_t placed = rows.hasExpectation() ? rows.expectedCount() : rows.rows().size();
        std::vector<int> first(placed);
        std::iota(first.begin(), first.end(), 0);
        m_positionOfRow.assign(rows.rows().size(), -1);
        for (const TensorGroup& group : groupTensors(rows, first))
            addGroup(group.label, group.module, group.rows);
        placeOthers();
        strip.positions = m_next;
    }

    void addRow(StripRow::Kind kind, const TensorRows& rows)
    {
        StripRow out;
        out.kind = kind;
        out.cells.resize(static_cast<size_t>(strip.positions));
        out.positionOfRow.assign(rows.rows().size(), -1);
        std::array<size_t, rowStateCount> counts{};
        for (size_t i = 0; i < rows.rows().size(); ++i) {
            const TensorRow& row = rows.rows()[i];
            if (kind == StripRow::Kind::Expected ? row.expected < 0 : !isThere(row))
                continue;
            const int position = positionOf(rows, row);
            if (position < 0)
                continue;
            const RowState state = kind == StripRow::Kind::Expected && row.state != RowState::Missing && row.state != RowState::Lost ? RowState::Present : row.state;
            out.positionOfRow[i] = position;
            out.cells[static_cast<size_t>(position)] = {state, int(i), 1};
            ++counts[static_cast<size_t>(state)];
        }
        out.summary = summary(counts, kind != StripRow::Kind::Expected && rows.hasExpectation());
        strip.rows.push_back(std::move(out));
    }

    Strip strip;

private:
    void addGroup(std::string label, std::string module, const std::vector<int>& rows)
    {
        StripGroup group{std::move(label), std::move(module), m_next, m_next};
        for (const int row : rows)
            m_positionOfRow[static_cast<size_t>(row)] = m_next++;
        group.end = m_next;
        strip.groups.push_back(std::move(group));
    }

    /// Tensors that are in the file only: where they load after the fix, if that place is free, else in a group of their own.
    void placeOthers()
    {
        std::vector<int> others;
        for (size_t i = m_rows.hasExpectation() ? m_rows.expectedCount() : m_rows.rows().size(); i < m_rows.rows().size(); ++i) {
            const int after = m_afterFix ? m_afterFix->rowOf({TensorId::Side::Found, m_rows.rows()[i].found}) : -1;
            const TensorId expected = after < 0 ? TensorId{} : m_afterFix->rows()[static_cast<size_t>(after)].id;
            const int place = expected.side == TensorId::Side::Expected ? m_rows.rowOf(expected) : -1;
            if (place >= 0 && !isThere(m_rows.rows()[static_cast<size_t>(place)]))
                m_positionOfRow[i] = m_positionOfRow[static_cast<size_t>(place)];
            else
                others.push_back(int(i));
        }
        if (!others.empty())
            addGroup("in the file only", {}, others);
    }

    /// The rows after the fix have ids of their own: an expected tensor's place, else that of the same tensor of the file.
    [[nodiscard]] int positionOf(const TensorRows& rows, const TensorRow& row) const
    {
        const int own = &rows == &m_rows ? int(&row - rows.rows().data()) : m_rows.rowOf(row.id);
        return own < 0 ? -1 : m_positionOfRow[static_cast<size_t>(own)];
    }

    static std::string summary(const std::array<size_t, rowStateCount>& counts, bool isCompared)
    {
        std::vector<std::string> parts;
        size_t all = 0;
        for (size_t i = counts.size(); i-- > 0;) {
            const auto state = static_cast<RowState>(i);
            all += counts[i];
            if (counts[i] > 0 && (deviates(state) || state == RowState::Ignored || state == RowState::Tied))
                parts.push_back(fmt::format("{} {}", counts[i], word(state)));
        }
        constexpr size_t maximumParts = 3;
        parts.resize(std::min(parts.size(), maximumParts));
        return parts.empty() ? fmt::format("{} {}", all, isCompared ? "match" : "tensors") : fmt::format("{}", fmt::join(parts, ", "));
    }

    const TensorRows& m_rows;
    const TensorRows* m_afterFix;
    std::vector<int> m_positionOfRow;
    int m_next = 0;
};

/// How many places each group gets: one, and its share of the rest.
std::vector<int> places(const std::vector<StripGroup>& groups, int positions, int maximum)
{
    const auto count = int64_t(groups.size());
    std::vector<int> out;
    for (const StripGroup& group : groups)
        out.push_back(positions == count ? 1 : int(1 + (group.end - group.begin - 1) * (maximum - count) / (positions - count)));
    return out;
}

void merge(StripCell& into, const StripCell& cell)
{
    if (cell.tensors == 0)
        return;
    if (into.tensors == 0 || cell.state > into.state) {
        into.state = cell.state;
        into.tensorRow = cell.tensorRow;
    }
    into.tensors += cell.tensors;
    into.shade = std::max(into.shade, cell.shade);
}

} // namespace

Strip buildStrip(const TensorRows& asItLoads, const TensorRows* afterFix)
{
    StripLayout layout(asItLoads, afterFix);
    if (asItLoads.hasExpectation())
        layout.addRow(StripRow::Kind::Expected, asItLoads);
    if (asItLoads.checkpoint())
        layout.addRow(StripRow::Kind::Found, asItLoads);
    if (afterFix)
        layout.addRow(StripRow::Kind::AfterFix, *afterFix);
    return std::move(layout.strip);
}

StripReduction Strip::reduction(int maximum) const
{
    StripReduction out;
    const bool mergeGroups = int(groups.size()) > maximum;
    const std::vector<StripGroup> old = mergeGroups ? std::vector<StripGroup>{{{}, {}, 0, positions}} : groups;
    const std::vector<int> sizes = places(old, positions, maximum);
    out.positionOf.resize(static_cast<size_t>(positions));
    for (size_t i = 0; i < old.size(); ++i) {
        const int64_t length = old[i].end - old[i].begin;
        for (int64_t k = 0; k < length; ++k)
            out.positionOf[static_cast<size_t>(old[i].begin + k)] = out.positions + int(k * sizes[i] / length);
        out.groups.push_back({old[i].label, old[i].module, out.positions, out.positions + sizes[i]});
        out.positions += sizes[i];
    }
    return out;
}

Strip Strip::merged(const StripReduction& reduction) const
{
    Strip out;
    out.groups = reduction.groups;
    out.positions = reduction.positions;
    for (const StripRow& row : rows) {
        StripRow& shorter = out.rows.emplace_back();
        shorter.kind = row.kind;
        shorter.summary = row.summary;
        shorter.cells.resize(static_cast<size_t>(out.positions));
        for (size_t i = 0; i < row.cells.size(); ++i)
            merge(shorter.cells[static_cast<size_t>(reduction.positionOf[i])], row.cells[i]);
    }
    return out;
}

Strip Strip::reduced(int maximum) const
{
    if (positions <= maximum || maximum < 1)
        return *this;
    const StripReduction reduction = this->reduction(maximum);
    Strip out = merged(reduction);
    for (size_t i = 0; i < rows.size(); ++i)
        for (const int position : rows[i].positionOfRow)
            out.rows[i].positionOfRow.push_back(position < 0 ? -1 : reduction.positionOf[static_cast<size_t>(position)]);
    return out;
}

} // namespace weighbridge
