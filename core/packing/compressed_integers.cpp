// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// compressors/pack_quantized of https://github.com/vllm-project/compressed-tensors ("pack-quantized")
#include "core/packing/codes.h"
#include "core/packing/packing.h"
#include "core/packing/value_grid.h"

#include <fmt/format.h>

#include <array>

namespace weighbridge {
namespace {

constexpr std::string_view mark = "weight_packed";
constexpr uint64_t wordBits = 32;
enum Part : size_t { Words, Scales, Zeros, GroupOf };

uint64_t wordsFor(uint64_t count, uint64_t bits)
{
    return (count * bits + wordBits - 1) / wordBits;
}

/// Words of the numbers of a row, less half their range; zero points packed the same way, along the rows, so that the halves cancel out.
class CompressedRows final : public WeightRows {
public:
    CompressedRows(const PackedWeight& weight, PackedParts& parts)
        : m_parts(parts)
        , m_bits(static_cast<unsigned>(weight.bits))
        , m_grid(ValueGrid::over(weight.shape, parts.tensor(Scales).shape).value_or(ValueGrid{}))
        , m_scales(parts.floats(Scales))
        , m_half(1 << (weight.bits - 1))
    {
        if (parts.has(Zeros))
            readZeros(static_cast<uint64_t>(weight.shape[0]));
        for (const float group : parts.floats(GroupOf)) {
            if (!(group >= 0 && group < float(m_grid.columns)))
                parts.fail(Error("corrupt", "A weight's g_idx names a group that it does not have."));
            m_groupOf.push_back(parts.error() ? 0 : static_cast<uint32_t>(group));
        }
    }

    void read(uint64_t row, std::span<float> out) override
    {
        const uint64_t nbytes = wordsFor(out.size(), m_bits) * wordBits / 8;
        const auto packed = m_parts.range(Words, row * nbytes, nbytes);
        for (size_t k = 0; k < out.size() && !packed.empty(); ++k) {
            const size_t cell = m_groupOf.empty() ? m_grid.index(row, k) : row / m_grid.rowsPerCell * m_grid.columns + m_groupOf[k];
            const int zero = m_zeros.empty() ? m_half : m_zeros[cell];
            out[k] = static_cast<float>(static_cast<int>(codeAt(packed, k, m_bits)) - zero) * m_scales[cell];
        }
    }

private:
    void readZeros(uint64_t rows)
    {
        const auto words = m_parts.bytes(Zeros);
        const uint64_t height = wordsFor(rows, m_bits);
        std::vector<std::byte> column(height * sizeof(uint32_t));
        m_zeros.resize(m_scales.size());
        for (uint64_t c = 0; c < m_grid.columns && !m_parts.error(); ++c) {
            for (size_t at = 0; at < column.size(); ++at)
                column[at] = words[(at / 4 * m_grid.columns + c) * 4 + at % 4];
            for (uint64_t row = 0; row < rows; ++row)
                m_zeros[row * m_grid.columns + c] = static_cast<int>(codeAt(column, row, m_bits));
        }
    }

    PackedParts& m_parts;
    unsigned m_bits;
    ValueGrid m_grid;
    std::vector<float> m_scales;
    std::vector<int> m_zeros;
    std::vector<uint32_t> m_groupOf;
    int m_half;
};

class CompressedIntegers final : public Packing {
public:
    std::string_view id() const override { return "compressed-integers"; }
    bool isMark(std::string_view name) const override { return name.ends_with(mark); }

    std::optional<PackedWeight> find(const TensorInfo& packed, PackedTensors& tensors) const override
    {
        const std::string module = packed.name.substr(0, packed.name.size() - mark.size());
        const TensorInfo* scales = tensors.find(module + "weight_scale");
        const TensorInfo* sizes = tensors.find(module + "weight_shape");
        if (!scales || !sizes || packed.dtype != DType::I32 || packed.shape.size() < 2)
            return std::nullopt;
        const Shape shape = tensors.integers(*sizes);
        const int bits = bitsOf(packed.shape, shape);
        if (bits == 0)
            return std::nullopt;
        PackedWeight out{fmt::format("int{}", bits), bits, 0, shape, std::string(scales->dtypeName()), {}, {}, {}};
        const auto grid = ValueGrid::over(shape, scales->shape);
        if (grid && grid->columns > 1)
            out.groupSize = static_cast<int64_t>(grid->columnsPerCell);
        const TensorInfo* zeros = tensors.find(module + "weight_zero_point");
        const TensorInfo* order = tensors.find(module + "weight_g_idx");
        out.parts = {tensors.indexOf(&packed), tensors.indexOf(scales), tensors.indexOf(zeros), tensors.indexOf(order)};
        if (!grid || !zerosFit(zeros, *grid, out) || (order && order->shape != Shape{shape.back()}))
            out.asStored = "Its scales or zero points do not fit its shape.";
        return out;
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        return std::make_unique<CompressedRows>(weight, parts);
    }

private:
    /// Bits of a number, by how many words a row takes; the usual ones first, since a short row may fit several.
    static int bitsOf(const Shape& packed, const Shape& shape)
    {
        if (shape.size() != packed.size() || !std::equal(packed.begin(), packed.end() - 1, shape.begin()) || shape.back() <= 0 ||
            shape.back() > INT32_MAX)
            return 0;
        for (const int bits : {4, 8, 2, 3, 6, 5, 7, 1})
            if (static_cast<int64_t>(wordsFor(static_cast<uint64_t>(shape.back()), static_cast<uint64_t>(bits))) == packed.back())
                return bits;
        return 0;
    }

    static bool zerosFit(const TensorInfo* zeros, const ValueGrid& grid, const PackedWeight& weight)
    {
        if (!zeros)
            return true;
        const auto rows = static_cast<uint64_t>(weight.shape[0]);
        return zeros->dtype == DType::I32 && weight.shape.size() == 2 && grid.rowsPerCell == 1 &&
               zeros->elements() == wordsFor(rows, static_cast<uint64_t>(weight.bits)) * grid.columns;
    }
};

} // namespace

const Packing& compressedIntegersPacking()
{
    static const CompressedIntegers packing;
    return packing;
}

} // namespace weighbridge
