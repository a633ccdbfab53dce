// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/companions.h"
#include "core/statistics/noise_tests.h"
#include "core/statistics/origin.h"

namespace weighbridge {

/// Fills evidence and sentence of a verdict that stands.
void explain(Origin& origin, const TensorFeatures& features, const NoiseResult& noise, Companion companion);

} // namespace weighbridge
