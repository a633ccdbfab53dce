// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/packed_weights.h"

#include "core/base/json.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/format/detail/torch_dtypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <unordered_map>

namespace weighbridge {
namespace {

constexpr uint64_t stateNbytes = 64 * 1024; ///< of the JSON text that bitsandbytes keeps as a tensor
constexpr int wordBits = 32;
constexpr std::string_view stateMark = ".quant_state.bitsandbytes__";
constexpr std::string_view blocksEnd = "_blocks";
constexpr std::array scaleEnds{std::string_view(".weight_scale"), std::string_view(".weight_scale_inv"), std::string_view(".weight_scale_2")};

class PackedReader {
public:
    PackedReader(const Checkpoint& checkpoint, JobContext& job) : m_checkpoint(checkpoint), m_job(job)
    {
        for (const TensorInfo& tensor : checkpoint.tensors)
            m_byName.emplace(tensor.name, &tensor);
    }

    std::map<std::string, PackedWeight> read()
    {
        for (const TensorInfo& tensor : m_checkpoint.tensors) {
            if (tensor.name.ends_with(".qweight"))
                add(tensor.name, words(tensor));
            else if (const size_t mark = tensor.name.find(stateMark); mark != std::string::npos)
                add(tensor.name.substr(0, mark), fourBits(tensor, tensor.name.substr(mark + stateMark.size())));
            else if (tensor.name.ends_with(".SCB"))
                add(tensor.name.substr(0, tensor.name.size() - 3) + "weight", eightBits(tensor.name.substr(0, tensor.name.size() - 3) + "weight"));
            else if (tensor.name.ends_with("weight_packed"))
                add(tensor.name, compressed(tensor));
            else if (tensor.name.ends_with(blocksEnd))
                add(tensor.name, blocks(tensor));
            else
                addScaled(tensor);
        }
        return std::move(m_out);
    }

private:
    void add(const std::string& name, std::optional<PackedWeight> weight)
    {
        if (weight && find(name))
            m_out.emplace(name, std::move(*weight));
    }
    [[nodiscard]] const TensorInfo* find(const std::string& name) const
    {
        const auto found = m_byName.find(name);
        return found == m_byName.end() ? nullptr : found->second;
    }

    /// 32-bit words of several numbers: GPTQ packs the inputs (rows), AWQ the outputs (columns).
    [[nodiscard]] std::optional<PackedWeight> words(const TensorInfo& packed) const
    {
        const std::string module = packed.name.substr(0, packed.name.size() - std::string_view("qweight").size());
        const TensorInfo* zeros = find(module + "qzeros");
        const TensorInfo* scales = find(module + "scales");
        const bool isMatrix = packed.shape.size() == 2 && zeros && zeros->shape.size() == 2 && scales && scales->shape.size() == 2;
        if (!isMatrix || packed.dtype != DType::I32 || scales->shape[1] <= 0 || scales->shape[0] <= 0 || zeros->shape[1] <= 0)
            return std::nullopt;
        const int64_t outputs = scales->shape[1];
        const int64_t bits = zeros->shape[1] <= outputs ? zeros->shape[1] * wordBits / outputs : 0;
        if (bits < 1 || bits > 8)
            return std::nullopt;
        const bool isGptq = packed.shape[1] == outputs;
        if (!isGptq && packed.shape[1] != zeros->shape[1])
            return std::nullopt;
        const int64_t inputs = isGptq ? packed.shape[0] * wordBits / bits : packed.shape[0];
        return PackedWeight{isGptq ? "gptq" : "awq", static_cast<int>(bits), inputs / scales->shape[0], {outputs, inputs}, std::string(scales->dtypeName())};
    }

    /// The shape and dtype stand only in a JSON text.
    [[nodiscard]] std::optional<PackedWeight> fourBits(const TensorInfo& state, const std::string& scheme) const
    {
        const auto bytes = readWhole(m_checkpoint, state, m_job, stateNbytes);
        const auto document = bytes ? parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}) : tl::unexpected(bytes.error());
        const Value* sizes = document ? document->value.find("shape") : nullptr;
        if (!sizes || !sizes->list())
            return std::nullopt;
        PackedWeight out{scheme, 4, 0, {}, {}};
        for (const Value& size : *sizes->list())
            out.shape.push_back(size.integer() ? *size.integer() : -1);
        if (!numel(out.shape))
            return std::nullopt;
        const Value* block = document->value.find("blocksize");
        out.groupSize = block && block->integer() ? *block->integer() : 0;
        const Value* dtype = document->value.find("dtype");
        const auto known = dtype ? torchDType(dtype->stringOr("")) : std::nullopt;
        out.dtype = known ? std::string(name(known->dtype)) : "";
        return out;
    }

    [[nodiscard]] std::optional<PackedWeight> eightBits(const std::string& name) const
    {
        const TensorInfo* weight = find(name);
        if (!weight || weight->dtype != DType::I8 || weight->shape.size() != 2)
            return std::nullopt;
        return PackedWeight{"int8", 8, weight->shape[1], weight->shape, {}};
    }

    /// Two 4-bit floats in a byte, with a scale for each group of inputs: E4M3 for NVFP4, E8M0 for MXFP4.
    static std::optional<PackedWeight> floatPairs(const TensorInfo& packed, const TensorInfo& scale)
    {
        if (packed.dtype != DType::U8 || packed.shape.size() < 2 || scale.shape.size() != packed.shape.size() || scale.shape.back() <= 0 ||
            packed.shape.back() > INT64_MAX / 2)
            return std::nullopt;
        PackedWeight out{scale.dtype == DType::F8_E4M3 ? "nvfp4" : "mxfp4", 4, 0, packed.shape, {}};
        out.shape.back() *= 2;
        out.groupSize = out.shape.back() / scale.shape.back();
        const bool isKnown = scale.dtype == DType::F8_E4M3 || scale.dtype == DType::U8 || scale.dtype == DType::F8_E8M0;
        return isKnown && out.groupSize * scale.shape.back() == out.shape.back() ? std::optional(std::move(out)) : std::nullopt;
    }

