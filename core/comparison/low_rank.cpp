// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/low_rank.h"

#include "core/comparison/element_stream.h"
#include "core/comparison/host_difference.h"
#include "core/tensor/decode.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr size_t mostRows = 256;
constexpr uint64_t mostColumns = 256;
constexpr double leastRest = 1e-6; ///< of the energy that is left over when the rank is reached

/// The first values of some rows, as doubles; empty if they cannot be read.
std::vector<double> rowsOf(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::vector<uint64_t>& rows, uint64_t columns, JobContext& job)
{
    const Decoder* decoder = decoderOf(tensor.dtype);
    if (!decoder || !canStartAnywhere(tensor) || info(tensor.dtype).blockElements != 1)
        return {};
    std::vector<double> out(rows.size() * columns);
    const uint64_t rowElements = tensor.elements() / static_cast<uint64_t>(tensor.shape[0]);
    for (size_t i = 0; i < rows.size(); ++i) {
        const auto stream = streamElements(checkpoint, tensor, rows[i] * rowElements, job);
        const auto bytes = stream->next(columns);
        if (!bytes || decoder->values(bytes->size()) != columns)
            return {};
        decode(*decoder, *bytes, std::span(out).subspan(i * columns, columns));
    }
    return out;
}

double squares(std::span<const double> row)
{
    double sum = 0;
    for (const double value : row)
        sum += value * value;
    return sum;
}

/// Takes the largest row's direction out of all rows, again and again, until what is left is at most `rest`.
std::optional<int> stepsUntil(std::vector<double>& matrix, size_t rows, size_t columns, double rest)
{
    const auto row = [&](size_t i) { return std::span(matrix).subspan(i * columns, columns); };
    const size_t most = std::min(rows, columns) / 4;
    for (size_t step = 0; step <= most; ++step) {
        size_t largest = 0;
        double total = 0, top = -1;
        for (size_t i = 0; i < rows; ++i) {
            const double energy = squares(row(i));
            total += energy;
            if (energy > top) {
                top = energy;
                largest = i;
            }
        }
        if (total <= rest)
            return static_cast<int>(step);
        const std::vector<double> direction(row(largest).begin(), row(largest).end());
        for (size_t i = 0; i < rows; ++i) {
            double product = 0;
            for (size_t k = 0; k < columns; ++k)
                product += row(i)[k] * direction[k];
            for (size_t k = 0; k < columns; ++k)
                row(i)[k] -= product / top * direction[k];
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<int> lowRankOf(const Difference& difference, const TensorPair& pair, JobContext& job)
{
    if (!pair.valuesDiffer() || !pair.axes.empty() || pair.values->maxAbs <= 1.01 * pair.values->meanAbs)
        return std::nullopt;
    if (const auto there = lowRankThere(difference, pair, job))
        return *there;
    const TensorInfo& a = difference.a->tensors[static_cast<size_t>(pair.a)];
    const TensorInfo& b = difference.b->tensors[static_cast<size_t>(pair.b)];
    if (a.shape.size() < 2 || a.elements() == 0)
        return std::nullopt;
    const auto rowCount = static_cast<uint64_t>(a.shape[0]);
    const uint64_t columns = std::min(a.elements() / rowCount, mostColumns);
    std::vector<uint64_t> rows;
    for (uint64_t i = 0; i < std::min<uint64_t>(rowCount, mostRows); ++i)
        rows.push_back(i * rowCount / std::min<uint64_t>(rowCount, mostRows));
    if (std::min<uint64_t>(rows.size(), columns) < 32)
        return std::nullopt;
    const auto ofA = rowsOf(*difference.a, a, rows, columns, job);
    auto changes = rowsOf(*difference.b, b, rows, columns, job);
    if (ofA.empty() || changes.empty())
        return std::nullopt;
    // Rounding A + D to a dtype adds noise of a third of half a spacing squared; each side may have been rounded.
    const double spacing = std::max(decoderOf(a.dtype)->ulp(), decoderOf(b.dtype)->ulp());
    const double noise = squares(ofA) * spacing * spacing / 12 * 2;
    for (size_t i = 0; i < changes.size(); ++i)
        changes[i] -= ofA[i];
    const double energy = squares(changes);
    const double rest = std::max(leastRest * energy, 4 * noise);
    if (!std::isfinite(energy) || energy == 0 || rest > 0.2 * energy)
        return std::nullopt;
    return stepsUntil(changes, rows.size(), columns, rest);
}

} // namespace weighbridge
