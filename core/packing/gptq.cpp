// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Layout and arithmetic: QuantLinear of https://github.com/AutoGPTQ/AutoGPTQ; "gptq_v2" of https://github.com/ModelCloud/GPTQModel keeps zero points
// as they are, where "gptq" keeps them less one.
#include "core/packing/codes.h"
#include "core/packing/packing.h"

#include <algorithm>
#include <cstring>

namespace weighbridge {
namespace {

constexpr std::string_view mark = "qweight";
constexpr int64_t wordBits = 32;
enum Part : size_t { Words, Scales, Zeros, GroupOf };

/// qweight holds the numbers of a column (an output) below each other, in words of 32 bits: the numbers of a row of the weight lie a column apart.
class GptqRows final : public WeightRows {
public:
    GptqRows(const PackedWeight& weight, PackedParts& parts)
        : m_outputs(static_cast<uint64_t>(weight.shape[0]))
        , m_bits(static_cast<unsigned>(weight.bits))
        , m_words(parts.bytes(Words))
        , m_scales(parts.floats(Scales))
        , m_zeroOffset(weight.scheme == "gptq" ? 1 : 0)
        , m_column(m_words.size() / m_outputs)
    {
        const auto groups = static_cast<uint32_t>(m_scales.size() / m_outputs);
        m_groupOf.resize(static_cast<size_t>(weight.shape[1]));
        for (const float group : parts.floats(GroupOf))
            m_order.push_back(group);
        for (size_t k = 0; k < m_groupOf.size(); ++k) {
            const double group = m_order.empty() ? double(k / static_cast<uint64_t>(weight.groupSize)) : double(m_order[k]);
            if (!(group >= 0 && group < double(groups)) && !parts.error())
                parts.fail(Error("corrupt", "A weight's g_idx names a group that it does not have."));
            m_groupOf[k] = parts.error() ? 0 : static_cast<uint32_t>(group);
        }
        const auto zeros = parts.bytes(Zeros);
        const uint64_t zeroRow = groups == 0 ? 0 : zeros.size() / groups;
        for (uint64_t g = 0; g < groups && !parts.error(); ++g)
            for (uint64_t row = 0; row < m_outputs; ++row)
                m_zeros.push_back(static_cast<int>(codeAt(std::span(zeros).subspan(g * zeroRow, zeroRow), row, m_bits)) + m_zeroOffset);
    }

    void read(uint64_t row, std::span<float> out) override
    {
        constexpr size_t wordNbytes = wordBits / 8;
        for (size_t at = 0; at < m_column.size(); at += wordNbytes)
            std::memcpy(m_column.data() + at, m_words.data() + at * m_outputs + row * wordNbytes, wordNbytes);
        for (size_t k = 0; k < out.size(); ++k) {
            const size_t cell = m_groupOf[k] * m_outputs + row;
            out[k] = m_scales[cell] * static_cast<float>(static_cast<int>(codeAt(m_column, k, m_bits)) - m_zeros[cell]);
        }
    }

private:
    uint64_t m_outputs;
    unsigned m_bits;
    std::vector<std::byte> m_words;
    std::vector<float> m_scales; ///< groups x outputs
    std::vector<int> m_zeros;    ///< groups x outputs
    std::vector<float> m_order;
    std::vector<uint32_t> m_groupOf; ///< by input
    int m_zeroOffset;
    std::vector<std::byte> m_column;
};

class Gptq final : public Packing {
public:
    std::string_view id() const override { return "gptq"; }
    bool isMark(std::string_view name) const override { return name.ends_with(".qweight"); }

    std::optional<PackedWeight> find(const TensorInfo& words, PackedTensors& tensors) const override
    {
        const std::string module = words.name.substr(0, words.name.size() - mark.size());
        const TensorInfo* zeros = tensors.find(module + "qzeros");
        const TensorInfo* scales = tensors.find(module + "scales");
        if (words.dtype != DType::I32 || words.shape.size() != 2 || !zeros || zeros->dtype != DType::I32 || !scales || scales->shape.size() != 2 ||
            zeros->shape.size() != 2)
            return std::nullopt;
        const int64_t outputs = scales->shape[1];
        const int64_t groups = scales->shape[0];
        const bool fits = outputs > 0 && outputs <= INT32_MAX && groups > 0 && words.shape[1] == outputs && zeros->shape[0] == groups &&
                          zeros->shape[1] > 0 && zeros->shape[1] <= outputs;
        const int64_t bits = fits ? zeros->shape[1] * wordBits / outputs : 0;
        if (bits < 1 || bits > 8 || words.shape[0] > INT32_MAX)
            return std::nullopt;
        const int64_t inputs = words.shape[0] * wordBits / bits;
        PackedWeight out{scheme(tensors), static_cast<int>(bits), inputs / groups, {outputs, inputs}, std::string(scales->dtypeName()), {}, {}, {}};
        const TensorInfo* order = tensors.find(module + "g_idx");
        const bool hasOrder = order && order->shape == Shape{inputs};
        out.parts = {tensors.indexOf(&words), tensors.indexOf(scales), tensors.indexOf(zeros), tensors.indexOf(hasOrder ? order : nullptr)};
        if (!hasOrder && out.groupSize * groups != inputs)
            out.asStored = "Its groups are not all of one size, and no g_idx tells which input is in which.";
        return out;
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<GptqRows>(weight, parts);
    }

private:
    static std::string scheme(PackedTensors& tensors)
    {
        const Value* format = tensors.config().find("checkpoint_format");
        return format && format->stringOr("") == "gptq_v2" ? "gptq_v2" : "gptq";
    }
};

} // namespace

const Packing& gptqPacking()
{
    static const Gptq packing;
    return packing;
}

} // namespace weighbridge
