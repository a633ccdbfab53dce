// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/features.h"
#include "core/statistics/initialisers.h"

#include <string>

namespace weighbridge {

/// What a tensor's own values say, before its neighbours are asked.
enum class Noise : uint8_t {
    NotTested,      ///< no floats, NaN, too few values
    Constant,
    Derived,        ///< follows a formula: equal rows, a sinusoidal table
    Exact,          ///< untouched output of a generator
    Orthogonal,
    NoiseLike,      ///< nothing contradicts independent draws from `family`
    Undecidable,    ///< as NoiseLike, but too small or a vector
    Structured,     ///< independent draws are refuted
};

/// The test that spoke loudest: ratio above 1 rejects.
struct WorstTest {
    double ratio = 0;
    std::string name;   ///< "row means", "kurtosis"
};

struct NoiseResult {
    Noise noise = Noise::NotTested;
    Family family = Family::Normal;
    bool isExactNormal = false;   ///< Noise::Exact: Box-Muller pairs; else the uniform lattice
    bool isSinusoidal = false;    ///< Noise::Derived
    WorstTest worst;
    double shape = 0;             ///< ratio of the worst test of the distribution's shape, for `family`; 0 where none was needed
};

/// Matrices of so many values and more are decided by their own values. Sub-blocks of trained matrices pass for noise in 21 % of
/// the cases at 1024 values, 1.4 % at 4096, never from 8192 on (measured on 70 matrices).
inline constexpr uint64_t decidableValues = 1024;

/// The distribution is one of the families (if any passes, the best is named) and no test of structure is beyond its threshold.
[[nodiscard]] NoiseResult noiseTests(const TensorFeatures& features);

} // namespace weighbridge
