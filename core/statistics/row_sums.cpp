// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/row_sums.h"

#include <array>

namespace weighbridge {
namespace {

constexpr size_t lanes = 8;
using Lanes = std::array<double, lanes>;

double sumOf(const Lanes& lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

} // namespace

RunSums runSums(std::span<const float> run)
{
    Lanes l1{}, l2{}, l3{}, l4{};
    const auto add = [&](size_t k, double value) {
        const double square = value * value;
        l1[k] += value;
        l2[k] += square;
        l3[k] += square * value;
        l4[k] += square * square;
    };
    const size_t whole = run.size() / lanes * lanes;
    for (size_t i = 0; i < whole; i += lanes)
        for (size_t k = 0; k < lanes; ++k)
            add(k, double(run[i + k]));
    for (size_t i = whole; i < run.size(); ++i)
        add(i - whole, double(run[i]));
    RunSums out{sumOf(l1), sumOf(l2), sumOf(l3), sumOf(l4), 0};
    if (run.size() > 1)
        out.neighbours = rowProduct(run.data(), run.data() + 1, run.size() - 1);
    return out;
}

void addColumns(std::span<const float> row, double* sums, double* squares)
{
    for (size_t i = 0; i < row.size(); ++i) {
        const double value = double(row[i]);
        sums[i] += value;
        squares[i] += value * value;
    }
}

double rowProduct(const float* a, const float* b, size_t count)
{
    Lanes lane{};
    const size_t whole = count / lanes * lanes;
    for (size_t i = 0; i < whole; i += lanes)
        for (size_t k = 0; k < lanes; ++k)
            lane[k] += double(a[i + k]) * double(b[i + k]);
    for (size_t i = whole; i < count; ++i)
        lane[i - whole] += double(a[i]) * double(b[i]);
    return sumOf(lane);
}

} // namespace weighbridge
