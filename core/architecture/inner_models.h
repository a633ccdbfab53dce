// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/architecture_spec.h"
#include "core/architecture/expected_model.h"

#include <memory>
#include <string>
#include <vector>

namespace weighbridge {

/// A model of another type that a config chose for a place inside a model.
struct InnerModel {
    std::shared_ptr<const ArchitectureSpec> spec;
    std::string className;
    std::string module; ///< its place in the whole model: "model.vision_tower"
};

/// Adds to the model's renames and conversions those of the models inside, in the order given (outer ones first), each for the keys under its place.
/// What the specification of the whole says of such a place is true of the library's default config only, and gives way.
/// Returns what of it cannot be said, empty if all can. Error architecture-syntax.
[[nodiscard]] Result<std::string> addInnerLoading(const std::vector<InnerModel>& inner, ExpectedModel& out);

} // namespace weighbridge
