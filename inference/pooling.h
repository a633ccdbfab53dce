// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <string>

namespace weighbridge::inference {

/// Whether sentenceEmbedding() makes one: the folder's 1_Pooling/config.json asks for a pooling that is known.
[[nodiscard]] bool hasPooling(const std::string& folder);

/// The embedding of a sentence, [1, hidden], as the folder's sentence-transformers files (modules.json, 1_Pooling/config.json) make it of
/// [1, tokens, hidden]; nothing if the folder has none, or asks for a pooling that is not known.
[[nodiscard]] std::optional<at::Tensor> sentenceEmbedding(const std::string& folder, const at::Tensor& hidden);

} // namespace weighbridge::inference
