// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/packed_weights.h"

#include "core/base/json.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/format/detail/torch_dtypes.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace weighbridge {
namespace {

constexpr uint64_t stateNbytes = 64 * 1024; ///< of the JSON text that bitsandbytes keeps as a tensor
constexpr int wordBits = 32;
constexpr std::string_view stateMark = ".quant_state.bitsandbytes__";

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

    const Checkpoint& m_checkpoint;
    JobContext& m_job;
    std::unordered_map<std::string_view, const TensorInfo*> m_byName;
    std::map<std::string, PackedWeight> m_out;
};

bool mayBePacked(const TensorInfo& tensor)
{
    return tensor.name.ends_with(".qweight") || tensor.name.ends_with(".SCB") || tensor.name.find(stateMark) != std::string::npos;
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
