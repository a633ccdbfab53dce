// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// torch.save since PyTorch 1.6: torch/serialization.py, _save().
#include "core/format/format.h"

#include "core/base/text.h"
#include "core/format/detail/partial.h"
#include "core/format/detail/pickle_state.h"
#include "core/format/detail/torch_archive.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

class TorchZip final : public Format {
public:
    FormatInfo info() const override { return {"torch-zip", "PyTorch (zip)", {".pt", ".pth", ".bin", ".ckpt", ".tar", ".th", ".model"}}; }

    /// Any ZIP archive that no format before it took: whatever it lacks is then said in PyTorch's terms.
    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || !candidate.source)
            return false;
        const bool isCut = candidate.nbytes < 4 && candidate.nbytes > 0 && std::string_view("PK\x03\x04").starts_with(std::string_view(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size()));
        return isCut || looksLikeZip(candidate.head) || endsAsZip(*candidate.source);
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        auto archive = TorchArchive::open(candidate.source, job);
        if (!archive)
            return failure(archive.error().rule == "truncated" ? withSalvaged(archive.error(), candidate, job) : archive.error());
        Checkpoint checkpoint;
        checkpoint.findings = archive->zip().findings();
        if (auto damage = archive->verifyIfSmall(job))
            checkpoint.findings.push_back(std::move(*damage));
        checkpoint.shards.push_back({candidate.path, "torch-zip", candidate.source});
        const auto range = archive->pickleRange("data.pkl", job);
        if (!range)
            return tl::unexpected(range.error());
        const auto pickle = parseJudged(range->source, range->offset, range->source->nbytes(), PickleOrigin::TorchSave, job, checkpoint.findings);
        if (!pickle)
            return tl::unexpected(pickle.error());
        describe(*archive, *pickle, checkpoint);
        const ArchiveStorages storages(*archive, "data", archive->find("data.pkl"));
        return readPickledState(*pickle, storages, "", job, checkpoint).map([&] { return std::move(checkpoint); });
    }

    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override { return verifyArchives(checkpoint, info().id, job); }

private:
    /// The Error of a cut archive with the tensors that data.pkl names, if that is still there: torch.save writes it first.
    static Error withSalvaged(Error error, const Candidate& candidate, JobContext& job)
    {
        const auto archive = TorchArchive::salvage(candidate.source, job);
        const ZipEntry* entry = archive ? archive->find("data.pkl") : nullptr;
        if (!entry || !entry->isStored())
            return error;
        Checkpoint checkpoint;
        checkpoint.shards.push_back({candidate.path, "torch-zip", candidate.source});
        const auto pickle = parseJudged(candidate.source, entry->dataOffset, 0 /* where the entry ends is not known */, PickleOrigin::TorchSave, job, checkpoint.findings);
        if (!pickle)
            return error;
        describe(*archive, *pickle, checkpoint);
        const ArchiveStorages storages(*archive, "data", entry, true);
        return readPickledState(*pickle, storages, "", job, checkpoint) ? withPartial(std::move(error), std::move(checkpoint)) : error;
    }

    static void describe(const TorchArchive& archive, const Pickle& pickle, Checkpoint& checkpoint)
    {
        checkpoint.metadata = Value::Map{{"archive_root", archive.root()},
                                         {"archive_version", archive.version()},
                                         {"byteorder", archive.isBigEndian() ? "big" : "little"},
                                         {"pickle_protocol", pickle.protocol()},
                                         {"has_checksums", archive.zip().hasChecksums()}};
    }
};

} // namespace

const Format& torchZipFormat()
{
    static const TorchZip format;
    return format;
}

} // namespace weighbridge
