// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/base/result.h"

#include <string>
#include <utility>
#include <vector>

namespace weighbridge {

/// What the loader has collected for one conversion: per source pattern, in the order of the keys, the shapes.
/// A source is named by its number (sourceName()), a target by its text.
using Collected = std::vector<std::pair<std::string, std::vector<Shape>>>;

std::string sourceName(size_t number);

/// Applies a conversion's steps to shapes. `expected` is the shape of the tensor that the conversion is for. Error bad-shape, with what
/// does not fit: parts of different shapes, or one that is absent.
Result<std::vector<std::pair<std::string, Shape>>> convertedShapes(const LoaderConversion& conversion, Collected collected, const Shape& expected);

} // namespace weighbridge
