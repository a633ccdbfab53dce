// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/format.h"

#include "core/base/interruptible_reads.h"

#include <algorithm>
#include <set>

namespace weighbridge {

Result<void> Format::readStorage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext&, const BlockSink&) const
{
    return failure(Error("unreadable", "The values of " + tensor.name + " cannot be read from this format.").at(checkpoint.path));
}

Result<uint64_t> Format::verify(const Checkpoint&, JobContext&) const
{
    return 0;
}

const Format* formatById(std::string_view id)
{
    const auto formats = allFormats();
    const auto found = std::find_if(formats.begin(), formats.end(), [id](const Format* format) { return format->info().id == id; });
    return found == formats.end() ? nullptr : *found;
}

Result<void> verifyChecksums(const Checkpoint& checkpoint, JobContext& job)
{
    const InterruptibleReads reads(job);
    std::set<std::string_view> ids{checkpoint.format};
    for (const Shard& shard : checkpoint.shards)
        ids.insert(shard.format);
    for (const std::string_view id : ids) {
        const Format* format = formatById(id);
        if (const auto verified = format ? format->verify(checkpoint, job) : Result<uint64_t>(0); !verified)
            return tl::unexpected(verified.error());
    }
    return {};
}

} // namespace weighbridge
