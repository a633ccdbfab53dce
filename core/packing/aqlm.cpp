// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// _dequantize_weight() of https://github.com/Vahe1994/AQLM (arXiv 2401.06118): a group of numbers is the sum of one vector of each codebook, times a
// scale of its outputs.
#include "core/packing/packing.h"
#include "core/tensor/decode.h"

#include <bit>

namespace weighbridge {
namespace {

constexpr std::string_view mark = ".codebooks";
constexpr int64_t mostInGroup = 64; ///< outputs or inputs: 8 are usual
enum Part : size_t { Codes, Codebooks, Scales };

class AqlmRows final : public WeightRows {
public:
    AqlmRows(const PackedWeight& weight, PackedParts& parts)
        : m_size(parts.tensor(Codebooks).shape)
        , m_codes(parts.floats(Codes))
        , m_vectors(parts.floats(Codebooks))
        , m_scales(parts.floats(Scales))
        , m_groups(static_cast<uint64_t>(weight.shape[1] / m_size[3]))
    {
    }

    void read(uint64_t row, std::span<float> out) override
    {
        const auto books = static_cast<uint64_t>(m_size[0]);
        const auto entries = static_cast<uint64_t>(m_size[1]);
        const auto height = static_cast<uint64_t>(m_size[2]);
        const auto width = static_cast<uint64_t>(m_size[3]);
        const float* codes = m_codes.data() + row / height * m_groups * books;
        for (size_t k = 0; k < out.size(); ++k) {
            float sum = 0;
            for (uint64_t book = 0; book < books; ++book) {
                const auto code = static_cast<int64_t>(codes[k / width * books + book]);
                const uint64_t entry = static_cast<uint64_t>(code) & (entries - 1); // they are stored with a sign
                sum += m_vectors[((book * entries + entry) * height + row % height) * width + k % width];
            }
            out[k] = sum * m_scales[row / height];
        }
    }

private:
    Shape m_size; ///< of the codebooks: how many, entries, outputs and inputs of a group
    std::vector<float> m_codes, m_vectors, m_scales;
    uint64_t m_groups;
};

class Aqlm final : public Packing {
public:
    std::string_view id() const override { return "aqlm"; }
    bool isMark(std::string_view name) const override { return name.ends_with(mark); }

    std::optional<PackedWeight> find(const TensorInfo& codebooks, PackedTensors& tensors) const override
    {
        const std::string module = codebooks.name.substr(0, codebooks.name.size() - mark.size());
        const TensorInfo* codes = tensors.find(module + ".codes");
        const TensorInfo* scales = tensors.find(module + ".scales");
        const Shape& size = codebooks.shape;
        if (!codes || codes->shape.size() != 3 || size.size() != 4 || size[0] != codes->shape[2] || size[0] <= 0 || size[1] <= 0 || size[2] <= 0 ||
            size[3] <= 0 || info(codes->dtype).kind != DTypeKind::SignedInteger || codes->shape[0] > INT32_MAX / size[2] ||
            codes->shape[1] > INT32_MAX / size[3])
            return std::nullopt;
        const auto entries = static_cast<uint64_t>(size[1]);
        const auto bits = static_cast<int64_t>(std::bit_width(entries - 1));
        const int64_t each = bits * size[0];
        const int64_t group = size[2] * size[3];
        PackedWeight out{"aqlm",
                         each % group == 0 ? static_cast<int>(each / group) : 0,
                         0,
                         {codes->shape[0] * size[2], codes->shape[1] * size[3]},
                         std::string(codebooks.dtypeName()),
                         {},
                         {tensors.indexOf(codes), tensors.indexOf(&codebooks), tensors.indexOf(scales)},
                         {}};
        if (size[2] > mostInGroup || size[3] > mostInGroup)
            out.asStored = "Its groups are larger than any that AQLM makes.";
        else if (!std::has_single_bit(entries) || bits > 16 || !scales || scales->elements() != static_cast<uint64_t>(codes->shape[0]) ||
                 !decoderOf(codebooks.dtype) || !decoderOf(scales->dtype))
            out.asStored = "Its codebooks or scales do not fit its shape.";
        return out;
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<AqlmRows>(weight, parts);
    }
};

} // namespace

const Packing& aqlmPacking()
{
    static const Aqlm packing;
    return packing;
}

} // namespace weighbridge
