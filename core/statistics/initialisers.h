// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/statistics/features.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// Distributions that initialisers draw from. Cut: a normal truncated at two or three standard deviations.
enum class Family : uint8_t { Normal, Uniform, Cut2, Cut3 };
[[nodiscard]] const char* name(Family family); ///< "normal", "uniform", "truncated-normal-2", ...

/// What a config says about how its model is initialised.
struct ConfigHints {
    std::string modelType;
    std::vector<double> ranges;             ///< initializer_range, of its parts too
    double factor = 1;                      ///< initializer_factor (T5, CLIP)
    std::optional<double> headSize;         ///< d_kv (T5)
    std::vector<double> layers, hidden;     ///< num_hidden_layers and hidden_size, of its parts too
    bool operator==(const ConfigHints&) const = default;
};
[[nodiscard]] ConfigHints hintsOf(const Value& config);

/// A standard deviation that some initialiser gives to a tensor of that shape.
struct KnownScale {
    std::string name;
    double sd = 0;
};
[[nodiscard]] std::vector<KnownScale> knownScales(const Shape& shape, Family family, const ConfigHints& hints);

/// The known scales that the rms of the values does not contradict, nearest first; error in standard errors of the rms, below 4.5.
struct ScaleMatch {
    std::string name;
    double sd = 0;
    double error = 0;
};
[[nodiscard]] std::vector<ScaleMatch> matchScale(const TensorFeatures& features, Family family, const ConfigHints& hints);

/// The standard deviations that normalTrace() is to try.
[[nodiscard]] std::vector<double> normalScales(const TensorFeatures& features, const ConfigHints& hints);

/// Relative rounding step that the tests allow for: 2^-8 for BF16, 2^-11 for F16, 2^-23 for what is as fine as F32.
[[nodiscard]] double roundingStep(DType dtype);

} // namespace weighbridge
