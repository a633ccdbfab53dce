// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// mx.quantize() of https://github.com/ml-explore/mlx: numbers without gaps in words of 32 bits, times a scale, plus a bias; how many bits they have
// stands only in the config.
#include "core/packing/codes.h"
#include "core/packing/packing.h"
#include "core/tensor/decode.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr std::string_view mark = ".scales";
constexpr int64_t wordBits = 32;
enum Part : size_t { Words, Scales, Biases };

class MlxRows final : public WeightRows {
public:
    MlxRows(const PackedWeight& weight, PackedParts& parts)
        : m_parts(parts)
        , m_bits(static_cast<unsigned>(weight.bits))
        , m_group(static_cast<uint64_t>(weight.groupSize))
        , m_scales(parts.floats(Scales))
        , m_biases(parts.floats(Biases))
    {
    }

    void read(uint64_t row, std::span<float> out) override
    {
        const uint64_t nbytes = out.size() * m_bits / 8;
        const auto packed = m_parts.range(Words, row * nbytes, nbytes);
        const uint64_t first = row * (out.size() / m_group);
        for (size_t k = 0; k < out.size() && !packed.empty(); ++k)
            out[k] = static_cast<float>(codeAt(packed, k, m_bits)) * m_scales[first + k / m_group] + m_biases[first + k / m_group];
    }

private:
    PackedParts& m_parts;
    unsigned m_bits;
    uint64_t m_group;
    std::vector<float> m_scales, m_biases;
};

class Mlx final : public Packing {
public:
    std::string_view id() const override { return "mlx"; }
    bool isMark(std::string_view name) const override { return name.ends_with(mark); }

    std::optional<PackedWeight> find(const TensorInfo& scales, PackedTensors& tensors) const override
    {
        const std::string module = scales.name.substr(0, scales.name.size() - mark.size());
        const TensorInfo* words = tensors.find(module + ".weight");
        const TensorInfo* biases = tensors.find(module + ".biases");
        if (!words || words->dtype != DType::U32 || words->shape.size() < 2 || scales.shape.size() != words->shape.size() ||
            words->shape.back() > INT32_MAX || !std::equal(scales.shape.begin(), scales.shape.end() - 1, words->shape.begin()))
            return std::nullopt;
        const int64_t bits = setting(module, "bits", tensors);
        const int64_t group = setting(module, "group_size", tensors);
        const bool isKnown = bits >= 1 && bits <= 8 && group > 0 && words->shape.back() * wordBits % bits == 0;
        PackedWeight out{"mlx", isKnown ? static_cast<int>(bits) : 0, isKnown ? group : 0, words->shape, std::string(scales.dtypeName()), {}, {}, {}};
        if (isKnown)
            out.shape.back() = words->shape.back() * wordBits / bits;
        out.parts = {tensors.indexOf(words), tensors.indexOf(&scales), tensors.indexOf(biases)};
        if (!isKnown || out.shape.back() % group != 0 || out.shape.back() / group != scales.shape.back())
            out.asStored = "How many bits a number has stands in the config.json of the model (quantization), which is not beside this file or is of "
                           "another one.";
        else if (!biases || biases->shape != scales.shape || !decoderOf(scales.dtype))
            out.asStored = "It is of a mode of MLX other than affine.";
        return out;
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<MlxRows>(weight, parts);
    }

private:
    /// Of the module, if the config has an entry for it, else of all; 0 if it is not said.
    static int64_t setting(const std::string& module, std::string_view key, PackedTensors& tensors)
    {
        const Value& config = tensors.config();
        const Value* own = config.find(module);
        const Value* found = own && own->find(key) ? own->find(key) : config.find(key);
        return found && found->integer() ? *found->integer() : 0;
    }
};

} // namespace

const Packing& mlxPacking()
{
    static const Mlx packing;
    return packing;
}

} // namespace weighbridge
