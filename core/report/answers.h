// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/base/device.h"
#include "core/base/error.h"
#include "core/base/value.h"
#include "core/checkpoint/checkpoint.h"
#include "core/diagnosis/check.h"

#include <string>
#include <vector>

/// The documents of docs/contract (JSON answers of the command line), as Values.
namespace weighbridge {

/// sha256 per tensor, in the checkpoint's order; empty if it was not asked for.
Value inspectAnswer(const Checkpoint& checkpoint, const std::vector<std::string>& sha256);
Value expectAnswer(const ExpectedModel& expected);
Value inferAnswer(const InferredConfig& inferred);
Value checkAnswer(const CheckResult& result);
Value findingAnswer(const Finding& finding);
Value errorAnswer(const Error& error);
Value deviceAnswer(const Device& device); ///< {"error": {...}}

} // namespace weighbridge
