// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/image.h"
#include "inference/prepare.h"

namespace weighbridge::inference {

/// What a run is fed with, and what the answer says about it.
struct Inputs {
    ModelInput model;
    Encoding encoding;              ///< of the text; empty for a model of images
    std::vector<std::string> texts; ///< what the image is compared with, as `model.texts`
    std::string image;              ///< path
};

/// The input that the request describes, or a sample that suits the model. Refuses tokens that the model has no place or no embedding for.
[[nodiscard]] Result<Inputs> inputsFrom(Prepared& p, const Value& request, const ReadImage& readImage);

/// A text alone, with the same refusals.
[[nodiscard]] Result<Encoding> encodedText(Prepared& p, const std::string& given);
[[nodiscard]] ModelInput inputFrom(const Encoding& encoding, at::Device device);
/// The most tokens that a model is given: its positions, and a limit of ours.
[[nodiscard]] int64_t longestInput(const Model& model);

} // namespace weighbridge::inference
