// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/checkpoint_key.h"

#include "core/base/sha256.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace weighbridge {

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

} // namespace weighbridge
