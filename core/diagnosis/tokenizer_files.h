// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <cstdint>
#include <optional>
#include <string>

namespace weighbridge {

/// What the small files of a tokenizer say, without building it.
struct TokenizerFiles {
    int64_t tokens = 0;               ///< highest id and one, added tokens included; 0 if no file says it
    std::string source;               ///< the file's name
    size_t words = 0;                 ///< tokens with a letter in them, special ones left out
    size_t latinWords = 0;            ///< of these, all letters a to z or A to Z
    size_t capitals = 0;              ///< words with a Latin capital
    std::optional<bool> doLowerCase;  ///< of tokenizer_config.json, else of tokenizer.json's normalizer
};

/// The text of one of a tokenizer's files; nothing if it cannot be read or is larger than any published one (128 MiB).
[[nodiscard]] std::optional<std::string> tokenizerText(const std::string& path);

/// Reads vocab.txt, vocab.json, tokenizer.json, added_tokens.json and tokenizer_config.json of a model folder. What cannot be read is left out.
[[nodiscard]] TokenizerFiles readTokenizerFiles(const Checkpoint& checkpoint, JobContext& job);

} // namespace weighbridge
