// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/diagnosis/finding.h"

#include <vector>

namespace weighbridge {

/// Findings about a Keras config as parsed: Lambda layers and modules that loading would import (CVE-2024-3660, CVE-2025-1550).
/// Layout: https://keras.io/guides/serialization_and_saving/ (module, class_name, config, registered_name).
void checkKerasConfig(const Value& config, std::vector<Finding>& findings);

} // namespace weighbridge
