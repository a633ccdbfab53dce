// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/json.h"
#include "core/format/format.h"

#include <string_view>

namespace weighbridge {

/// Opens an index.json (`weight_map`: tensor -> file) with all its shards as one checkpoint and checks both against each other.
/// Order: shards as the index first names them, in each the file's own. Layout: huggingface.co/docs/transformers (sharded checkpoints).
/// Errors: missing-shard (every absent one is named), path-traversal, corrupt; findings: inconsistent-index, duplicate-key, shard-revision.
Result<Checkpoint> openSharded(const Candidate& candidate, JobContext& job);

/// An index.json; it has a weight_map that is an object of at most limits::tensors entries.
/// Errors: corrupt, truncated, resource-bomb. `entries` is for the message: "tensors".
Result<JsonDocument> readShardIndex(const Candidate& candidate, std::string_view entries);

/// The error missing-shard that names every absent file of an index. `loss` says what was in them: a sentence, or nothing.
Error missingShards(const Candidate& candidate, const std::vector<std::string>& absent, size_t shards, const std::string& loss);

/// Opens a shard; its error says which one it is.
Result<Checkpoint> openShard(const SourcePtr& source, const std::string& file, JobContext& job);

/// Whether the first bytes are those of such an index whose shards end in one of `extensions`.
bool isShardIndex(const Candidate& candidate, std::initializer_list<std::string_view> extensions);

} // namespace weighbridge
