// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/architecture_spec.h"
#include "core/comparison/comparison.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

/// How well one config explains the tensors that were found.
namespace weighbridge {

/// The found tensors by name, and how far the numbers in their names go.
struct FoundNames {
    explicit FoundNames(const std::vector<FoundTensor>& tensors);
    std::unordered_map<std::string, const Shape*> shapes; ///< the tensors must outlive this
    std::unordered_map<std::string, int64_t> counts;      ///< a name with # for one of its numbers: the largest number there and one
    std::unordered_map<std::string, int64_t> reaches;     ///< the text before a number: the same over all names that begin so
};

/// Something that the specification says and the found tensors contradict under the config that was tried.
struct Question {
    enum class Kind : uint8_t { Size, Count, Presence, Refusal };
    Kind kind = Kind::Size;
    const Expression* expression = nullptr;
    size_t part = 0;                                      ///< whose config the expression reads
    std::vector<std::pair<std::string, int64_t>> indices; ///< of the loops around it
    int64_t target = 0;                                   ///< what it should give; Presence and Refusal: 1 or 0
};

/// The outcome for one config.
struct Judgement {
    int score = 0; ///< facts that hold less those that do not; comparable for one class only
    std::vector<Question> open;
};

/// A model class: the whole, or one of the models inside it.
struct ModelPart {
    ArchitectureClass architecture;
    std::shared_ptr<const ArchitectureSpec> spec;
    std::string prefix; ///< of its tensors' names
    std::string path;   ///< of its config in the root
    size_t parent = 0;
    const ModelReference* reference = nullptr; ///< in the parent's lines; null for the root
};
using ModelParts = std::vector<std::unique_ptr<ModelPart>>; ///< the whole first; their addresses stay

/// Judges the parts' lines with a config for each part; null for a part that has none. The questions refer to the parts, which must outlive them.
[[nodiscard]] Judgement judgeParts(const ModelParts& parts, const std::vector<Value>& configs, const FoundNames& found);

} // namespace weighbridge
