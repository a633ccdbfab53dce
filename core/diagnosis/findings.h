// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/check.h"

#include <vector>

/// From what the rules say to one answer: the root cause first, what follows from it behind it.
namespace weighbridge {

/// All rules' findings and the reader's and the config's own, the root cause first.
[[nodiscard]] std::vector<Finding> findAll(const Facts& facts, JobContext& job);

/// Marks findings that the first one explains (they are gone after its fix), and adds what the comparison found and no rule named:
/// missing, unexpected and mismatched tensors.
void foldConsequences(std::vector<Finding>& findings, const Facts& facts, JobContext& job);

[[nodiscard]] Verdict verdictOf(const std::vector<Finding>& findings);
/// The verdict and its cause in one sentence of at most 140 characters, without a final stop.
[[nodiscard]] std::string verdictSentence(const CheckResult& result);
/// What happens if the checkpoint is used as it is.
[[nodiscard]] std::string consequenceSentence(const CheckResult& result);

} // namespace weighbridge
