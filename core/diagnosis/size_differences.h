// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/rule.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Sizes on which the expected and the found side differ, as the rules on single config fields need them.
namespace weighbridge {

/// Layers that only one side has.
struct DepthDifference {
    std::string stem;             ///< "encoder.layer.", without the base prefix
    std::set<int64_t> expected;
    std::set<int64_t> found;
    bool hasGap = false;          ///< the found numbers do not run from 0 on
    std::vector<std::string> tensors; ///< missing and unexpected tensors of these layers
};
/// The deepest stem first.
[[nodiscard]] std::vector<DepthDifference> depthDifferences(const Facts& facts);

/// The config's field for the number of layers that holds this value.
[[nodiscard]] std::string layersField(const Config& config, int64_t value);

/// One size of the model: how its rule, its words and its config fields are called.
struct SizeField {
    std::string_view rule;
    std::string_view what;                        ///< "hidden size"
    std::optional<int64_t> ModelSizes::*size;
    std::vector<std::string_view> fields;         ///< config fields, the usual one first
};
[[nodiscard]] const SizeField& hiddenSizeField();
[[nodiscard]] const SizeField& intermediateSizeField();
[[nodiscard]] const SizeField& vocabSizeField();
[[nodiscard]] const SizeField& positionsField();
[[nodiscard]] const SizeField& typeVocabField();
[[nodiscard]] const SizeField& labelsField();

/// The changes that make the config say what the shapes say, for all sizes that differ at once.
[[nodiscard]] Value::Map sizeChanges(const Facts& facts);

/// A finding if both sides tell this size and differ; its fix is the corrected config, with all sizes that differ.
[[nodiscard]] std::vector<Finding> checkSize(const SizeField& field, const Facts& facts, JobContext& job);

} // namespace weighbridge
