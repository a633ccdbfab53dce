// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/features.h"
#include "core/statistics/initialisers.h"
#include "core/statistics/tensor_statistics.h"
#include "core/statistics/tensor_sums.h"

#include <vector>

namespace weighbridge {

/// What the tests of a tensor's origin look at. siblings: shapes of the matrices in the same module (the bounds of torch's biases follow
/// from them). The samples of `sums` are used up.
[[nodiscard]] TensorFeatures featuresOf(const TensorInfo& tensor, const PassPlan& plan, const TensorStatistics& statistics, TensorSums&& sums,
                                        const std::vector<Shape>& siblings, const ConfigHints& hints);

} // namespace weighbridge
