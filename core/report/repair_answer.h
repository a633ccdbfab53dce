// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/repair/save_repaired.h"

namespace weighbridge {

/// The document of `repair` in docs/contract. `copy` is null if nothing was written.
Value repairAnswer(const RepairPlan& plan, const SavedCopy* copy);

} // namespace weighbridge
