// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/tensor_reader.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// To add a format: write core/format/x.cpp that derives from Format and defines `const Format& xFormat()` (snake_case file,
/// camelCase function: torch_zip.cpp, torchZipFormat()), and list `x` in core/format/CMakeLists.txt. docs/adding-a-format.md.
namespace weighbridge {

/// What a probe may look at. Folders have no bytes.
struct Candidate {
    std::string path;
    bool isFolder = false;
    std::span<const std::byte> head; ///< the first 4 KiB, or fewer
    uint64_t nbytes = 0;
    SourcePtr source;                ///< null for a folder
};

struct FormatInfo {
    std::string_view id;             ///< a word of docs/contract: "safetensors"
    std::string_view title;          ///< for people: "safetensors", "PyTorch (zip)"
    std::vector<std::string_view> extensions; ///< with dot, lower case; for the file dialog and the wrong-extension message
};

/// Stateless and const; one object per format; any thread.
class Format {
public:
    virtual ~Format() = default;
    [[nodiscard]] virtual FormatInfo info() const = 0;
    /// Whether the first bytes (or the folder's content) say that it is this format. Cheap; never by the extension alone.
    [[nodiscard]] virtual bool probe(const Candidate& candidate) const = 0;
    /// Reads the header. `path`, `format` and `files` may be left empty: openCheckpoint() fills them in.
    virtual Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const = 0;
    /// Compares all data with the checksums that the file itself holds: the bytes that were compared, 0 if the format or this file has
    /// none. Reads everything, so nobody calls it to open a file. Error `checksum` names what differs.
    virtual Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const;
    /// Streams a storage of StorageKind::Format as contiguous, row-major, little-endian elements of `tensor`.
    virtual Result<void> readStorage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink) const;
};

/// In the order of core/format/CMakeLists.txt (generated); the first whose probe says yes is taken.
[[nodiscard]] std::span<const Format* const> allFormats();
/// By id; null if there is none.
[[nodiscard]] const Format* formatById(std::string_view id);
/// Compares all data of a checkpoint with the checksums that the formats of its shards have: Format::verify() of each.
Result<void> verifyChecksums(const Checkpoint& checkpoint, JobContext& job);

} // namespace weighbridge
