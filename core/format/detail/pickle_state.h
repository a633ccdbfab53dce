// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/format/detail/pickle.h"
#include "core/format/detail/torch_tensors.h"

#include <string>

namespace weighbridge {

/// Who is meant to load a pickle: decides what of its globals is worth a word.
enum class PickleOrigin : uint8_t { TorchSave, TorchScript, Plain };

/// Parses a pickle; if it breaks after naming something dangerous, the Error is unsafe-pickle and says both.
/// Adds what there is to say about its globals, its bounds and what follows its STOP (up to `limit`) to `findings`.
Result<Pickle> parseJudged(const SourcePtr& source, uint64_t offset, uint64_t limit, PickleOrigin origin, JobContext& job, std::vector<Finding>& findings);

/// Walks dicts, lists, modules and objects from the root on: tensors in the file's order, names joined with '.', everything else as
/// metadata with its nesting kept (metadata.content; metadata.state_dicts says which dicts hold tensors). `prefix` is put before names.
Result<void> readPickledState(const Pickle& pickle, const TorchStorages& storages, const std::string& prefix, JobContext& job, Checkpoint& checkpoint);

} // namespace weighbridge
