// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <string>
#include <string_view>

namespace weighbridge {

/// What a format can notice changed bytes by: "CRC-32 of each entry". Empty: by nothing.
[[nodiscard]] std::string_view checksumOfFormat(std::string_view id);
/// The same for all formats of a checkpoint's shards, in words; "none" where a changed byte cannot be noticed.
[[nodiscard]] std::string checksumsOf(const Checkpoint& checkpoint);
/// verifyChecksums() that says how many bytes it compared.
Result<uint64_t> compareChecksums(const Checkpoint& checkpoint, JobContext& job);

} // namespace weighbridge