    /// compressed-tensors: floats in pairs, or words of several integers, whose real shape is a tensor beside them.
    [[nodiscard]] std::optional<PackedWeight> compressed(const TensorInfo& packed) const
    {
        const std::string module = packed.name.substr(0, packed.name.size() - std::string_view("weight_packed").size());
        const TensorInfo* scale = find(module + "weight_scale");
        const TensorInfo* sizes = find(module + "weight_shape");
        if (scale && packed.dtype == DType::U8)
            return floatPairs(packed, *scale);
        if (!scale || !sizes || packed.dtype != DType::I32 || packed.shape.size() != 2 || sizes->dtype != DType::I64 || sizes->shape != Shape{2})
            return std::nullopt;
        const auto bytes = readWhole(m_checkpoint, *sizes, m_job, 16);
        Shape shape(2);
        if (!bytes || bytes->size() != 16)
            return std::nullopt;
        std::memcpy(shape.data(), bytes->data(), 16);
        for (const int bits : {4, 8, 2})
            if (shape[0] == packed.shape[0] && shape[1] > 0 && shape[1] < INT32_MAX &&
                (shape[1] + wordBits / bits - 1) / (wordBits / bits) == packed.shape[1]) {
                const int64_t groups = scale->shape.size() == 2 ? scale->shape[1] : 0;
                return PackedWeight{fmt::format("int{}", bits), bits, groups > 1 ? shape[1] / groups : 0, shape, std::string(scale->dtypeName())};
            }
        return std::nullopt;
    }

    /// MXFP4 as gpt-oss keeps it: X_blocks of 16 bytes, 32 numbers, and X_scales with one exponent for each block.
    [[nodiscard]] std::optional<PackedWeight> blocks(const TensorInfo& packed) const
    {
        constexpr int64_t blockNbytes = 16;
        const TensorInfo* scales = find(packed.name.substr(0, packed.name.size() - blocksEnd.size()) + "_scales");
        if (!scales || packed.dtype != DType::U8 || packed.shape.size() < 3 || packed.shape.back() != blockNbytes || scales->dtype != DType::U8)
            return std::nullopt;
        Shape shape(packed.shape.begin(), packed.shape.end() - 1);
        if (scales->shape != shape || shape.back() > INT64_MAX / 32)
            return std::nullopt;
        shape.back() *= 2 * blockNbytes;
        return PackedWeight{"mxfp4", 4, 2 * blockNbytes, std::move(shape), {}};
    }

    /// X.weight_scale or X.weight_scale_inv (DeepSeek) beside a weight of eight bits; X.weight_scale_2 (ModelOpt) beside one of pairs.
    void addScaled(const TensorInfo& scale)
    {
        const auto end = std::find_if(scaleEnds.begin(), scaleEnds.end(), [&](std::string_view wanted) { return scale.name.ends_with(wanted); });
        if (end == scaleEnds.end())
            return;
        const std::string name = scale.name.substr(0, scale.name.size() - end->size()) + ".weight";
        const TensorInfo* weight = find(name);
        const TensorInfo* parts = *end == ".weight_scale_2" ? find(name + "_scale") : nullptr;
        if (weight && parts)
            return add(name, floatPairs(*weight, *parts));
        const bool isFloat8 = weight && (weight->dtype == DType::F8_E4M3 || weight->dtype == DType::F8_E5M2 || weight->dtype == DType::F8_E4M3FNUZ);
        if (!isFloat8 && !(weight && weight->dtype == DType::I8))
            return;
        const int64_t groups = weight->shape.size() == 2 && scale.shape.size() == 2 ? scale.shape[1] : 0;
        const bool divides = groups > 1 && weight->shape[1] % groups == 0;
        add(name, PackedWeight{isFloat8 ? "fp8" : "int8", 8, divides ? weight->shape[1] / groups : 0, weight->shape, {}});
    }

    const Checkpoint& m_checkpoint;
    JobContext& m_job;
    std::unordered_map<std::string_view, const TensorInfo*> m_byName;
    std::map<std::string, PackedWeight> m_out;
};

bool mayBePacked(const TensorInfo& tensor)
{
    const auto endsSo = [&tensor](std::string_view end) { return tensor.name.ends_with(end); };
    return endsSo(".qweight") || endsSo(".SCB") || endsSo("weight_packed") || endsSo(blocksEnd) ||
           std::any_of(scaleEnds.begin(), scaleEnds.end(), endsSo) || tensor.name.find(stateMark) != std::string::npos;
}

} // namespace

Value PackedWeight::asValue() const
{
    Value::Map out{{"scheme", scheme}, {"bits", bits}, {"shape", Value::List(shape.begin(), shape.end())}};
    if (groupSize > 0)
        out.emplace_back("group_size", groupSize);
    if (!dtype.empty())
        out.emplace_back("dtype", dtype);
    return out;
}

std::map<std::string, PackedWeight> packedWeights(const Checkpoint& checkpoint, JobContext& job)
{
    if (std::none_of(checkpoint.tensors.begin(), checkpoint.tensors.end(), mayBePacked))
        return {};
    return PackedReader(checkpoint, job).read();
}

} // namespace weighbridge
