// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace weighbridge::inference {

/// Three bytes a pixel (red, green, blue), rows from the top, without gaps.
struct Image {
    int64_t width = 0;
    int64_t height = 0;
    std::vector<uint8_t> rgb;
};

/// Reads an image file. What reads them is not part of this folder, which knows no Qt.
using ReadImage = std::function<Result<Image>(const std::string& path)>;

/// As Pillow numbers them in a preprocessor_config.json.
enum class Resampling : uint8_t { Nearest = 0, Lanczos = 1, Bilinear = 2, Bicubic = 3, Box = 4, Hamming = 5 };

/// The image in another size, byte for byte as Pillow's Image.resize() makes it: filters that widen when the image shrinks, in fixed-point
/// numbers, first along the rows (https://github.com/python-pillow/Pillow, src/libImaging/Resample.c).
[[nodiscard]] Image resized(const Image& image, int64_t width, int64_t height, Resampling resampling);

/// The middle of the image; black where it is smaller.
[[nodiscard]] Image centreCropped(const Image& image, int64_t width, int64_t height);

} // namespace weighbridge::inference
