// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/check.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// One thing that a repaired copy has otherwise than the file.
struct RepairStep {
    std::string rule;    ///< of the finding that it mends; "convert" if it only writes another format
    std::string text;    ///< what is done, one plain sentence
};

/// How many tensors fit and how many do not, before or after.
struct Fit {
    double coverage = 0;       ///< parameters that load / parameters expected
    size_t matched = 0;
    size_t expected = 0;
    std::vector<std::string> missing;
    std::vector<std::string> unexpected;
    std::vector<std::string> mismatched;
    [[nodiscard]] bool isComplete() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
};

/// What a repaired copy holds, and the proof of it. Immutable once made; nothing has been written.
struct RepairPlan {
    CheckpointPtr checkpoint;
    std::vector<RepairStep> steps;             ///< empty: there is nothing to repair
    std::vector<KeptTensor> keeps;             ///< the tensors that are written, under their new names
    std::vector<std::string> leftOut;          ///< names in the file of those that are not
    std::vector<std::string> assumptions;      ///< what is taken for true and the files alone cannot prove
    std::optional<Value> config;               ///< the config.json to write; nothing: it is copied as it is, or there is none
    std::vector<std::string> copied;           ///< paths of the files that go along as they are
    std::shared_ptr<const ExpectedModel> expected; ///< with the corrected config; null if nothing is known to be expected
    std::optional<Fit> before;                 ///< nothing without an expectation of the config as it is
    std::optional<Fit> after;
    std::vector<Finding> remaining;            ///< errors that the copy still has
    bool mayHideLoss = false;

    [[nodiscard]] uint64_t nbytes() const;     ///< of the values that are written
};

/// Whether planRepair() is worth a try: a fix or another format is at hand, and no damage stands in the way. Cheap.
[[nodiscard]] bool mayRepair(const CheckResult& check);

/// Combines the fixes of a check as long as each makes more fit, and proves the result by comparing again. Reads no values. Errors:
/// no-repair (no fix is known, or the file is damaged so that a copy would hide it; the message says which finding stands in the way),
/// bad-dtype (safetensors cannot hold the elements), duplicate-key, cancelled. Any thread.
Result<RepairPlan> planRepair(const CheckResult& check, JobContext& job);

} // namespace weighbridge
