// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/heat_map.h"

#include "core/statistics/value_runs.h"
#include "core/statistics/value_stream.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weighbridge {
namespace {

/// What is gathered of one cell.
struct Cell {
    double sum = 0;
    double maxAbs = 0;
    uint64_t finite = 0, notFinite = 0;
};

/// Puts values that come in row-major order into cells; only one row of cells is open at a time.
class Reduction {
public:
    explicit Reduction(HeatMap& map) : m_map(map), m_open(map.columns) {}

    void add(std::span<const double> values)
    {
        while (!values.empty() && m_cellRow < m_map.rows) {
            const size_t cell = m_cellColumn;
            const uint64_t end = m_map.columnOf(cell + 1);
            const auto count = static_cast<size_t>(std::min<uint64_t>(values.size(), end - m_column));
            addTo(m_open[cell], values.first(count));
            values = values.subspan(count);
            m_column += count;
            if (m_column < end)
                continue;
            if (++m_cellColumn == m_map.columns)
                nextRow();
        }
    }

private:
    static void addTo(Cell& cell, std::span<const double> values)
    {
        for (const double value : values) {
            if (!std::isfinite(value)) {
                ++cell.notFinite;
                continue;
            }
            cell.sum += value;
            cell.maxAbs = std::max(cell.maxAbs, std::abs(value));
            ++cell.finite;
        }
    }

    void nextRow()
    {
        m_column = 0;
        m_cellColumn = 0;
        if (++m_row < m_map.rowOf(m_cellRow + 1))
            return;
        for (size_t j = 0; j < m_map.columns; ++j) {
            const Cell& cell = m_open[j];
            const size_t index = m_map.index(m_cellRow, j);
            if (cell.finite > 0) {
                m_map.mean[index] = static_cast<float>(cell.sum / double(cell.finite));
                m_map.maxAbs[index] = static_cast<float>(cell.maxAbs);
            }
            m_map.notFinite[index] = static_cast<uint32_t>(std::min<uint64_t>(cell.notFinite, std::numeric_limits<uint32_t>::max()));
        }
        std::fill(m_open.begin(), m_open.end(), Cell{});
        ++m_cellRow;
    }

    HeatMap& m_map;
    std::vector<Cell> m_open;
    uint64_t m_row = 0, m_column = 0;
    size_t m_cellRow = 0, m_cellColumn = 0;
};

} // namespace

Result<HeatMap> computeHeatMap(const Checkpoint& checkpoint, const TensorInfo& stored, size_t mostRows, size_t mostColumns, JobContext& job)
{
    const TensorInfo tensor = checkpoint.unpacked(stored);
    const auto decoder = decoderFor(checkpoint, tensor);
    if (!decoder)
        return tl::unexpected(decoder.error());
    HeatMap map;
    map.view = matrixViewOf(tensor);
    map.rows = std::min<uint64_t>({map.view.rows, mostRows, largestHeatMap});
    map.columns = std::min<uint64_t>({map.view.columns, mostColumns, largestHeatMap});
    if (map.rows == 0 || map.columns == 0)
        return map;
    map.mean.assign(map.rows * map.columns, std::numeric_limits<float>::quiet_NaN());
    map.maxAbs = map.mean;
    map.notFinite.assign(map.mean.size(), 0);
    Reduction reduction(map);
    uint64_t done = 0;
    const auto read = streamDoubles(checkpoint, tensor, **decoder, job, [&](std::span<const double> values) {
        reduction.add(values);
        done += values.size();
        if (done % (256 * chunkValues) == 0)
            job.report({tensor.name, done, map.view.values()});
    });
    if (!read)
        return tl::unexpected(read.error());
    return map;
}

} // namespace weighbridge
