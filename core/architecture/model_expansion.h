// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/architecture_spec.h"
#include "core/architecture/expected_model.h"
#include "core/architecture/inner_models.h"

namespace weighbridge {

/// Writes the lines of a class out for one resolved config, into `out`: tensors, non-persistent buffers, ties. Returns the models of other types
/// inside, outer ones first.
/// Errors: bad-shape (a size, with the fields that it comes from), config-missing, unknown-class, resource-bomb, cancelled.
[[nodiscard]] Result<std::vector<InnerModel>> expandModel(ArchitectureLibrary& library, const ArchitectureClass& architecture, const Value& config,
                                                          ExpectedModel& out, JobContext& job);

} // namespace weighbridge
