// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// integrations/bitnet.py of transformers: ternary numbers, one more than they are, four in a byte: a quarter of the rows in each pair of bits.
#include "core/packing/packing.h"

namespace weighbridge {
namespace {

constexpr std::string_view mark = "_scale";
constexpr int64_t perByte = 4;
enum Part : size_t { Packed, Scale };

class BitnetRows final : public WeightRows {
public:
    BitnetRows(const PackedWeight& weight, PackedParts& parts)
        : m_quarter(static_cast<uint64_t>(weight.shape[0] / perByte))
        , m_packed(parts.bytes(Packed))
    {
        const auto scale = parts.floats(Scale);
        m_scale = scale.empty() ? 1 : weight.scheme == "bitnet" ? 1 / scale[0] : scale[0];
    }

    void read(uint64_t row, std::span<float> out) override
    {
        const std::byte* from = m_packed.data() + row % m_quarter * out.size();
        const unsigned shift = 2 * static_cast<unsigned>(row / m_quarter);
        for (size_t k = 0; k < out.size(); ++k)
            out[k] = static_cast<float>(static_cast<int>(std::to_integer<unsigned>(from[k]) >> shift & 3) - 1) * m_scale;
    }

private:
    uint64_t m_quarter;
    std::vector<std::byte> m_packed;
    float m_scale = 1;
};

class Bitnet final : public Packing {
public:
    std::string_view id() const override { return "bitnet"; }
    bool isMark(std::string_view name) const override { return name.ends_with(".weight_scale"); }

    std::optional<PackedWeight> find(const TensorInfo& scale, PackedTensors& tensors) const override
    {
        const TensorInfo* packed = tensors.find(scale.name.substr(0, scale.name.size() - mark.size()));
        if (!packed || packed->dtype != DType::U8 || packed->shape.size() != 2 || packed->shape[0] <= 0 || packed->shape[0] > INT32_MAX ||
            scale.elements() != 1 || !isFloating(scale.dtype))
            return std::nullopt;
        const Value* layer = tensors.config().find("linear_class");
        const bool multiplies = layer && layer->stringOr("") == "autobitlinear";
        return PackedWeight{multiplies ? "bitnet_auto" : "bitnet",
                            2,
                            0,
                            {packed->shape[0] * perByte, packed->shape[1]},
                            std::string(scale.dtypeName()),
                            {},
                            {tensors.indexOf(packed), tensors.indexOf(&scale)},
                            {}};
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<BitnetRows>(weight, parts);
    }
};

} // namespace

const Packing& bitnetPacking()
{
    static const Bitnet packing;
    return packing;
}

} // namespace weighbridge
