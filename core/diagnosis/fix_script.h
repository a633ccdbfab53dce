// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/diagnosis/finding.h"

namespace weighbridge {

/// Makes of a fix's snippet that edits `state_dict` a script that runs in the checkpoint's folder: loaded before, saved under a new name and the
/// config corrected after; and in any snippet of torch.load(path the file's name. Other snippets stay as they are, and so do those for files that
/// neither PyTorch nor safetensors loads.
void completeScript(Fix& fix, const Checkpoint& checkpoint);

} // namespace weighbridge
