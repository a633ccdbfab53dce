// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"

#include <string>

namespace weighbridge::inference {

/// A small JSON document that lies beside the model; a null value if there is none, or none that can be read.
[[nodiscard]] Value readJsonFile(const std::string& path);

} // namespace weighbridge::inference
