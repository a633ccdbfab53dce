// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/integrity.h"

#include "core/base/interruptible_reads.h"
#include "core/checkpoint/host_digests.h"
#include "core/checkpoint/next_step.h"
#include "core/format/format.h"
#include "core/remote/ssh_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace weighbridge {
namespace {

struct Row {
    std::string_view format;
    std::string_view checksum;
};

/// Formats that are not in the table have none.
constexpr std::array rows{
    Row{"deepspeed-universal", "CRC-32 of each entry"},
    Row{"deepspeed-zero", "CRC-32 of each entry"},
    Row{"hdf5", "Fletcher-32 where the writer asked for it"},
    Row{"keras-h5", "Fletcher-32 where the writer asked for it"},
    Row{"keras-index", "Fletcher-32 where the writer asked for it"},
    Row{"keras-v3", "CRC-32 of each entry"},
    Row{"model-folder", "that of its files"},
    Row{"nemo", "CRC-32 of each entry"},
    Row{"npz", "CRC-32 of each entry"},
    Row{"orbax", "CRC-32C of an OCDBT index, if it has one"},
    Row{"tf-checkpoint", "CRC-32C of each block and tensor"},
    Row{"tf-savedmodel", "CRC-32C of each block and tensor"},
    Row{"torch-dcp", "CRC-32 of each item"},
    Row{"torch-export", "CRC-32 of each entry"},
    Row{"torch-index", "that of its files"},
    Row{"torch-zip", "CRC-32 of each entry"},
    Row{"torchscript", "CRC-32 of each entry"},
};

std::set<std::string_view> formatsOf(const Checkpoint& checkpoint)
{
    std::set<std::string_view> ids;
    for (const Shard& shard : checkpoint.shards)
        ids.insert(shard.format);
    if (ids.empty())
        ids.insert(checkpoint.format);
    return ids;
}

} // namespace

std::string_view checksumOfFormat(std::string_view id)
{
    const auto row = std::find_if(rows.begin(), rows.end(), [id](const Row& candidate) { return candidate.format == id; });
    return row == rows.end() ? std::string_view() : row->checksum;
}

std::string checksumsOf(const Checkpoint& checkpoint)
{
    std::set<std::string_view> words;
    for (const std::string_view id : formatsOf(checkpoint))
        words.insert(checksumOfFormat(id).empty() ? "none" : checksumOfFormat(id));
    return fmt::format("{}", fmt::join(words, ", "));
}

Result<uint64_t> compareChecksums(const Checkpoint& checkpoint, JobContext& job)
{
    if (isSshAddress(checkpoint.path))
        if (const auto there = compareChecksumsThere(checkpoint, job))
            return *there;
    const InterruptibleReads reads(job);
    uint64_t compared = 0;
    std::set<std::string_view> ids = formatsOf(checkpoint);
    ids.insert(checkpoint.format);
    for (const std::string_view id : ids) {
        const Format* format = formatById(id);
        const auto verified = format ? format->verify(checkpoint, job) : Result<uint64_t>(0);
        if (!verified)
            return verified.map_error([](Error error) {
                if (error.fix.empty())
                    error.fix = nextStep(error.rule);
                return error;
            });
        compared += *verified;
    }
    return compared;
}

Result<void> verifyChecksums(const Checkpoint& checkpoint, JobContext& job)
{
    return compareChecksums(checkpoint, job).map([](uint64_t) {});
}

} // namespace weighbridge
