// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/open_checkpoint.h"

#include "core/base/files.h"
#include "core/base/interruptible_reads.h"
#include "core/base/text.h"
#include "core/base/within_memory.h"
#include "core/checkpoint/next_step.h"
#include "core/checkpoint/other_formats.h"
#include "core/checkpoint/sniff.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/tf_slices.h"
#include "core/format/format.h"
#include "core/packing/unpack.h"
#include "core/remote/address.h"
#include "core/remote/remote_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

namespace weighbridge {
namespace {

/// Weights without any header, as a .data file of TensorFlow: small finite float32 numbers from the first byte on. Of random bytes
/// nearly half have an exponent that no weight has.
bool looksLikeRawFloats(std::span<const std::byte> head)
{
    constexpr size_t minimumCount = 64;
    const size_t count = head.size() / sizeof(float);
    size_t ordinary = 0;
    size_t ordinaryAtStart = 0;
    for (size_t i = 0; i < count; ++i) {
        float value = 0;
        std::memcpy(&value, head.data() + i * sizeof(float), sizeof(float));
        ordinary += std::isfinite(value) && std::abs(value) < 1e3F && std::abs(value) > 1e-9F ? 1 : 0;
        if (i < minimumCount)
            ordinaryAtStart = ordinary;
    }
    return ordinaryAtStart == minimumCount && ordinary * 100 >= count * 95;
}

Error unknownFormat(const Candidate& candidate)
{
    if (auto other = otherFormat(candidate))
        return std::move(*other);
    if (looksLikeRawFloats(candidate.head))
        return Error("wrong-format", "The file has no header: it holds bare float32 values from its first byte on, as a .data file of a TensorFlow checkpoint does.")
            .at(candidate.path)
            .atByte(0)
            .fixedBy("Put it beside its .index file under its own name (model.ckpt.data-00000-of-00001) and open that, or convert it with TensorFlow's tools.");
    std::string first;
    for (const std::byte byte : candidate.head.first(std::min<size_t>(candidate.head.size(), 8)))
        first += fmt::format("{}{:02x}", first.empty() ? "" : " ", static_cast<unsigned>(byte));
    return Error("not-a-checkpoint", fmt::format("This is not a checkpoint of a known format: it begins with the bytes {}.", first))
        .at(candidate.path)
        .atByte(0)
        .finding(first)
        .fixedBy("Check that this is the file you meant; if it is a checkpoint, its format is not supported yet.");
}

Error unknownFolder(const std::string& path)
{
    if (auto other = otherFormat({path, true, {}, 0, nullptr}))
        return std::move(*other);
    return Error("not-a-checkpoint", "This folder holds no checkpoint of a known format.").at(path).fixedBy("Open the folder that holds the weights, or a weights file itself.");
}

const Format* formatByExtension(const std::string& path)
{
    const std::string lower = lowered(path);
    for (const Format* format : allFormats())
        for (const std::string_view extension : format->info().extensions)
            if (lower.size() > extension.size() && lower.ends_with(extension))
                return format;
    return nullptr;
}

bool usesExtension(const Format& format, const std::string& path)
{
    const std::string lower = lowered(path);
    for (const std::string_view extension : format.info().extensions)
        if (lower.ends_with(extension))
            return true;
    return false;
}

/// A note if the name promises another format than the content is.
void noteExtension(Checkpoint& checkpoint, const Format& actual)
{
    const Format* promised = formatByExtension(checkpoint.path);
    if (!promised || usesExtension(actual, checkpoint.path))
        return;
    const std::string extension = std::filesystem::path(checkpoint.path).extension().string();
    checkpoint.findings.push_back(newFinding(Severity::Error, "wrong-format-for-extension",
                                             fmt::format("The name ends in {}, but the content is of another format: {}", shown(extension), actual.info().title),
                                             fmt::format("Loaders that choose by the name take it for {} and fail. It was read by its content.", promised->info().title),
                                             fmt::format("Rename the file to end in {}.", actual.info().extensions.empty() ? "its format's ending" : actual.info().extensions[0]),
                                             {{"expected_format", promised->info().id}, {"found_format", actual.info().id}}));
}

/// What a format may leave to this file.
Checkpoint named(Checkpoint checkpoint, const Candidate& candidate, const Format& format)
{
    checkpoint.path = candidate.path;
    if (checkpoint.format.empty())
        checkpoint.format = format.info().id;
    if (checkpoint.files.empty())
        checkpoint.files.push_back({candidate.path, candidate.nbytes, checkpoint.format});
    for (Finding& finding : checkpoint.findings)
        if (finding.fix.text.empty() && finding.severity != Severity::Note)
            finding.fix.text = nextStep(finding.rule);
    return checkpoint;
}

Result<Checkpoint> openCandidate(const Candidate& candidate, JobContext& job)
{
    for (const Format* format : allFormats()) {
        if (!format->probe(candidate))
            continue;
        auto checkpoint = format->open(candidate, job);
        if (!checkpoint) {
            Error error = checkpoint.error();
            if (error.path.empty())
                error.path = candidate.path;
            if (error.fix.empty())
                error.fix = nextStep(error.rule);
            if (error.partial)
                error.partial = std::make_shared<const Checkpoint>(named(*error.partial, candidate, *format));
            return failure(std::move(error));
        }
        *checkpoint = named(std::move(*checkpoint), candidate, *format);
        if (!candidate.isFolder)
            noteExtension(*checkpoint, *format);
        return checkpoint;
    }
    return failure(unknownFormat(candidate));
}

/// What packed weights stand for, beside the file's own metadata; a folder has that of its weights already.
void notePacked(Checkpoint& checkpoint, JobContext& job)
{
    if (!checkpoint.weightsPath.empty())
        return;
    checkpoint.packedWeights = findPackedWeights(checkpoint, job);
    Value::Map packed;
    for (const auto& [name, weight] : checkpoint.packedWeights)
        packed.emplace_back(name, weight.asValue());
    if (!packed.empty())
        checkpoint.metadata.set("packed_weights", std::move(packed));
}

Result<Checkpoint> openBytes(const SourcePtr& source, JobContext& job)
{
    if (auto usable = sniffUnusable(*source); !usable)
        return tl::unexpected(usable.error());
    const auto head = source->readUpTo(0, 4096);
    if (!head)
        return tl::unexpected(head.error());
    return openCandidate({source->path(), false, *head, source->nbytes(), source}, job);
}

/// TensorFlow names a checkpoint by what its files' names begin with: the file that tells of the others, or nothing.
std::string firstOfPrefix(const std::string& path)
{
    return isFile(path + ".index") ? path + ".index" : firstTfSlice(path);
}

Result<Checkpoint> openPath(const std::string& path, JobContext& job)
{
    if (isFolder(path)) {
        auto opened = openCandidate({path, true, {}, 0, nullptr}, job);
        if (!opened && opened.error().rule == "not-a-checkpoint" && opened.error().path == path && opened.error().offset)
            return failure(unknownFolder(path));
        return opened;
    }
    auto source = openFile(path);
    if (!source && source.error().rule == "not-found")
        if (const std::string first = firstOfPrefix(path); !first.empty())
            source = openFile(first);
    return source ? openBytes(*source, job) : tl::unexpected(source.error());
}

Result<Checkpoint> openAnywhere(const std::string& path, JobContext& job)
{
    return isAddress(path) ? resolveAddress(path, job).and_then([&job](const std::string& address) { return openPath(address, job); }) : openPath(path, job);
}

} // namespace

Result<Checkpoint> openSource(const SourcePtr& source, JobContext& job)
{
    return withinMemory([&] { return openBytes(source, job); });
}

Result<CheckpointPtr> openCheckpoint(const std::string& path, JobContext& job)
{
    const InterruptibleReads reads(job);
    if (!reads.isInner())
        forgetAddresses();
    return withinMemory([&]() -> Result<CheckpointPtr> {
        return openAnywhere(path, job).map([&job](Checkpoint&& checkpoint) -> CheckpointPtr {
            notePacked(checkpoint, job);
            return std::make_shared<const Checkpoint>(std::move(checkpoint));
        });
    });
}

} // namespace weighbridge
