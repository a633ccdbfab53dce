// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// torch.jit.save: torch/csrc/jit/serialization/export_module.cpp. The code/ entries are never run.
#include "core/format/format.h"

#include "core/base/text.h"
#include "core/format/detail/pickle_state.h"
#include "core/format/detail/torch_archive.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr std::string_view constantsName = "constants.pkl";

class Torchscript final : public Format {
public:
    FormatInfo info() const override { return {"torchscript", "TorchScript", {".pt", ".ptl", ".pth", ".torchscript", ".jit"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || !candidate.source || !looksLikeZip(candidate.head))
            return false;
        const auto names = zipNames(candidate.source);
        return std::any_of(names.begin(), names.end(), [](std::string_view name) {
            const size_t slash = name.find('/'); // <root>/constants.pkl, <root>/code/__torch__.py
            const std::string_view below = slash == std::string_view::npos ? name : name.substr(slash + 1);
            return below == constantsName || below.starts_with("code/__torch__");
        });
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        auto archive = TorchArchive::open(candidate.source, job);
        if (!archive)
            return tl::unexpected(archive.error());
        Checkpoint checkpoint;
        checkpoint.findings = archive->zip().findings();
        if (auto damage = archive->verifyIfSmall(job))
            checkpoint.findings.push_back(std::move(*damage));
        checkpoint.shards.push_back({candidate.path, "torchscript", candidate.source});
        checkpoint.metadata = Value::Map{{"archive_root", archive->root()}, {"archive_version", archive->version()}, {"byteorder", archive->isBigEndian() ? "big" : "little"},
                                         {"code", codeNames(*archive)}, {"for_mobile", archive->find("bytecode.pkl") != nullptr}};
        return readState(*archive, "data.pkl", "data", job, checkpoint)
            .and_then([&] { return readConstants(*archive, job, checkpoint); })
            .map([&] { return std::move(checkpoint); });
    }

    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override { return verifyArchives(checkpoint, info().id, job); }

private:
    static Result<void> readState(const TorchArchive& archive, std::string_view name, const std::string& folder, JobContext& job, Checkpoint& checkpoint)
    {
        const auto range = archive.pickleRange(name, job);
        if (!range)
            return tl::unexpected(range.error());
        const auto pickle = parseJudged(range->source, range->offset, range->source->nbytes(), PickleOrigin::TorchScript, job, checkpoint.findings);
        if (!pickle)
            return tl::unexpected(pickle.error());
        const ArchiveStorages storages(archive, folder, archive.find(name));
        return readPickledState(*pickle, storages, "", job, checkpoint);
    }

    /// A frozen module has no state: its weights are constants, in a tuple. Other modules keep small tables there, which no state dict names.
    static Result<void> readConstants(const TorchArchive& archive, JobContext& job, Checkpoint& checkpoint)
    {
        Checkpoint constants;
        if (auto read = readState(archive, constantsName, "constants", job, constants); !read)
            return read;
        checkpoint.findings.insert(checkpoint.findings.end(), constants.findings.begin(), constants.findings.end());
        const bool isFrozen = checkpoint.tensors.empty();
        checkpoint.metadata.set("is_frozen", isFrozen && !constants.tensors.empty());
        checkpoint.metadata.set("constants", static_cast<uint64_t>(constants.tensors.size()));
        if (!isFrozen)
            return {};
        for (TensorInfo& tensor : constants.tensors) {
            if (tensor.storage.kind != StorageKind::Memory && !tensor.storage.key.empty())
                tensor.name = tensor.storage.key.substr(archive.root().empty() ? 0 : archive.root().size() + 1); // constants/3
            checkpoint.tensors.push_back(std::move(tensor));
        }
        return {};
    }

    static Value codeNames(const TorchArchive& archive)
    {
        Value::List names;
        const std::string folder = archive.fullName("code/");
        for (const ZipEntry& entry : archive.zip().entries())
            if (entry.name.starts_with(folder) && entry.name.ends_with(".py") && names.size() < 100)
                names.push_back(shown(entry.name.substr(folder.size())));
        return names;
    }
};

} // namespace

const Format& torchscriptFormat()
{
    static const Torchscript format;
    return format;
}

} // namespace weighbridge
