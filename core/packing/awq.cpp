// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Layout and arithmetic: awq/utils/packing_utils.py of https://github.com/casper-hansen/AutoAWQ ("gemm").
#include "core/packing/codes.h"
#include "core/packing/packing.h"

#include <array>

namespace weighbridge {
namespace {

constexpr std::string_view mark = "qweight";
constexpr unsigned bits = 4;
constexpr uint64_t perWord = 8;
/// In which place of its word the number of an output lies.
constexpr std::array<uint64_t, perWord> placeOf{0, 4, 1, 5, 2, 6, 3, 7};
enum Part : size_t { Words, Scales, Zeros };

/// qweight is inputs x words: a word holds eight outputs.
class AwqRows final : public WeightRows {
public:
    AwqRows(const PackedWeight& weight, PackedParts& parts)
        : m_outputs(static_cast<uint64_t>(weight.shape[0]))
        , m_group(static_cast<uint64_t>(weight.groupSize))
        , m_words(parts.bytes(Words))
        , m_zeros(parts.bytes(Zeros))
        , m_scales(parts.floats(Scales))
    {
    }

    void read(uint64_t row, std::span<float> out) override
    {
        const uint64_t place = row / perWord * perWord + placeOf[row % perWord];
        for (size_t k = 0; k < out.size(); ++k) {
            const uint64_t group = k / m_group;
            const int zero = static_cast<int>(codeAt(m_zeros, group * m_outputs + place, bits));
            out[k] = m_scales[group * m_outputs + row] * static_cast<float>(static_cast<int>(codeAt(m_words, k * m_outputs + place, bits)) - zero);
        }
    }

private:
    uint64_t m_outputs, m_group;
    std::vector<std::byte> m_words, m_zeros;
    std::vector<float> m_scales; ///< groups x outputs
};

class Awq final : public Packing {
public:
    std::string_view id() const override { return "awq"; }
    bool isMark(std::string_view name) const override { return name.ends_with(".qweight"); }

    std::optional<PackedWeight> find(const TensorInfo& words, PackedTensors& tensors) const override
    {
        const std::string module = words.name.substr(0, words.name.size() - mark.size());
        const TensorInfo* zeros = tensors.find(module + "qzeros");
        const TensorInfo* scales = tensors.find(module + "scales");
        if (words.dtype != DType::I32 || words.shape.size() != 2 || !zeros || zeros->dtype != DType::I32 || !scales || scales->shape.size() != 2)
            return std::nullopt;
        const int64_t inputs = words.shape[0];
        const int64_t outputs = scales->shape[1];
        const int64_t groups = scales->shape[0];
        const bool fits = groups > 0 && inputs % groups == 0 && inputs > 0 && outputs % static_cast<int64_t>(perWord) == 0 &&
                          words.shape[1] == outputs / static_cast<int64_t>(perWord) && zeros->shape == Shape{groups, words.shape[1]};
        if (!fits)
            return std::nullopt;
        return PackedWeight{"awq",
                            bits,
                            inputs / groups,
                            {outputs, inputs},
                            std::string(scales->dtypeName()),
                            {},
                            {tensors.indexOf(&words), tensors.indexOf(scales), tensors.indexOf(zeros)},
                            {}};
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<AwqRows>(weight, parts);
    }
};

} // namespace

const Packing& awqPacking()
{
    static const Awq packing;
    return packing;
}

} // namespace weighbridge
