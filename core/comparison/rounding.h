// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/dtype.h"

#include <cstddef>

namespace weighbridge {

/// Rounds values to those that a dtype can hold, as its usual writers do. `count` is a multiple of the dtype's block.
using RoundTo = void (*)(const float* in, size_t count, float* out);

/// F16, BF16 (to nearest, ties to even, as PyTorch) and Q8_0 (as ggml's reference); null for others.
[[nodiscard]] RoundTo roundTo(DType dtype);

/// The largest |B - A| / |A| that storing A in this dtype explains; 0 for dtypes whose rounding says nothing of the sort.
/// Twice to three times what the dtype costs for normally distributed weights.
[[nodiscard]] double explainedLoss(DType dtype);

} // namespace weighbridge
