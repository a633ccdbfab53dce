// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/family.h"

namespace weighbridge::inference {

/// cos and sin of the rotary position embedding, [tokens, size].
struct Rotation {
    at::Tensor cos;
    at::Tensor sin;
};

/// Turns the first values of each head, as many as the rotation has; the others stay. x is [batch, heads, tokens, size].
[[nodiscard]] at::Tensor rotated(const at::Tensor& x, const Rotation& rotation);

/// The rotation of the tokens from `past` on, of the dtype and device of `like`, as the config asks for it in rope_parameters, rope_scaling or rope_theta:
/// kinds default, linear, llama3 and longrope. Throws RunFailure for another kind.
[[nodiscard]] Rotation rotationFor(const Model& model, int64_t headSize, int64_t past, int64_t tokens, const at::Tensor& like, double defaultShare = 1);

} // namespace weighbridge::inference
