// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/base/job_context.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// sha256OfTensor() of each tensor, in their order, on several threads; empty for what has no values or is no numbers. Progress in bytes.
/// Error: the first, in the order of the tensors, that is another.
Result<std::vector<std::string>> sha256OfTensors(const Checkpoint& checkpoint, JobContext& job);

/// A sha256 that somebody else has of a file.
struct KnownSha256 {
    std::string sha256;             ///< 64 lower-case hexadecimal digits
    std::optional<uint64_t> nbytes; ///< if the size is known too
    std::string source;             ///< who says so: "git-lfs pointer", "Hugging Face cache", ...
};

/// From what a user gives: the digits themselves, or the path of a git-lfs pointer or of a list as sha256sum writes it, in which `path`'s name counts.
/// Error `usage` for anything else.
Result<KnownSha256> knownSha256From(const std::string& given, const std::string& path);
/// What lies beside a file: the blob's name in a Hugging Face cache, the record of its download, NAME.sha256. Nothing: nobody says.
std::optional<KnownSha256> knownSha256Of(const std::string& path);

/// A file against a known sum.
struct ComparedFile {
    std::string path;
    std::string sha256;
    KnownSha256 known;
    [[nodiscard]] bool isSame() const { return sha256 == known.sha256; }
};

/// Reads the whole file. A file of another size is not read: its sum is empty then.
Result<ComparedFile> compareFile(const std::string& path, KnownSha256 known, JobContext& job);

} // namespace weighbridge
