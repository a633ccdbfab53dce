// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/rule.h"

#include <string_view>

/// What a single name says about what the file holds.
namespace weighbridge {

/// A moment of an optimizer: "state.0.exp_avg", "bert/pooler/dense/kernel/adam_m".
[[nodiscard]] bool isOptimizerName(std::string_view name);
/// A low-rank or other small addition of PEFT: lora_A, lora_B, lora_embedding_A, ia3_l, prompt_embeddings.
[[nodiscard]] bool isAdapterName(std::string_view name);
/// "gptq-awq", "bitsandbytes", "fp8" or "torch-quantized" for a tensor that only a quantizer writes; empty for others.
[[nodiscard]] std::string_view quantizerOf(std::string_view name);
/// A variable of TensorFlow or Keras: "dense/kernel:0", "gamma", with slashes.
[[nodiscard]] bool isTensorFlowName(std::string_view name);

/// What the checkpoint's metadata have under this key, at whatever depth a reader puts it (at most four levels are searched); null if nothing.
[[nodiscard]] const Value* findInMetadata(const Checkpoint& checkpoint, std::string_view key);

} // namespace weighbridge
