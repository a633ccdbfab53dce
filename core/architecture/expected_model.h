// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/config.h"
#include "core/checkpoint/checkpoint.h"
#include "core/tensor/shape.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge {

struct ExpectedTensor {
    std::string name;
    Shape shape;                  ///< -1: a size that what expects it leaves open
    DType dtype = DType::Unknown; ///< Unknown: whatever floating dtype the file has
    bool isBuffer = false;        ///< persistent buffer
    bool isShapeKnown = true;     ///< false: of any shape; `shape` is then empty
};

/// "512 x ?", "any shape": sizes that are left open are question marks.
[[nodiscard]] std::string formatShape(const ExpectedTensor& tensor);

/// A key that the loader itself maps, as data: see LoaderRename.
struct LoaderRename {
    std::string pattern;     ///< a regular expression of the loader (Python's re), searched in the key
    std::string replacement; ///< with \1
    std::string rule;        ///< what it is called in `renamed`: "LayerNorm.gamma -> weight"
    std::optional<std::string> scope; ///< of a model inside the model: only keys under this prefix, which is left as it is
};

/// Keys that the loader turns into other tensors, as data: experts that are stacked, a fused projection that is cut up.
struct LoaderConversion {
    struct Step {
        enum class Kind : uint8_t { Stack, Concatenate, Chunk, Transpose, Permute };
        Kind kind = Kind::Permute;
        int64_t dimension = 0;
        int64_t otherDimension = 0;  ///< Transpose
        bool isOnlyIfNeeded = false; ///< Transpose: not if the shape fits as it is
    };
    std::string pattern;              ///< a regular expression whose groups g0, g1, ... stand for the sources
    size_t sources = 1;
    std::vector<std::string> targets; ///< what the text that was found is replaced with
    std::vector<Step> steps;
    std::string rule;                 ///< what it is called in `renamed`
    std::optional<std::string> scope; ///< as in LoaderRename
};

/// What a config or a reference checkpoint asks for.
struct ExpectedModel {
    std::string className;          ///< "BertForMaskedLM"; empty for a reference checkpoint
    std::string modelType;          ///< "bert"
    std::string baseModelPrefix;    ///< "bert"
    std::vector<ExpectedTensor> tensors;                          ///< the model's order
    std::vector<std::pair<std::string, std::string>> tied;        ///< target, source
    std::vector<std::pair<std::string, Shape>> nonPersistent;     ///< buffers that no file is expected to hold
    std::vector<std::string> ignoreMissing;                       ///< regular expressions
    std::vector<std::string> ignoreUnexpected;
    std::vector<LoaderRename> renames;
    std::vector<LoaderConversion> conversions; ///< after the renames; of these only the first that fits a key
    std::string source;             ///< "config" | "reference" | "inferred"
    std::string sourcePath;         ///< the config's or the reference's path
    std::vector<Finding> findings;  ///< what is not known of it
    bool isStrict = false;          ///< the loader stops at the first tensor that is missing, and fills nothing with random values

    [[nodiscard]] const ExpectedTensor* find(std::string_view name) const; ///< linear; null if there is none
    [[nodiscard]] uint64_t parameters() const; ///< elements of all expected tensors, tied targets counted once
};

/// What is asked for: Loading needs to know what the loader does with a checkpoint's keys, Listing only the model's own tensors.
enum class Purpose : uint8_t { Loading, Listing };

/// What a model class of a config expects, from resources/architectures/. className empty: architectures[0], else the base model.
/// Errors: unknown-model-type, unknown-class, remote-code, config-missing (a field), bad-shape (a field's value), never a guess. Any thread.
Result<ExpectedModel> expectedModel(const Config& config, const std::string& className, JobContext& job, Purpose purpose = Purpose::Loading);

/// What llama.cpp expects of a GGUF file, by the file's own keys (ggufConfig()). Errors: as above. Any thread.
Result<ExpectedModel> expectedByGguf(const Config& keys, JobContext& job);

/// Any checkpoint as the reference for another (load_state_dict semantics: names and shapes as they are).
ExpectedModel expectedFromReference(const Checkpoint& reference);

/// Model types that a specification exists for, sorted; and the classes of one.
std::vector<std::string> knownModelTypes();
std::vector<std::string> knownClasses(const std::string& modelType);

} // namespace weighbridge
