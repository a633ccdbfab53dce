// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"

#include <string>

namespace weighbridge {

/// Python that reads this one tensor into `tensor`, with the library of its format, without executing what the file holds; empty where
/// no library reads a single tensor.
[[nodiscard]] std::string pythonToLoad(const Checkpoint& checkpoint, const TensorInfo& tensor);

} // namespace weighbridge
