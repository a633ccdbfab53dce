// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/inputs.h"
#include "inference/pass.h"

namespace weighbridge::inference {

/// Runs the checkpoint that the request names as "beside" on the same input, and compares what comes out of each layer:
///   {"path", "class", "layers": [{"layer", "relative_distance"}], "outputs": {name: relative distance}, "parts_at"}
/// A relative distance is |b - a| / |a|, null where the shapes differ. parts_at is the first layer from which on the two lie further apart than
/// rounding explains, null if none does. The weights of `p` are given up for those of the other. Errors: as prepare(), and `usage` if the other cannot take
/// the input.
Result<Value> runBeside(Prepared& p, const Inputs& inputs, const Pass& pass, const Value& request, JobContext& job);

} // namespace weighbridge::inference
