// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <optional>
#include <string>
#include <vector>

/// Sums over the values of a checkpoint at an ssh address, computed on that machine. Nothing where it must be done here: as computeStatisticsThere().
namespace weighbridge {

std::optional<Result<std::vector<std::string>>> sha256OfTensorsThere(const Checkpoint& checkpoint, JobContext& job);
std::optional<Result<uint64_t>> compareChecksumsThere(const Checkpoint& checkpoint, JobContext& job);
/// Lower-case hexadecimal, of a whole file.
std::optional<Result<std::string>> sha256OfFileThere(const std::string& address, JobContext& job);

} // namespace weighbridge
