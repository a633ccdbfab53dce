// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Quantizer and BitPack of https://github.com/mobiusml/hqq: the weight is cut into groups, which lie side by side (axis 0) or one below the other
// (axis 1); the rows of that table are packed, a run of them in each place of a byte, the first in the highest bits.
#include "core/packing/packing.h"
#include "core/tensor/decode.h"

namespace weighbridge {
namespace {

constexpr std::string_view mark = "W_q";
enum Part : size_t { Packed, Scales, Zeros };

/// How numbers of so many bits are packed.
struct Layout {
    int bits;
    DType dtype;
    uint64_t perItem;
};
constexpr Layout layouts[]{{8, DType::U8, 1}, {4, DType::U8, 2}, {3, DType::I32, 10}, {2, DType::U8, 4}, {1, DType::U8, 8}};

const Layout* layoutOf(int64_t bits)
{
    for (const Layout& layout : layouts)
        if (layout.bits == bits || (layout.bits == 8 && (bits == 5 || bits == 6)))
            return &layout;
    return nullptr;
}

class HqqRows final : public WeightRows {
public:
    HqqRows(const PackedWeight& weight, PackedParts& parts)
        : m_layout(*layoutOf(weight.bits))
        , m_width(static_cast<uint64_t>(parts.tensor(Packed).shape[1]))
        , m_step(static_cast<uint64_t>(parts.tensor(Packed).shape[0]))
        , m_isBelow(parts.tensor(Scales).shape[1] == 1)
        , m_items(parts.bytes(Packed))
        , m_scales(parts.floats(Scales))
        , m_zeros(parts.floats(Zeros))
    {
    }

    void read(uint64_t row, std::span<float> out) override
    {
        for (size_t k = 0; k < out.size(); ++k) {
            const uint64_t at = row * out.size() + k;
            const uint64_t group = m_isBelow ? at / m_width : at % m_width;
            out[k] = (static_cast<float>(code(at / m_width, at % m_width)) - m_zeros[group]) * m_scales[group];
        }
    }

private:
    [[nodiscard]] uint32_t code(uint64_t row, uint64_t column) const
    {
        const uint64_t nbytes = m_layout.dtype == DType::I32 ? 4 : 1;
        const uint64_t at = (row % m_step * m_width + column) * nbytes;
        uint32_t item = 0;
        for (uint64_t i = 0; i < nbytes; ++i)
            item |= std::to_integer<uint32_t>(m_items[at + i]) << (8 * i);
        const auto place = static_cast<uint64_t>(m_layout.perItem - 1 - row / m_step);
        return item >> (place * static_cast<uint64_t>(m_layout.bits)) & ((1U << m_layout.bits) - 1);
    }

    const Layout& m_layout;
    uint64_t m_width, m_step; ///< of the packed table
    bool m_isBelow;           ///< a row of the table is a group
    std::vector<std::byte> m_items;
    std::vector<float> m_scales, m_zeros;
};

class Hqq final : public Packing {
public:
    std::string_view id() const override { return "hqq"; }
    bool isMark(std::string_view name) const override { return name.ends_with(".W_q"); }

    std::optional<PackedWeight> find(const TensorInfo& packed, PackedTensors& tensors) const override
    {
        const std::string module = packed.name.substr(0, packed.name.size() - mark.size());
        const auto integers = [&](const char* name) {
            const TensorInfo* tensor = tensors.find(module + name);
            return tensor ? tensors.integers(*tensor) : std::vector<int64_t>{};
        };
        const auto bits = integers("nbits");
        const Shape shape = integers("shape");
        const Layout* layout = bits.size() == 1 ? layoutOf(bits[0]) : nullptr;
        const auto elements = numel(shape);
        if (!layout || shape.size() != 2 || !elements || packed.shape.size() != 2 || packed.shape[1] <= 0)
            return std::nullopt;
        const TensorInfo* scales = tensors.find(module + "scale");
        const TensorInfo* zeros = tensors.find(module + "zero");
        PackedWeight out{"hqq", static_cast<int>(bits[0]), 0, shape, std::string(scales ? scales->dtypeName() : ""), {}, {}, {}};
        out.parts = {tensors.indexOf(&packed), tensors.indexOf(scales), tensors.indexOf(zeros)};
        if (const auto group = integers("group_size"); group.size() == 1 && group[0] > 0)
            out.groupSize = group[0];
        if (!fits(packed, *layout, *elements, scales, zeros))
            out.asStored = "Its scales or zero points are quantized themselves, or do not fit its shape.";
        return out;
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<HqqRows>(weight, parts);
    }

private:
    static bool fits(const TensorInfo& packed, const Layout& layout, uint64_t elements, const TensorInfo* scales, const TensorInfo* zeros)
    {
        const auto width = static_cast<uint64_t>(packed.shape[1]);
        if (packed.dtype != layout.dtype || !scales || scales->shape.size() != 2 || !isFloating(scales->dtype) || !zeros ||
            zeros->shape != scales->shape || !isFloating(zeros->dtype) || elements % width != 0)
            return false;
        const uint64_t height = elements / width;
        const auto step = static_cast<uint64_t>(packed.shape[0]);
        const bool isBelow = scales->shape[1] == 1 && scales->elements() == height;
        const bool isBeside = scales->shape[0] == 1 && scales->elements() == width;
        return (height + layout.perItem - 1) / layout.perItem == step && (isBelow || (isBeside && width > 1));
    }
};

} // namespace

const Packing& hqqPacking()
{
    static const Hqq packing;
    return packing;
}

} // namespace weighbridge
