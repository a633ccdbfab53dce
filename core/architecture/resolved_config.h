// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/architecture_spec.h"

namespace weighbridge {

/// The config with the defaults of its class, its sub-configs likewise, and the values that follow from them. `name` is that of a config
/// in `spec`, "" for the main one. Errors: unknown-model-type (of a sub-config), architecture-syntax, bad-shape (nested too deep).
Result<Value> resolveConfig(ArchitectureLibrary& library, const ArchitectureSpec& spec, const std::string& name, const Value& given, size_t depth = 0);

/// A derived value that cannot be computed stays in the config as this, so that only what needs it fails.
Value unresolved(const std::string& why);
/// The reason, or null for every other value.
const std::string* whyUnresolved(const Value& value);

} // namespace weighbridge
