// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/value.h"

#include <string>
#include <string_view>

namespace weighbridge {

/// The whole text of a file of a tokenizer. Error resource-bomb beyond limits::tokenizerNbytes.
Result<std::string> readTokenizerText(const ByteSource& source);
/// One token a line, its number is the line's from 0 on (vocab.txt of BERT), as {"token": number}.
[[nodiscard]] Value::Map vocabularyOfLines(std::string_view text);

} // namespace weighbridge
