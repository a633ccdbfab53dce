// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/family.h"
#include "inference/image.h"

namespace weighbridge::inference {

/// An image as a model takes it, [1, 3, height, width]: resized, cropped, scaled and normalized as the folder's preprocessor_config.json says; without
/// one to the config's image_size, with mean and deviation 0.5 (then `assumed` is set). Error config-syntax for sizes that make no sense.
[[nodiscard]] Result<at::Tensor> pixelsFrom(const Image& image, const std::string& folder, const Model& model, bool& assumed);

} // namespace weighbridge::inference
