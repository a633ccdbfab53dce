// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/format.h"

namespace weighbridge {

/// Opens an index.json (`weight_map`: tensor -> file) with all its shards as one checkpoint and checks both against each other.
/// Order: shards as the index first names them, in each the file's own. Layout: huggingface.co/docs/transformers (sharded checkpoints).
/// Errors: missing-shard (every absent one is named), path-traversal, corrupt; findings: inconsistent-index, duplicate-key, shard-revision.
Result<Checkpoint> openSharded(const Candidate& candidate, JobContext& job);

/// Whether the first bytes are those of such an index whose shards end in one of `extensions`.
bool isShardIndex(const Candidate& candidate, std::initializer_list<std::string_view> extensions);

} // namespace weighbridge
