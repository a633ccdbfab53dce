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

/// Keys and values of the tokens that a causal model has seen, so that the next pass computes only the new ones.
class KeyValueCache {
public:
    /// How many tokens the layers have seen.
    [[nodiscard]] int64_t tokens() const { return m_layers.empty() ? 0 : m_layers.front().first.size(2); }
    /// Appends a layer's new `k` and `v`, [batch, heads, tokens, size], and makes them all that the layer has seen.
    void extend(int64_t layer, at::Tensor& k, at::Tensor& v);
    at::Tensor encoded; ///< what an encoder made of the text; undefined before the first pass

private:
    std::vector<std::pair<at::Tensor, at::Tensor>> m_layers;
};

/// What a model is run on; what it does not take is undefined. Every row has the same length: there is no padding.
struct ModelInput {
    at::Tensor ids;        ///< [batch, tokens], int64
    at::Tensor typeIds;    ///< as `ids`
    at::Tensor decoderIds; ///< [batch, tokens], of a model with encoder and decoder
    at::Tensor pixels;     ///< [batch, channels, height, width]
    std::vector<at::Tensor> texts;  ///< each [1, tokens]: what an image is compared with
    KeyValueCache* cache = nullptr; ///< of a causal model, and of a decoder

    [[nodiscard]] int64_t past() const { return cache ? cache->tokens() : 0; }
};

/// Who looks on while the layers are run.
struct LayerProbe {
    /// Called with the hidden states after the embeddings and after each layer.
    std::function<void(const std::string& layer, const at::Tensor& hidden)> see = [](const std::string&, const at::Tensor&) {};
    int64_t skipped = -1; ///< a layer that is left out: its input goes on as it is
};

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
    /// The same model with another part of the config: "text_config".
    [[nodiscard]] Model part(std::string_view key) const;
    // Fields of the config, with the default that transformers has; null counts as absent.
    [[nodiscard]] int64_t integer(std::string_view key, int64_t fallback) const;
    [[nodiscard]] std::vector<int64_t> integers(std::string_view key, const std::vector<int64_t>& fallback) const;
    [[nodiscard]] double number(std::string_view key, double fallback) const;
    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const;
    [[nodiscard]] bool flag(std::string_view key, bool fallback) const;
};

/// Named as transformers names them: last_hidden_state, pooler_output, logits, start_logits, end_logits, logits_per_image.
using ModelOutputs = std::vector<std::pair<std::string, at::Tensor>>;

struct FamilyInfo {
    std::string_view id;
    std::span<const std::string_view> modelTypes;
    std::span<const std::string_view> tasks; ///< what a class's name ends with: "ForMaskedLM"; "Model" is the base model
    bool isCausal = false;                   ///< predicts the next token
    bool hasDecoder = false;                 ///< reads the text with an encoder and writes another with a decoder
    bool takesImages = false;                ///< pixels; ids only where takesText() says so
};

class Family {
public:
    virtual ~Family() = default;
    [[nodiscard]] virtual FamilyInfo info() const = 0;
    /// Which of the inputs the model's class takes.
    [[nodiscard]] virtual bool takesText(const Model&) const { return !info().takesImages; }
    [[nodiscard]] virtual bool takesImage(const Model&) const { return info().takesImages; }
    /// One forward pass. Throws RunFailure, or what libtorch throws.
    [[nodiscard]] virtual ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const = 0;
};

std::span<const Family* const> allFamilies();
/// The family that runs a class of a model type, or null.
const Family* familyFor(const std::string& modelType, const std::string& className);

} // namespace weighbridge::inference
