// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/comparison/comparison.h"

#include <vector>

namespace weighbridge {

/// With a quantization_config a loader builds quantized layers in the place of plain ones. Their tensors (qweight and scales, or a packed
/// weight with absmax) have names and shapes of the quantizer's own: where a layer of the file has them, they are what is expected of it.
/// Changes nothing if the config has no quantization_config.
void expectQuantized(ExpectedModel& expected, const Config& config, const std::vector<FoundTensor>& found);

} // namespace weighbridge
