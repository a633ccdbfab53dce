// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Packings whose numbers lie in the order of a GPU kernel, or are decoded by one: what they stand for is told, their values are not. Marlin:
// https://github.com/IST-DASLab/marlin (2:4 sparse: https://arxiv.org/abs/2408.11743), QuIP#: arXiv 2402.04396, EETQ:
// https://github.com/NetEase-FuXi/EETQ, HIGGS: arXiv 2411.17525, SpQR: arXiv 2306.03078.
#include "core/packing/packing.h"

#include <algorithm>
#include <array>
#include <bit>

namespace weighbridge {
namespace {

constexpr int64_t tile = 16;

/// The tensors of one layer.
struct Layer {
    const TensorInfo& mark;
    std::string module; ///< with the dot behind it
    const PackedTensors& tensors;

    [[nodiscard]] const TensorInfo* find(const char* name) const { return tensors.find(module + name); }
};

PackedWeight weightOf(const Layer& layer, const TensorInfo& numbers, Shape shape, const TensorInfo* scales)
{
    PackedWeight out;
    out.shape = std::move(shape);
    out.dtype = scales ? std::string(scales->dtypeName()) : "";
    out.parts = {layer.tensors.indexOf(&numbers)};
    const auto elements = numel(out.shape).value_or(0);
    if (elements > 0 && numbers.nbytes() <= UINT64_MAX / 8)
        out.bits = static_cast<int>(std::min<uint64_t>(8 * numbers.nbytes() / elements, 32));
    return out;
}

bool isMatrix(const TensorInfo* tensor)
{
    return tensor && tensor->shape.size() == 2 && tensor->shape[0] > 0 && tensor->shape[1] > 0 && tensor->shape[0] < INT32_MAX &&
           tensor->shape[1] < INT32_MAX;
}

/// Words of tiles of 16 inputs; `kept` of the inputs are stored.
std::optional<PackedWeight> marlin(const Layer& layer, const TensorInfo* words, const TensorInfo* scales, int64_t kept)
{
    if (!isMatrix(words) || !isMatrix(scales) || words->dtype != DType::I32 || words->shape[1] * 2 % scales->shape[1] != 0)
        return std::nullopt;
    const int64_t inputs = words->shape[0] * tile * kept;
    PackedWeight out = weightOf(layer, *words, {scales->shape[1], inputs}, scales);
    out.bits = static_cast<int>(words->shape[1] * 2 / scales->shape[1]);
    out.groupSize = inputs / scales->shape[0];
    return out.bits == 4 || out.bits == 8 ? std::optional(std::move(out)) : std::nullopt;
}
std::optional<PackedWeight> marlinDense(const Layer& layer)
{
    return marlin(layer, &layer.mark, layer.find("s"), 1);
}
std::optional<PackedWeight> marlinSparse(const Layer& layer)
{
    return marlin(layer, &layer.mark, layer.find("s"), 2);
}
std::optional<PackedWeight> marlinCompressed(const Layer& layer)
{
    return marlin(layer, layer.find("weight_packed"), &layer.mark, 2);
}

std::optional<PackedWeight> quip(const Layer& layer)
{
    const TensorInfo* inputs = layer.find("SU");
    const TensorInfo* outputs = layer.find("SV");
    if (!inputs || !outputs || inputs->shape.size() != 1 || outputs->shape.size() != 1 || info(layer.mark.dtype).kind != DTypeKind::SignedInteger)
        return std::nullopt;
    return weightOf(layer, layer.mark, {outputs->shape[0], inputs->shape[0]}, nullptr);
}

std::optional<PackedWeight> eetq(const Layer& layer)
{
    const TensorInfo* numbers = layer.find("weight");
    if (!isMatrix(numbers) || numbers->dtype != DType::I8 || layer.mark.shape != Shape{numbers->shape[1]})
        return std::nullopt;
    return weightOf(layer, *numbers, {numbers->shape[1], numbers->shape[0]}, &layer.mark);
}

std::optional<PackedWeight> higgs(const Layer& layer)
{
    constexpr int64_t wordBits = 16;
    const TensorInfo* numbers = layer.find("weight");
    const TensorInfo* table = layer.find("tables");
    const TensorInfo* scales = layer.find("scales");
    const auto bits = table ? static_cast<int64_t>(std::bit_width(table->elements())) - 1 : 0;
    if (!isMatrix(numbers) || !isMatrix(scales) || numbers->dtype != DType::I16 || bits < 1 || bits > 8 || numbers->shape[0] * wordBits % bits != 0)
        return std::nullopt;
    PackedWeight out = weightOf(layer, *numbers, {numbers->shape[0] * wordBits / bits, numbers->shape[1]}, scales);
    out.groupSize = numbers->shape[1] / scales->shape[1];
    return out;
}

std::optional<PackedWeight> spqr(const Layer& layer)
{
    const TensorInfo* rows = layer.find("row_offsets");
    const TensorInfo* order = layer.find("in_perm");
    if (!rows || !order || rows->shape.size() != 1 || order->shape.size() != 1 || rows->shape[0] < 2 || order->shape[0] < 1)
        return std::nullopt;
    PackedWeight out = weightOf(layer, layer.mark, {rows->shape[0] - 1, order->shape[0]}, nullptr);
    out.bits = 0; // dense numbers and outliers are of different ones
    return out;
}

struct KernelLayout {
    std::string_view mark, scheme;
    std::optional<PackedWeight> (*find)(const Layer& layer);
    const char* asStored;
};

constexpr const char* tiles = "Marlin keeps the numbers in the tiles of its GPU kernel.";
constexpr const char* sparseTiles = "Marlin keeps half of the numbers (2:4 sparsity) in the tiles of its GPU kernel.";
constexpr std::array layouts{
    KernelLayout{".B", "marlin", &marlinDense, tiles},
    KernelLayout{".B_24", "marlin_24", &marlinSparse, sparseTiles},
    KernelLayout{".scale_packed", "marlin_24", &marlinCompressed, sparseTiles},
    KernelLayout{".Qidxs", "quip", &quip, "QuIP# keeps places in a codebook of the E8 lattice, of weights that a Hadamard transform has mixed."},
    KernelLayout{".weight_scales", "eetq", &eetq, "EETQ keeps the numbers in the order of its GPU kernel."},
    KernelLayout{".tables2", "higgs", &higgs,
                 "HIGGS keeps the numbers in the order of its GPU kernel, of weights that a Hadamard transform has mixed."},
    KernelLayout{".dense_weights", "spqr", &spqr, "SpQR keeps dense numbers and outliers in the tiles of its GPU kernel."},
};

const KernelLayout* layoutOf(std::string_view name)
{
    const auto found = std::find_if(layouts.begin(), layouts.end(), [name](const KernelLayout& layout) { return name.ends_with(layout.mark); });
    return found == layouts.end() ? nullptr : &*found;
}

class KernelLayouts final : public Packing {
public:
    std::string_view id() const override { return "kernel-layouts"; }
    bool isMark(std::string_view name) const override { return layoutOf(name) != nullptr; }

    std::optional<PackedWeight> find(const TensorInfo& mark, PackedTensors& tensors) const override
    {
        const KernelLayout& layout = *layoutOf(mark.name);
        auto out = layout.find({mark, mark.name.substr(0, mark.name.size() - layout.mark.size() + 1), tensors});
        if (out) {
            out->scheme = layout.scheme;
            out->asStored = layout.asStored;
        }
        return out;
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight&, PackedParts&) const override { return nullptr; }
};

} // namespace

const Packing& kernelLayoutsPacking()
{
    static const KernelLayouts packing;
    return packing;
}

} // namespace weighbridge
