// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"

namespace weighbridge {

/// Two maps, field by field; maps within them too, everything else as a whole. Null: that side has none.
[[nodiscard]] FieldsDifference differingFields(const Value* a, const Value* b);

/// The vocabularies of two model folders: tokenizer.json, else vocab.json, else vocab.txt; added tokens included.
[[nodiscard]] TokenizerDifference differingTokens(const Checkpoint& a, const Checkpoint& b, JobContext& job);

} // namespace weighbridge
