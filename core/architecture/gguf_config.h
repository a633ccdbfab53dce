// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/config.h"
#include "core/checkpoint/checkpoint.h"

#include <optional>

namespace weighbridge {

/// The keys of a GGUF file as a config, which says what llama.cpp asks of its tensors: model_type is "gguf-" and general.architecture, the
/// architecture's own keys stand without its name and with _ for dots ("llama.attention.head_count": attention_head_count), vocab_size is that
/// key or the number of the tokenizer's tokens. Nothing if it is no GGUF file or names no architecture.
[[nodiscard]] std::optional<Config> ggufConfig(const Checkpoint& checkpoint);

} // namespace weighbridge
