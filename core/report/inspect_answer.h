// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/checkpoint/checkpoint.h"

#include <string_view>

/// The parts of inspectAnswer(): of a million tensors, each is made when it is written.
namespace weighbridge {

/// All but the tensors.
Value inspectHeadAnswer(const Checkpoint& checkpoint);
/// `sha256` is empty if it was not asked for.
Value inspectTensorAnswer(const Checkpoint& checkpoint, const TensorInfo& tensor, std::string_view sha256);

} // namespace weighbridge
