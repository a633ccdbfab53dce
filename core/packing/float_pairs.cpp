// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Two 4-bit floats (E2M1 of the OCP Microscaling Formats v1.0) in a byte, the first in the low half, with a scale for each group:
// compressors/nvfp4 and mxfp4 of https://github.com/vllm-project/compressed-tensors, NVFP4QTensor of https://github.com/NVIDIA/Model-Optimizer,
// and integrations/mxfp4.py of transformers (gpt-oss).
#include "core/packing/packing.h"
#include "core/tensor/decode.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr std::string_view packedEnd = "weight_packed";
constexpr std::string_view globalEnd = ".weight_scale_2";
constexpr std::string_view blocksEnd = "_blocks";
constexpr int64_t blockNbytes = 16; ///< of gpt-oss
enum Part : size_t { Pairs, Scales, Divisor, Factor };

bool isExponent(DType dtype)
{
    return dtype == DType::U8 || dtype == DType::F8_E8M0;
}

class PairRows final : public WeightRows {
public:
    PairRows(const PackedWeight& weight, PackedParts& parts)
        : m_parts(parts)
        , m_group(static_cast<uint64_t>(weight.groupSize))
    {
        if (isExponent(parts.tensor(Scales).dtype)) {
            const auto codes = parts.bytes(Scales);
            m_scales.resize(codes.size());
            decode(*decoderOf(DType::F8_E8M0), codes, std::span(m_scales));
        } else {
            m_scales = parts.floats(Scales);
        }
        const auto divisor = parts.floats(Divisor);
        const auto factor = parts.floats(Factor);
        for (float& scale : m_scales)
            scale = divisor.empty() ? factor.empty() ? scale : scale * factor[0] : scale / divisor[0];
    }

    void read(uint64_t row, std::span<float> out) override
    {
        const auto pairs = m_parts.range(Pairs, row * (out.size() / 2), out.size() / 2);
        if (pairs.empty())
            return;
        decode(*decoderOf(DType::F4), pairs, out);
        const float* scales = m_scales.data() + row * (out.size() / m_group);
        for (size_t i = 0; i < out.size(); ++i)
            out[i] *= scales[i / m_group];
    }

private:
    PackedParts& m_parts;
    uint64_t m_group;
    std::vector<float> m_scales;
};

class FloatPairs final : public Packing {
public:
    std::string_view id() const override { return "float-pairs"; }
    bool isMark(std::string_view name) const override { return name.ends_with(packedEnd) || name.ends_with(globalEnd) || name.ends_with(blocksEnd); }

    std::optional<PackedWeight> find(const TensorInfo& mark, PackedTensors& tensors) const override
    {
        if (mark.name.ends_with(blocksEnd))
            return blocks(mark, tensors);
        if (mark.name.ends_with(packedEnd)) {
            const std::string module = mark.name.substr(0, mark.name.size() - packedEnd.size());
            return pairs(mark, tensors.find(module + "weight_scale"), tensors.find(module + "weight_global_scale"), nullptr, tensors);
        }
        const std::string name = mark.name.substr(0, mark.name.size() - globalEnd.size()) + ".weight";
        const TensorInfo* weight = tensors.find(name);
        return weight ? pairs(*weight, tensors.find(name + "_scale"), nullptr, &mark, tensors) : std::nullopt;
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<PairRows>(weight, parts);
    }

private:
    /// E4M3 scales for NVFP4, powers of two for MXFP4; a scale of the whole weight divides (compressed-tensors) or multiplies (ModelOpt).
    static std::optional<PackedWeight> pairs(const TensorInfo& packed, const TensorInfo* scale, const TensorInfo* divisor, const TensorInfo* factor,
                                             const PackedTensors& tensors)
    {
        const bool isPacked = (packed.dtype == DType::U8 || packed.dtype == DType::I8) && packed.shape.size() >= 2 && packed.shape.back() > 0 &&
                              packed.shape.back() < INT32_MAX;
        if (!isPacked || !scale || scale->shape.size() != packed.shape.size() || scale->shape.back() <= 0 ||
            !std::equal(scale->shape.begin(), scale->shape.end() - 1, packed.shape.begin()) ||
            (scale->dtype != DType::F8_E4M3 && !isExponent(scale->dtype)))
            return std::nullopt;
        PackedWeight out{scale->dtype == DType::F8_E4M3 ? "nvfp4" : "mxfp4", 4, 0, packed.shape, {}, {}, {}, {}};
        out.shape.back() *= 2;
        out.groupSize = out.shape.back() / scale->shape.back();
        out.parts = {tensors.indexOf(&packed), tensors.indexOf(scale), tensors.indexOf(divisor), tensors.indexOf(factor)};
        if (out.groupSize == 0 || out.groupSize * scale->shape.back() != out.shape.back())
            return std::nullopt;
        for (const TensorInfo* global : {divisor, factor})
            if (global && (global->elements() != 1 || !isFloating(global->dtype)))
                out.asStored = "The scale of its whole weight is not one number.";
        return out;
    }

    /// MXFP4 as gpt-oss keeps it: X_blocks of 16 bytes, 32 numbers, and X_scales with one exponent for each block.
    static std::optional<PackedWeight> blocks(const TensorInfo& packed, const PackedTensors& tensors)
    {
        const TensorInfo* scales = tensors.find(packed.name.substr(0, packed.name.size() - blocksEnd.size()) + "_scales");
        if (!scales || packed.dtype != DType::U8 || packed.shape.size() < 3 || packed.shape.back() != blockNbytes || scales->dtype != DType::U8)
            return std::nullopt;
        Shape shape(packed.shape.begin(), packed.shape.end() - 1);
        if (scales->shape != shape || shape.back() > INT32_MAX)
            return std::nullopt;
        shape.back() *= 2 * blockNbytes;
        return PackedWeight{"mxfp4", 4, 2 * blockNbytes, std::move(shape), {}, {}, {tensors.indexOf(&packed), tensors.indexOf(scales)}, {}};
    }
};

} // namespace

const Packing& floatPairsPacking()
{
    static const FloatPairs packing;
    return packing;
}

} // namespace weighbridge
