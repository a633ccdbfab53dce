// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/comparison/comparison.h"

#include <string>
#include <vector>

/// Checkpoints of TensorFlow 1 that the first BERT, ALBERT and ELECTRA came as: the same tensors under other names, kernels transposed. Which is
/// which is what the library's own conversion scripts say. To add a model type: an entry in the table of tensorflow_names.cpp.
namespace weighbridge {

/// The class that such a checkpoint was saved from, by its heads, where the config names none; else empty.
[[nodiscard]] std::string tensorFlowClass(const Config& config, const std::vector<FoundTensor>& found);

/// The config with the number of labels that such a checkpoint's classifier has, where the config says nothing of labels.
[[nodiscard]] Config withTensorFlowLabels(Config config, const std::vector<FoundTensor>& found);

/// Gives the expected tensors the names and shapes that TensorFlow has for them, if the found ones are named so and the model type is in the table;
/// what training adds to such files is then ignored. Else changes nothing.
void expectTensorFlow(ExpectedModel& expected, const std::vector<FoundTensor>& found);

} // namespace weighbridge
