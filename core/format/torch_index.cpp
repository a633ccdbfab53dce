// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/shards.h"

namespace weighbridge {
namespace {

/// Any other index: its shards are told by content, so an odd name does no harm. Comes after safetensors_index in the list.
class TorchIndex final : public Format {
public:
    FormatInfo info() const override { return {"torch-index", "PyTorch in several files", {".bin.index.json", ".pt.index.json"}}; }
    bool probe(const Candidate& candidate) const override { return isShardIndex(candidate, {""}); }
    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return openSharded(candidate, job); }
};

} // namespace

const Format& torchIndexFormat()
{
    static const TorchIndex format;
    return format;
}

} // namespace weighbridge
