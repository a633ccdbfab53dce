// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/repair/repair_plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge {

struct SaveOptions {
    uint64_t maximumShardNbytes = 5'000'000'000; ///< of values in one file
};

/// A copy that was written and read back.
struct SavedCopy {
    std::string path;              ///< what to open
    std::vector<FileEntry> files;  ///< with the path that they have now
    size_t verifiedTensors = 0;    ///< read back, their sha256 equal to that of the source's elements
    uint64_t nbytes = 0;           ///< of all files
};

/// Carries out a plan. `out` is a folder that does not exist or is empty, or a new file that ends in .safetensors (then the weights
/// alone are written, in one file). It appears complete or not at all: everything is written beside it, read back, compared and
/// renamed. The source's own checksums are compared too, since a copy without them would hide damage. Holds one block of values, or one
/// tensor where it is transposed. Reports bytes, "writing" and "verifying". Errors: exists, disk-full, unwritable, checksum, truncated, cancelled, ...
Result<SavedCopy> saveRepaired(const RepairPlan& plan, const std::string& out, const SaveOptions& options, JobContext& job);

} // namespace weighbridge
