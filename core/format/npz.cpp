// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A zip archive of .npy files: https://numpy.org/doc/stable/reference/generated/numpy.savez.html
#include "core/format/format.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/npy_header.h"
#include "core/format/detail/zip.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

/// The first bytes of an entry, unpacked as far as needed.
Result<SourcePtr> headOf(const Checkpoint& checkpoint, const ZipEntry& entry, const Storage& storage, JobContext& job)
{
    TensorInfo bytes;
    bytes.dtype = DType::U8;
    bytes.shape = {static_cast<int64_t>(std::min<uint64_t>(entry.nbytes, 64 * 1024))};
    bytes.storage = storage;
    return readWhole(checkpoint, bytes, job, 64 * 1024).map([&](std::vector<std::byte> head) { return memorySource(std::move(head), entry.name); });
}

/// Lays the tensor over the entry's storage, which begins with the .npy header.
Result<void> place(TensorInfo& tensor, Storage storage)
{
    if (tensor.storage.kind == StorageKind::Absent)
        return {};
    const bool bigEndian = tensor.storage.bigEndian;
    const uint64_t start = tensor.storage.offset;
    if (storage.kind == StorageKind::Raw) {
        storage.offset += start;
        storage.nbytes -= start;
    } else {
        const uint64_t width = info(tensor.dtype).bitsPerElement / 8;
        if (start % width != 0)
            return failure("corrupt", fmt::format("The data of {} begin at byte {}, which is not aligned to its elements.", shown(tensor.name), start));
        tensor.elementOffset = start / width;
    }
    tensor.storage = std::move(storage);
    tensor.storage.bigEndian = bigEndian;
    return {};
}

class Npz final : public Format {
public:
    FormatInfo info() const override { return {"npz", "NumPy archive", {".npz"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || !looksLikeZip(candidate.head))
            return false;
        // the name of the first entry stands in its local header, 30 bytes behind the archive's start
        const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
        if (head.size() < 30)
            return lowered(candidate.path).ends_with(".npz");
        const size_t length = static_cast<uint8_t>(head[26]) + 256u * static_cast<uint8_t>(head[27]);
        return head.substr(30, length).ends_with(".npy") || lowered(candidate.path).ends_with(".npz");
    }

    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override { return verifyArchives(checkpoint, info().id, job); }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const auto archive = ZipArchive::open(candidate.source, job);
        if (!archive)
            return tl::unexpected(archive.error());
        if (candidate.nbytes <= limits::verifiedAtOnceNbytes)
            if (const auto verified = archive->verifyAll(job); !verified)
                return tl::unexpected(verified.error());
        Checkpoint checkpoint;
        checkpoint.findings = archive->findings();
        checkpoint.shards.push_back({candidate.path, "npz", candidate.source});
        Value::List others;
        for (const ZipEntry& entry : archive->entries()) {
            if (!entry.name.ends_with(".npy")) {
                others.push_back(shown(entry.name));
                continue;
            }
            if (auto read = readEntry(*archive, entry, checkpoint, job); !read)
                return tl::unexpected(read.error());
        }
        checkpoint.metadata = Value::Map{{"other_entries", std::move(others)}};
        return checkpoint;
    }

private:
    static Result<void> readEntry(const ZipArchive& archive, const ZipEntry& entry, Checkpoint& checkpoint, JobContext& job)
    {
        const auto storage = archive.storage(entry, 0);
        if (!storage)
            return tl::unexpected(storage.error());
        const auto head = headOf(checkpoint, entry, *storage, job);
        if (!head)
            return tl::unexpected(head.error());
        auto array = readNpyHeader(**head, entry.nbytes, checkpoint.findings);
        if (!array) {
            Error why = array.error();
            why.message = fmt::format("Entry {}: {}", shown(entry.name, 120), why.message);
            return failure(std::move(why).at(archive.source()->path()));
        }
        array->tensor.name = entry.name.substr(0, entry.name.size() - 4);
        return place(array->tensor, *storage).map([&] { checkpoint.tensors.push_back(std::move(array->tensor)); });
    }
};

} // namespace

const Format& npzFormat()
{
    static const Npz format;
    return format;
}

} // namespace weighbridge
