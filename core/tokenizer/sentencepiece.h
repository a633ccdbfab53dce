// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/value.h"

#include <string>

namespace weighbridge {

/// A sentencepiece model (spiece.model, tokenizer.model) as the tokenizer.json that transformers makes of it for a model type.
/// Errors: corrupt, truncated, resource-bomb.
Result<Value> sentencepieceAsJson(const ByteSource& source, const std::string& modelType);

} // namespace weighbridge
