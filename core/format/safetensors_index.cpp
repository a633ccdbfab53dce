// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/shards.h"

namespace weighbridge {
namespace {

class SafetensorsIndex final : public Format {
public:
    FormatInfo info() const override { return {"safetensors-index", "safetensors in several files", {".safetensors.index.json"}}; }
    bool probe(const Candidate& candidate) const override { return isShardIndex(candidate, {".safetensors"}); }
    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return openSharded(candidate, job); }
};

} // namespace

const Format& safetensorsIndexFormat()
{
    static const SafetensorsIndex format;
    return format;
}

} // namespace weighbridge
