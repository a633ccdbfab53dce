// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>

/// The 16-bit floats in the widest instructions that the processor has. `in` need not be aligned.
namespace weighbridge::kernels {

void halvesToFloats(const std::byte* in, size_t count, float* out);
void bfloatsToFloats(const std::byte* in, size_t count, float* out);

} // namespace weighbridge::kernels
