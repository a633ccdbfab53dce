// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Tensors and arithmetic: QuantState and Linear8bitLt of https://github.com/bitsandbytes-foundation/bitsandbytes; double quantization:
// https://arxiv.org/abs/2305.14314
#include "core/packing/packing.h"

#include "core/base/json.h"
#include "core/format/detail/torch_dtypes.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr uint64_t stateNbytes = 64 * 1024; ///< of the JSON text that is kept as a tensor
constexpr std::string_view stateMark = ".quant_state.bitsandbytes__";
constexpr std::string_view rowMark = ".SCB";
constexpr uint64_t codes = 16;
enum Part : size_t { Packed, State, Scales, Table, ScaleScales, ScaleTable };
enum RowPart : size_t { Bytes, RowScales };

Value stateOf(std::span<const std::byte> text)
{
    const auto document = parseJson({reinterpret_cast<const char*>(text.data()), text.size()});
    return document ? document->value : Value();
}

int64_t integerOf(const Value& map, std::string_view key)
{
    const Value* found = map.find(key);
    return found && found->integer() && *found->integer() > 0 ? *found->integer() : 0;
}

/// Places in a table of 16 values, the first in the high half of its byte, times a scale for each block of the flat weight; the scales may be
/// quantized themselves, less their mean.
class FourBitRows final : public WeightRows {
public:
    FourBitRows(const PackedWeight& weight, PackedParts& parts)
        : m_parts(parts)
        , m_block(static_cast<uint64_t>(weight.groupSize))
        , m_table(parts.floats(Table))
        , m_scales(parts.floats(Scales))
    {
        if (!parts.has(ScaleScales))
            return;
        const Value state = stateOf(parts.bytes(State));
        const auto outer = parts.floats(ScaleScales);
        const auto table = parts.floats(ScaleTable);
        const auto block = static_cast<uint64_t>(integerOf(state, "nested_blocksize"));
        const Value* offset = state.find("nested_offset");
        const auto mean = static_cast<float>(offset ? offset->number() : 0);
        for (size_t i = 0; i < m_scales.size() && !parts.error(); ++i)
            m_scales[i] = table[static_cast<size_t>(m_scales[i])] * outer[i / block] + mean;
    }

    void read(uint64_t row, std::span<float> out) override
    {
        const uint64_t first = row * out.size();
        const auto packed = m_parts.range(Packed, first / 2, (first + out.size() + 1) / 2 - first / 2);
        for (size_t i = 0; i < out.size() && !packed.empty(); ++i) {
            const uint64_t at = first + i;
            const auto byte = std::to_integer<unsigned>(packed[at / 2 - first / 2]);
            out[i] = m_table[at % 2 == 0 ? byte >> 4 : byte & 15] * m_scales[at / m_block];
        }
    }

private:
    PackedParts& m_parts;
    uint64_t m_block;
    std::vector<float> m_table, m_scales;
};

class EightBitRows final : public WeightRows {
public:
    explicit EightBitRows(PackedParts& parts)
        : m_parts(parts)
        , m_scales(parts.floats(RowScales))
    {
    }

    void read(uint64_t row, std::span<float> out) override
    {
        constexpr float each = 1.0F / 127;
        const auto bytes = m_parts.range(Bytes, row * out.size(), out.size());
        for (size_t i = 0; i < bytes.size(); ++i)
            out[i] = static_cast<float>(std::to_integer<int8_t>(bytes[i])) * m_scales[row] * each;
    }

private:
    PackedParts& m_parts;
    std::vector<float> m_scales;
};

class Bitsandbytes final : public Packing {
public:
    std::string_view id() const override { return "bitsandbytes"; }
    bool isMark(std::string_view name) const override { return name.ends_with(rowMark) || name.find(stateMark) != std::string_view::npos; }

    std::optional<PackedWeight> find(const TensorInfo& mark, PackedTensors& tensors) const override
    {
        const size_t state = mark.name.find(stateMark);
        return state == std::string::npos ? eightBits(mark, tensors)
                                          : fourBits(mark, mark.name.substr(0, state), mark.name.substr(state + stateMark.size()), tensors);
    }

    std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const override
    {
        if (weight.bits == 8)
            return std::make_unique<EightBitRows>(parts);
        return std::make_unique<FourBitRows>(weight, parts);
    }

private:
    /// The shape and dtype stand only in a JSON text.
    static std::optional<PackedWeight> fourBits(const TensorInfo& mark, const std::string& name, std::string scheme, PackedTensors& tensors)
    {
        const Value state = stateOf(tensors.bytes(mark, stateNbytes));
        const Value* sizes = state.find("shape");
        if (!sizes || !sizes->list())
            return std::nullopt;
        PackedWeight out{std::move(scheme), 4, integerOf(state, "blocksize"), {}, {}, {}, {}, {}};
        for (const Value& size : *sizes->list())
            out.shape.push_back(size.integer() ? *size.integer() : -1);
        const Value* dtype = state.find("dtype");
        const auto known = dtype ? torchDType(dtype->stringOr("")) : std::nullopt;
        out.dtype = known ? std::string(weighbridge::name(known->dtype)) : "";
        for (const char* part : {"", ".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"})
            out.parts.push_back(tensors.indexOf(tensors.find(name + part)));
        out.parts.insert(out.parts.begin() + State, tensors.indexOf(&mark));
        if (!fits(out, name, state, tensors))
            out.asStored = "Its scales (absmax) or its table (quant_map) are not there, or not as many as its shape needs.";
        return out;
    }

    static bool fits(const PackedWeight& weight, const std::string& name, const Value& state, PackedTensors& tensors)
    {
        const auto elements = numel(weight.shape);
        const TensorInfo* packed = tensors.find(name);
        const TensorInfo* scales = tensors.find(name + ".absmax");
        const TensorInfo* table = tensors.find(name + ".quant_map");
        if (!elements || !packed || !scales || !table || weight.groupSize == 0 || packed->nbytes() < *elements / 2 + *elements % 2 ||
            table->elements() < codes)
            return false;
        const auto blocks = (*elements + static_cast<uint64_t>(weight.groupSize) - 1) / static_cast<uint64_t>(weight.groupSize);
        const TensorInfo* outer = tensors.find(name + ".nested_absmax");
        if (!outer)
            return scales->elements() >= blocks && scales->dtype == DType::F32;
        const TensorInfo* outerTable = tensors.find(name + ".nested_quant_map");
        const auto outerBlock = static_cast<uint64_t>(integerOf(state, "nested_blocksize"));
        return scales->dtype == DType::U8 && scales->elements() >= blocks && outerTable && outerTable->elements() >= 256 && outerBlock > 0 &&
               outer->elements() >= (scales->elements() + outerBlock - 1) / outerBlock;
    }

    static std::optional<PackedWeight> eightBits(const TensorInfo& scales, PackedTensors& tensors)
    {
        const TensorInfo* weight = tensors.find(scales.name.substr(0, scales.name.size() - rowMark.size()) + ".weight");
        if (!weight || weight->dtype != DType::I8 || weight->shape.size() != 2)
            return std::nullopt;
        PackedWeight out{"int8", 8, weight->shape[1], weight->shape, {}, {}, {tensors.indexOf(weight), tensors.indexOf(&scales)}, {}};
        if (scales.elements() != static_cast<uint64_t>(weight->shape[0]))
            out.asStored = "Its scales (SCB) are not one for each row.";
        return out;
    }
};

} // namespace

const Packing& bitsandbytesPacking()
{
    static const Bitsandbytes packing;
    return packing;
}

} // namespace weighbridge
