// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/comparison/difference.h"

namespace weighbridge {

/// What `diff --json` prints (docs/contract.md). Tensors go by A's name, those of B alone by B's.
[[nodiscard]] Value differenceAnswer(const Difference& difference);

} // namespace weighbridge
