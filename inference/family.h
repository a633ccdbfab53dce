// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "inference/weights.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// To add a family, write inference/families/x.cpp with `const Family& xFamily()` and list it in inference/families/CMakeLists.txt:
/// docs/adding-a-family.md.
namespace weighbridge::inference {

/// Token ids and the like, [batch, tokens], int64. Every row has the same length: there is no padding.
struct ModelInput {
    at::Tensor ids;
    at::Tensor typeIds;
};

/// Called with the hidden states after the embeddings and after each layer.
using LayerProbe = std::function<void(const std::string& layer, const at::Tensor& hidden)>;

/// A model that can run: its class, its config and its tensors.
struct Model {
    std::string className;  ///< "BertForMaskedLM"
    std::string modelType;  ///< "bert"
    const Value* config = nullptr;
    const Weights* weights = nullptr;
    std::string basePrefix; ///< of the base model's names: "bert"; empty in the base model itself

    [[nodiscard]] Scope all() const { return {*weights, ""}; }
    [[nodiscard]] Scope base() const { return {*weights, basePrefix}; }
    [[nodiscard]] bool is(std::string_view suffix) const { return std::string_view(className).ends_with(suffix); }
    // Fields of the config, with the default that transformers has.
    [[nodiscard]] int64_t integer(std::string_view key, int64_t fallback) const;
    [[nodiscard]] double number(std::string_view key, double fallback) const;
    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const;
    [[nodiscard]] bool flag(std::string_view key, bool fallback) const;
};

/// Named as transformers names them: last_hidden_state, pooler_output, logits, start_logits, end_logits.
using ModelOutputs = std::vector<std::pair<std::string, at::Tensor>>;

struct FamilyInfo {
    std::string_view id;
    std::span<const std::string_view> modelTypes;
    std::span<const std::string_view> tasks; ///< what a class's name ends with: "ForMaskedLM"; "Model" is the base model
    bool isCausal = false;                   ///< predicts the next token
};

class Family {
public:
    virtual ~Family() = default;
    [[nodiscard]] virtual FamilyInfo info() const = 0;
    /// One forward pass. Throws RunFailure, or what libtorch throws.
    [[nodiscard]] virtual ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const = 0;
};

std::span<const Family* const> allFamilies();
/// The family that runs a class of a model type, or null.
const Family* familyFor(const std::string& modelType, const std::string& className);

} // namespace weighbridge::inference
