// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/companions.h"
#include "core/statistics/origin.h"

namespace weighbridge {

/// Fills everything of `model` that follows from its tensors' origins.
void decideModel(ModelOrigin& model, std::span<const std::string> names, std::span<const TensorFeatures> features, const Companions& companions);

} // namespace weighbridge
