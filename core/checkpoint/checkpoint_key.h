// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"

#include <string>

namespace weighbridge {

/// Lower-case hexadecimal of a sha256 over names, dtypes, shapes and places of the tensors and the sizes of the shards: what several machines that look at one
/// checkpoint find alike, wherever its files lie. It says nothing of the values.
[[nodiscard]] std::string checkpointKey(const Checkpoint& checkpoint);

/// Lower-case hexadecimal of a sha256 over 64 samples of 4 KiB, spread evenly over the bytes of all shards: tells checkpoints apart whose key is the
/// same. Empty where one of them cannot be read. Reads: any thread but the GUI's.
[[nodiscard]] std::string sampledSha256(const Checkpoint& checkpoint);

} // namespace weighbridge
