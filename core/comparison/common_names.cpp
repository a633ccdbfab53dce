// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/alignment.h"

#include "core/base/text.h"

#include <array>
#include <cctype>
#include <utility>

namespace weighbridge {
namespace {

using Row = std::pair<std::string_view, std::string_view>;

/// The last part of a name. Keras, Flax and old TensorFlow names: keras.io/api/layers, flax.readthedocs.io (LayerNorm: scale, bias).
constexpr std::array lastParts{
    Row{"gamma", "weight"}, Row{"kernel", "weight"}, Row{"scale", "weight"}, Row{"embeddings", "weight"}, Row{"embedding", "weight"},
    Row{"beta", "bias"}, Row{"moving_mean", "running_mean"}, Row{"moving_variance", "running_var"},
};

/// From transformers' names to those of GGUF: https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/tensor_mapping.py.
/// Longer ones stand before those that they contain.
constexpr std::array ggufParts{
    Row{"model.embed_tokens.", "token_embd."}, Row{"embeddings.word_embeddings.", "token_embd."}, Row{"embeddings.position_embeddings.", "position_embd."},
    Row{"embeddings.token_type_embeddings.", "token_types."}, Row{"embeddings.LayerNorm.", "token_embd_norm."}, Row{"transformer.wte.", "token_embd."},
    Row{"transformer.wpe.", "position_embd."}, Row{"transformer.ln_f.", "output_norm."}, Row{"model.norm.", "output_norm."}, Row{"lm_head.", "output."},
    Row{"model.layers.", "blk."}, Row{"encoder.layer.", "blk."}, Row{"transformer.h.", "blk."},
    Row{".self_attn.q_proj.", ".attn_q."}, Row{".self_attn.k_proj.", ".attn_k."}, Row{".self_attn.v_proj.", ".attn_v."}, Row{".self_attn.o_proj.", ".attn_output."},
    Row{".self_attn.q_norm.", ".attn_q_norm."}, Row{".self_attn.k_norm.", ".attn_k_norm."},
    Row{".mlp.gate_proj.", ".ffn_gate."}, Row{".mlp.up_proj.", ".ffn_up."}, Row{".mlp.down_proj.", ".ffn_down."}, Row{".input_layernorm.", ".attn_norm."},
    Row{".post_attention_layernorm.", ".ffn_norm."}, Row{".attention.self.query.", ".attn_q."}, Row{".attention.self.key.", ".attn_k."},
    Row{".attention.self.value.", ".attn_v."}, Row{".attention.output.dense.", ".attn_output."}, Row{".attention.output.LayerNorm.", ".attn_output_norm."},
    Row{".intermediate.dense.", ".ffn_up."}, Row{".output.dense.", ".ffn_down."}, Row{".output.LayerNorm.", ".layer_output_norm."},
    Row{".attn.c_attn.", ".attn_qkv."}, Row{".attn.c_proj.", ".attn_output."}, Row{".mlp.c_fc.", ".ffn_up."}, Row{".mlp.c_proj.", ".ffn_down."},
    Row{".ln_1.", ".attn_norm."}, Row{".ln_2.", ".ffn_norm."},
};

/// "layer_0" and "layer_._0" are "layer.0".
std::string withNumberedLayers(std::string_view name)
{
    constexpr std::string_view layer = "layer_";
    std::string out;
    for (size_t at = 0; at < name.size();) {
        if (name.substr(at).starts_with(layer) && at + layer.size() < name.size()) {
            const bool dotted = name.substr(at + layer.size()).starts_with("._");
            const size_t digits = at + layer.size() + (dotted ? 2 : 0);
            if (digits < name.size() && std::isdigit(static_cast<unsigned char>(name[digits]))) {
                out += "layer.";
                at = digits;
                continue;
            }
        }
        out += name[at++];
    }
    return out;
}

} // namespace

std::string commonName(std::string_view name)
{
    if (const size_t colon = name.rfind(':'); colon != std::string_view::npos && colon + 1 < name.size() && name.find_first_not_of("0123456789", colon + 1) == std::string_view::npos)
        name = name.substr(0, colon);
    std::string out = withNumberedLayers(name);
    for (char& c : out)
        c = c == '/' ? '.' : c;
    const size_t last = out.rfind('.') == std::string::npos ? 0 : out.rfind('.') + 1;
    for (const auto& [from, to] : lastParts)
        if (std::string_view(out).substr(last) == from)
            return out.replace(last, std::string::npos, to);
    return out;
}

std::string ggufName(std::string name)
{
    for (const auto& [from, to] : ggufParts)
        if (const size_t at = name.find(from); at != std::string::npos) {
            // the first part of a name stands at its start or behind a base prefix, which GGUF does not have
            const bool isFirst = from.front() != '.';
            name.replace(isFirst ? 0 : at, from.size() + (isFirst ? at : 0), to);
        }
    return name;
}

std::vector<int> transposingAxes(const Shape& a, const Shape& b)
{
    // a dense layer; a convolution in one, two (both ways: the axes are no involution) and three dimensions
    static const std::vector<std::vector<int>> orders{{1, 0}, {2, 1, 0}, {3, 2, 0, 1}, {2, 3, 1, 0}, {4, 3, 0, 1, 2}, {2, 3, 4, 1, 0}};
    if (a == b)
        return {};
    for (const auto& axes : orders) {
        bool fits = axes.size() == a.size() && a.size() == b.size();
        for (size_t i = 0; fits && i < axes.size(); ++i)
            fits = a[i] == b[static_cast<size_t>(axes[i])];
        if (fits)
            return axes;
    }
    return {};
}

} // namespace weighbridge
