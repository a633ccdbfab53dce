// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// The inner loops of the statistics, in the widest instructions that the processor has. Sums come out the same to the last bit on
/// every processor: value i of a run goes to sum i mod 8 (mod 16 for dot()), sums are added in pairs, nothing is fused.
namespace weighbridge::kernels {

/// One look at a run of at least one value: sums of the powers of the distances from `shift`, in double. Only `isFinite` means
/// anything if a value is NaN or infinite (or a sum overflows).
struct RunSums {
    bool isFinite = false;
    double s1 = 0, s2 = 0, s3 = 0, s4 = 0;
    double min = 0, max = 0;
    double smallest = 0; ///< magnitude
};
[[nodiscard]] RunSums runSums(const float* values, size_t count, double shift);
[[nodiscard]] RunSums runSums(const double* values, size_t count, double shift);

inline constexpr size_t tileRows = 4;

/// Up to tileRows rows of a matrix, whose values u are (x - shift) * scale in float. `scale` is to bring them near 1: squares of far larger or
/// smaller numbers leave float's range.
struct Tile {
    std::array<const float*, tileRows> rows{}; ///< rows[1] null: one row only; else all of them
    const float* previous = nullptr;           ///< the row before; `shift` in all columns where there is none
    size_t columns = 0;
    float shift = 0, scale = 1;
};
struct TileSums {
    double neighbours = 0;    ///< u * the next u in the row
    double neighbourRows = 0; ///< u * the u above it
};
/// Adds u and its square to the sums of the columns. Those are floats: they must be emptied after some dozen rows.
TileSums addTile(const Tile& tile, float* sums, float* squares);

/// Counts values by bin floor(1 + 2^-12 + (value - low) * scale), computed in float, from bin 0 (below) to binCount - 1 (above; at most 2^16 bins). `bins` holds two sets of `binCount` counters,
/// which are to be added up: so successive values seldom wait for each other. All values must be finite.
void countBins(const float* values, size_t count, float low, float scale, uint32_t* bins, size_t binCount);

/// Sum of the products of two runs, in double.
[[nodiscard]] double products(const float* a, const float* b, size_t count);
/// The same in float.
[[nodiscard]] float dot(const float* a, const float* b, size_t count);

/// products[i * rows + j] of all rows i >= j with each other, in float as dot() adds them up.
void gramOfRows(const float* matrix, size_t rows, size_t columns, float* products);

} // namespace weighbridge::kernels
