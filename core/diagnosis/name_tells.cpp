// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/name_tells.h"

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

template <size_t N>
bool endsWithOne(std::string_view name, const std::array<std::string_view, N>& endings)
{
    return std::any_of(endings.begin(), endings.end(), [name](std::string_view ending) { return name.ends_with(ending); });
}

template <size_t N>
bool containsOne(std::string_view name, const std::array<std::string_view, N>& words)
{
    return std::any_of(words.begin(), words.end(), [name](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

} // namespace

bool isOptimizerName(std::string_view name)
{
    static constexpr std::array<std::string_view, 12> endings{".exp_avg",        ".exp_avg_sq", ".max_exp_avg_sq", ".momentum_buffer", ".square_avg", ".acc_delta",
                                                              ".grad_avg",       "/adam_m",     "/adam_v",         "/Adam",            "/Adam_1",     ".exp_avg_sq_row"};
    static constexpr std::array<std::string_view, 3> words{"/.OPTIMIZER_SLOT/", "optimizer/", "optimizer_weights/"};
    return endsWithOne(name, endings) || containsOne(name, words) || (name.ends_with(".step") && name.find("state.") != std::string_view::npos);
}

bool isAdapterName(std::string_view name)
{
    static constexpr std::array<std::string_view, 8> words{".lora_A.", ".lora_B.", ".lora_embedding_A", ".lora_embedding_B", ".lora_magnitude_vector", ".ia3_l", "prompt_embeddings", ".lora_down."};
    return containsOne(name, words) || name.ends_with(".lora_A") || name.ends_with(".lora_B") || name.find(".lora_up.") != std::string_view::npos;
}

std::string_view quantizerOf(std::string_view name)
{
    static constexpr std::array<std::string_view, 4> gptq{".qweight", ".qzeros", ".g_idx", ".scales"};
    static constexpr std::array<std::string_view, 5> bitsandbytes{".weight.absmax", ".weight.quant_map", ".weight.nested_absmax", ".weight_format", ".SCB"};
    if (endsWithOne(name, gptq))
        return "gptq-awq";
    if (endsWithOne(name, bitsandbytes) || name.find(".quant_state.") != std::string_view::npos)
        return "bitsandbytes";
    if (name.ends_with(".weight_scale_inv") || name.ends_with(".weight_scale") || name.ends_with(".weight_packed"))
        return "fp8";
    return name.find("._packed_params") != std::string_view::npos ? "torch-quantized" : "";
}

bool isTensorFlowName(std::string_view name)
{
    static constexpr std::array<std::string_view, 8> endings{"/kernel", "/gamma", "/beta", "/embeddings", ":0", "/bias", "/moving_mean", "/moving_variance"};
    return name.find('/') != std::string_view::npos && endsWithOne(name, endings);
}

const Value* findInMetadata(const Checkpoint& checkpoint, std::string_view key)
{
    std::vector<std::pair<const Value*, int>> pending{{&checkpoint.metadata, 0}};
    while (!pending.empty()) {
        const auto [value, depth] = pending.back();
        pending.pop_back();
        const Value::Map* map = value->map();
        if (!map || depth > 4)
            continue;
        for (const auto& [name, inner] : *map) {
            if (name == key)
                return &inner;
            pending.emplace_back(&inner, depth + 1);
        }
    }
    return nullptr;
}

} // namespace weighbridge
