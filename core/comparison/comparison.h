// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

enum class Status : uint8_t { Matched, Missing, Unexpected, ShapeDiffers, DTypeDiffers, Renamed };

/// One row of expected against found. At least one side is there.
struct Match {
    Status status = Status::Matched;
    int expected = -1;      ///< index into ExpectedModel::tensors; -1 for unexpected
    int found = -1;         ///< index into Checkpoint::tensors; -1 for missing
    std::string rule;       ///< Renamed: which rule of the loader mapped it
    bool ignored = false;   ///< missing or unexpected, but the loader says nothing (ignore lists, tied weights)
    bool tied = false;      ///< expected, absent, but tied to one that is there
    std::string renamedTo;  ///< unexpected: the name after the loader's renames, if that differs from the file's
    std::vector<int> sources; ///< expected, and converted by the loader from these (indices into Checkpoint::tensors): `found` is the first of them, or -1
    Shape convertedShape;     ///< with sources: what the loader makes of them
};

/// Expected against found, as the reference loader sees it (guide: chapter 4 of expected-tensors).
struct Comparison {
    std::vector<Match> matches;      ///< expected ones in the model's order, then unexpected ones in the file's order
    uint64_t matchedParameters = 0;  ///< parameters that load as they are
    uint64_t expectedParameters = 0;
    size_t matchedTensors = 0;       ///< of expected ones, tied ones that are provided for included
    size_t expectedTensors = 0;
    [[nodiscard]] double coverage() const { return expectedParameters ? double(matchedParameters) / double(expectedParameters) : (expectedTensors ? double(matchedTensors) / double(expectedTensors) : 1.0); }
    [[nodiscard]] std::vector<size_t> rows(Status status, bool withIgnored = false) const; ///< indices into matches
};

/// A found tensor reduced to what matching needs; `index` points into Checkpoint::tensors.
struct FoundTensor {
    std::string name;
    Shape shape;
    DType dtype = DType::Unknown;
    int index = -1;
    bool transposed = false; ///< a fix swapped its two dimensions; `shape` is after that
};

/// The found tensors of a checkpoint under their own names; those that are lost are not found.
std::vector<FoundTensor> foundTensors(const Checkpoint& checkpoint);

/// Matches as transformers' from_pretrained does (renames, base prefix, tying, ignore lists) or, for a reference, as load_state_dict.
/// Works on names and shapes only, so a fix can be proved by applying it to `found` and matching again. Any thread.
Comparison compareToExpected(const ExpectedModel& expected, const std::vector<FoundTensor>& found, JobContext& job);

} // namespace weighbridge
