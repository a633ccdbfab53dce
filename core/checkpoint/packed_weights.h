// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <map>
#include <string>

namespace weighbridge {

/// What a tensor of packed numbers stands for: the weight that the model computes with.
struct PackedWeight {
    std::string scheme; ///< "gptq", "awq", "nf4", "fp4", "int8", "int4", "fp8", "nvfp4", "mxfp4"
    int bits = 0;
    int64_t groupSize = 0;     ///< weights that share a scale; 0: not said
    Shape shape;               ///< of the weight, as a Linear layer has it: out x in
    std::string dtype;         ///< that it was packed from, and computes in: "F16"; empty: not said
    [[nodiscard]] Value asValue() const;
};

/// By the name of the tensor that holds the numbers: GPTQ and AWQ (X.qweight with qzeros and scales), bitsandbytes (X.weight with quant_state, whose
/// few bytes are read, or with SCB), compressed-tensors and ModelOpt (X.weight_packed or X.weight with weight_scale), 8-bit floats with scales
/// (DeepSeek), MXFP4 of gpt-oss (X_blocks with X_scales). What does not fit together is left out. https://github.com/AutoGPTQ/AutoGPTQ,
/// https://github.com/casper-hansen/AutoAWQ, https://github.com/bitsandbytes-foundation/bitsandbytes,
/// https://github.com/vllm-project/compressed-tensors
std::map<std::string, PackedWeight> packedWeights(const Checkpoint& checkpoint, JobContext& job);

} // namespace weighbridge
