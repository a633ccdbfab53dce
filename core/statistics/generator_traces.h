// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/shape.h"

#include <cstdint>
#include <span>
#include <vector>

/// Traces that torch's CPU generators leave in float32 values that nothing has touched since. One optimiser step wipes them out.
namespace weighbridge {

/// The bounds that torch's layers draw uniformly from: kaiming_uniform_(a=sqrt 5), reset_parameters() of RNNs, xavier, he, lecun.
/// For a vector those of the matrices beside it.
[[nodiscard]] std::vector<double> torchBounds(const Shape& shape, const std::vector<Shape>& siblings);

/// uniform_(-b, b) gives fma(k 2^-24, 2b, -b) for an integer k: 100 % of untouched values, 8-9 % of others.
/// https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/core/TransformationHelper.h
struct LatticeTrace {
    uint64_t tested = 0;
    double hits = 0;    ///< share of the tested values
    double bound = 0;
};
[[nodiscard]] LatticeTrace uniformTrace(std::span<const float> values, double absmax, uint64_t count, const std::vector<double>& bounds);

/// normal_(0, sd) makes pairs (i, i + 8) of blocks of 16 by Box-Muller from uniform numbers k 2^-24: exp(-(x^2 + y^2) / 2 sd^2) 2^24 is
/// near an integer for about 80 % of untouched pairs and for 20 % of others.
/// https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/cpu/DistributionTemplates.h
struct PairTrace {
    uint64_t tested = 0;
    double hits = 0;
    double sd = 0;
};
[[nodiscard]] PairTrace normalTrace(std::span<const float> prefix, const std::vector<double>& scales);

} // namespace weighbridge
