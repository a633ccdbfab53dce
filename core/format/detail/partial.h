// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/error.h"
#include "core/checkpoint/checkpoint.h"

namespace weighbridge {

/// The Error of a cut file, with what is left of it as its partial checkpoint: tensors whose bytes are not all in the file are lost, and
/// a finding of the Error's rule names them. The Error as it is if no tensor is known.
[[nodiscard]] Error withPartial(Error error, Checkpoint checkpoint);

} // namespace weighbridge
