// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/tensor/shape.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge {

/// What a tensor of packed numbers stands for: the weight that the model computes with.
struct PackedWeight {
    static constexpr size_t absent = SIZE_MAX;

    std::string scheme;         ///< the word of those who write it: "gptq", "awq", "nf4", "int4", "fp8", "mxfp4", ...
    int bits = 0;               ///< of a number; 0: no whole one
    int64_t groupSize = 0;      ///< weights that share a scale; 0: not said
    Shape shape;                ///< of the weight, as a Linear layer has it: out x in
    std::string dtype;          ///< that it was packed from, and computes in: "F16"; empty: not said
    std::string packing;        ///< id of the Packing that unpacks it
    std::vector<size_t> parts;  ///< indices of Checkpoint::tensors that its values are computed from, in the packing's own order; the first holds the numbers
    std::string asStored;       ///< why its values are shown as they are stored, in one sentence; empty: they are unpacked

    [[nodiscard]] bool isUnpacked() const { return asStored.empty(); }
    [[nodiscard]] Value asValue() const;
    /// "4 bits (gptq) of [768, 768] F16", and why it is not unpacked.
    [[nodiscard]] std::string asText() const;
};

} // namespace weighbridge
