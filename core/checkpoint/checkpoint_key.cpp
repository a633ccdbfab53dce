// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/checkpoint_key.h"

#include "core/base/sha256.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

constexpr uint64_t samples = 64, sampleNbytes = 4096;

/// The bytes at a place of all shards, one behind the other.
Result<std::vector<std::byte>> bytesAt(const Checkpoint& checkpoint, uint64_t place)
{
    for (const Shard& shard : checkpoint.shards) {
        const uint64_t nbytes = shard.source ? shard.source->nbytes() : 0;
        if (place < nbytes)
            return shard.source->readUpTo(place, sampleNbytes);
        place -= nbytes;
    }
    return std::vector<std::byte>{};
}

} // namespace

std::string checkpointKey(const Checkpoint& checkpoint)
{
    Sha256 hash;
    const auto add = [&hash](const std::string& text) { hash.update(std::as_bytes(std::span(text))); };
    for (const Shard& shard : checkpoint.shards)
        add(fmt::format("{}\n", shard.source ? shard.source->nbytes() : 0));
    for (const TensorInfo& tensor : checkpoint.tensors)
        add(fmt::format("{}:{} {} {} {} {} {}\n", tensor.name.size(), tensor.name, tensor.dtypeName(), formatShape(tensor.shape), tensor.storage.shard, tensor.storage.offset,
                        tensor.storage.nbytes));
    return hash.finish();
}

std::string sampledSha256(const Checkpoint& checkpoint)
{
    uint64_t total = 0;
    for (const Shard& shard : checkpoint.shards)
        total += shard.source ? shard.source->nbytes() : 0;
    Sha256 hash;
    for (uint64_t i = 0; i < samples; ++i) {
        const auto bytes = bytesAt(checkpoint, total / samples * i);
        if (!bytes)
            return {};
        hash.update(*bytes);
    }
    return total > 0 ? hash.finish() : std::string();
}

} // namespace weighbridge
