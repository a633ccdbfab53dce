// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Weights of eight bits a number, with scales beside them: 8-bit floats of DeepSeek (weight_scale_inv, which multiplies all the same; boxes of 128 x
// 128), of FBGEMM and compressed-tensors (weight_scale), and what optimum-quanto writes (weight._data, weight._scale); CTranslate2's 8 and 16 bits
// (its names have slashes), whose scales divide.
#include "core/packing/packing.h"
#include "core/packing/value_grid.h"
#include "core/tensor/decode.h"

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

/// What the names of the scales and of the weight end in.
struct Ends {
    std::string_view scale, weight;
    bool divides = false;
};
constexpr std::array ends{Ends{".weight_scale", ".weight"}, Ends{".weight_scale_inv", ".weight"},    Ends{"_proj_scale_inv", "_proj"},
                          Ends{"_proj_scale", "_proj"},     Ends{".weight._scale", ".weight._data"}, Ends{"/weight_scale", "/weight", true}};
constexpr uint64_t usualBlock = 128;
enum Part : size_t { Numbers, Scales, Zeros };

const Ends* endsOf(std::string_view name)
{
    const auto found = std::find_if(ends.begin(), ends.end(), [name](const Ends& row) { return name.ends_with(row.scale); });
    return found == ends.end() ? nullptr : &*found;
}

std::optional<ValueGrid> gridOf(const Shape& weight, const TensorInfo& scales)
{
    const bool isBoxes =
        scales.shape.size() >= 2 && weight.size() == scales.shape.size() && scales.shape[scales.shape.size() - 2] != weight[weight.size() - 2];
    return isBoxes ? ValueGrid::over(weight, scales.shape, usualBlock, usualBlock) : ValueGrid::over(weight, scales.shape);
}

class ScaledRows final : public WeightRows {
public:
    ScaledRows(const PackedWeight& weight, PackedParts& parts)
        : m_parts(parts)
        , m_decoder(*decoderOf(parts.tensor(Numbers).dtype))
        , m_grid(gridOf(weight.shape, parts.tensor(Scales)).value_or(ValueGrid{}))
        , m_scales(parts.floats(Scales))
        , m_zeros(parts.floats(Zeros))
        , m_divides(endsOf(parts.tensor(Scales).name)->divides)
    {
    }

    void read(uint64_t row, std::span<float> out) override
    {
        const uint64_t nbytes = out.size() * m_decoder.unitNbytes;
        const auto numbers = m_parts.range(Numbers, row * nbytes, nbytes);
        if (numbers.empty())
            return;
        decode(m_decoder, numbers, out);
        for (size_t k = 0; k < out.size(); ++k) {
            const size_t cell = m_grid.index(row, k);
            const float number = m_zeros.empty() ? out[k] : out[k] - m_zeros[cell];
            out[k] = m_divides ? number / m_scales[cell] : number * m_scales[cell];
        }
    }

private:
    PackedParts& m_parts;
    const Decoder& m_decoder;
    ValueGrid m_grid;
    std::vector<float> m_scales, m_zeros;
    bool m_divides;
};

class Scaled final : public Packing {
public:
    std::string_view id() const override { return "scaled"; }
    bool isMark(std::string_view name) const override { return endsOf(name) != nullptr; }

    std::optional<PackedWeight> find(const TensorInfo& scales, PackedTensors& tensors) const override
    {
        const Ends& row = *endsOf(scales.name);
        const TensorInfo* weight = tensors.find(scales.name.substr(0, scales.name.size() - row.scale.size()) + std::string(row.weight));
        const bool isFloat8 = weight && (weight->dtype == DType::F8_E4M3 || weight->dtype == DType::F8_E5M2 || weight->dtype == DType::F8_E4M3FNUZ ||
                                         weight->dtype == DType::F8_E5M2FNUZ);
        const bool isShort = weight && weight->dtype == DType::I16 && row.divides;
        if (!isFloat8 && !isShort && !(weight && weight->dtype == DType::I8))
            return std::nullopt;
        PackedWeight out{isFloat8  ? "fp8"
                         : isShort ? "int16"
                                   : "int8",
                         isShort ? 16 : 8,
                         0,
                         weight->shape,
                         std::string(row.weight == ".weight" ? "" : scales.dtypeName()),
                         {},
                         {},
                         {}};
        const TensorInfo* zeros = tensors.find(scales.name.substr(0, scales.name.size() - row.scale.size()) + ".weight_zero_point");
        out.parts = {tensors.indexOf(weight), tensors.indexOf(&scales), tensors.indexOf(zeros)};
        const auto grid = gridOf(weight->shape, scales);
        if (grid && grid->columns > 1)
            out.groupSize = static_cast<int64_t>(grid->columnsPerCell);
        if (!grid || !decoderOf(scales.dtype) || (zeros && (zeros->shape != scales.shape || !decoderOf(zeros->dtype))))
            out.asStored = "Its scales or zero points do not fit its shape.";
        return out;
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<ScaledRows>(weight, parts);
    }
};

} // namespace

const Packing& scaledPacking()
{
    static const Scaled packing;
    return packing;
}

} // namespace weighbridge
