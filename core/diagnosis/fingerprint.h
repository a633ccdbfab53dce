// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/comparison.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// The sizes of a transformer as its tensors' shapes say them. Nothing where no tensor tells.
struct ModelSizes {
    std::optional<int64_t> hidden;
    std::optional<int64_t> intermediate;
    std::optional<int64_t> vocab;
    std::optional<int64_t> positions;
    std::optional<int64_t> typeVocab;
    std::optional<int64_t> labels;
    std::optional<int64_t> queryRows; ///< heads times their size, where queries have a matrix of their own
    std::optional<int64_t> keyRows;   ///< the same for keys, which several heads may share
    std::optional<int64_t> layers;  ///< how many different numbers stand in the layers' names, gaps not counted
    std::string vocabTensor;        ///< names of the tensors that say so
    std::string positionsTensor;
    std::string typeVocabTensor;
    std::string labelsTensor;
};

/// What a set of names looks like. `family` is a model_type, or empty.
struct Fingerprint {
    std::string family;
    ModelSizes sizes;
};

[[nodiscard]] ModelSizes modelSizes(const std::vector<FoundTensor>& tensors);
[[nodiscard]] Fingerprint fingerprintOf(const std::vector<FoundTensor>& tensors);
/// The same for what is expected, so that both sides can be compared size by size.
[[nodiscard]] std::vector<FoundTensor> asFound(const ExpectedModel& expected);

/// Whether checkpoints of the two model types have names that cannot be told apart (bert and roberta without their heads).
[[nodiscard]] bool sameNaming(const std::string& family, const std::string& modelType);

/// Whether fingerprintOf() can give this family.
[[nodiscard]] bool isKnownFamily(const std::string& modelType);

/// A config written from the shapes, as far as they say it; empty if the family is not known.
/// What shapes cannot say (heads, activation, epsilon) is left out.
[[nodiscard]] Value inferredConfig(const Fingerprint& fingerprint);
/// What a model of these sizes expects; the heads are chosen so that the shapes come out, which says nothing of how many there were. Nothing if the
/// family is not known.
[[nodiscard]] std::optional<ExpectedModel> expectedBySizes(const Fingerprint& fingerprint, JobContext& job);
/// "bert: 12 layers, hidden size 768, vocabulary 30 522".
[[nodiscard]] std::string describe(const Fingerprint& fingerprint);
/// The published models that a vocabulary of this size belongs to ("BERT uncased"); empty if none is known.
[[nodiscard]] std::string knownVocabulary(int64_t rows);

} // namespace weighbridge
