// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/statistics/features.h"
#include "core/statistics/initialisers.h"

#include <span>
#include <string>
#include <vector>

/// Where the values of a tensor come from. Statistics of one tensor decide whether it looks like independent draws; its scale, its
/// companions in the module (bias, norm) and the rest of the model decide whether that means that it was never trained or loaded.
/// A trained tensor must not be called random: what cannot be told apart is undecidable.
namespace weighbridge {

enum class OriginVerdict : uint8_t { NotWeights, Constant, Random, Trained, Undecidable };
[[nodiscard]] const char* name(OriginVerdict verdict); ///< as in the command line's contract

struct Origin {
    OriginVerdict verdict = OriginVerdict::NotWeights;
    std::string scheme;      ///< "normal(0, 0.02), initializer_range", "orthogonal"; empty if none is named
    double confidence = 0;   ///< 0..1; 0 for undecidable
    Value::Map evidence;     ///< the numbers
    std::string sentence;    ///< the same in words
};

enum class ModelVerdict : uint8_t { Undecidable, Trained, PartlyRandom, BarelyTrained, Random };
[[nodiscard]] const char* name(ModelVerdict verdict);

/// One module (the tensors with one prefix) that holds matrices.
struct ModuleOrigin {
    std::string prefix;
    OriginVerdict verdict = OriginVerdict::Undecidable; ///< of its matrices; Undecidable where they differ
    std::vector<size_t> tensors;                        ///< indices into the state dict, vectors included
};

struct ModelOrigin {
    ModelVerdict verdict = ModelVerdict::Undecidable;
    std::string summary;                 ///< one sentence
    std::vector<Origin> tensors;         ///< in the order of the names given
    std::vector<ModuleOrigin> modules;   ///< in the order of their first tensor
    std::vector<std::string> randomModules; ///< partly random: prefixes with a random tensor
    std::vector<std::string> randomLayers;  ///< partly random: "encoder.layer.4-5"
    double randomShare = 0;              ///< random / (random + trained) tensors
    double movedShare = 0;               ///< of the vectors: those that no longer hold what they were initialised with
};

/// names[i] and features[i] belong together; at least as many values as the caller has seen. Any thread.
[[nodiscard]] ModelOrigin modelOrigin(std::span<const std::string> names, std::span<const TensorFeatures> features, const ConfigHints& hints);

/// "encoder.layer.0" of "encoder.layer.0.weight"; empty for a name without a dot.
[[nodiscard]] std::string moduleOf(const std::string& name);

} // namespace weighbridge
