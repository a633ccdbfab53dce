// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/packing/packed_tensors.h"

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/packing/packed_weight.h"
#include "core/tensor/decode.h"

#include <cmath>
#include <filesystem>

namespace weighbridge {
namespace {

constexpr uint64_t configNbytes = 16 * 1024 * 1024;
constexpr uint64_t fewNbytes = 1024; ///< of a shape, a number, a word
constexpr double largestInteger = 0x1p53;

Value jsonFile(const std::string& path)
{
    const auto source = isFile(path) ? openFile(path) : failure("not-found", "");
    if (!source || (*source)->nbytes() > configNbytes)
        return {};
    const auto bytes = (*source)->read(0, (*source)->nbytes());
    const auto document = bytes ? parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}) : tl::unexpected(bytes.error());
    return document ? document->value : Value();
}

} // namespace

PackedTensors::PackedTensors(const Checkpoint& checkpoint, JobContext& job)
    : m_checkpoint(checkpoint)
    , m_job(job)
{
    for (const TensorInfo& tensor : checkpoint.tensors)
        m_byName.emplace(tensor.name, &tensor);
}

const TensorInfo* PackedTensors::find(const std::string& name) const
{
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? nullptr : found->second;
}

size_t PackedTensors::indexOf(const TensorInfo* tensor) const
{
    return tensor ? static_cast<size_t>(tensor - m_checkpoint.tensors.data()) : PackedWeight::absent;
}

std::vector<std::byte> PackedTensors::bytes(const TensorInfo& tensor, uint64_t maximum) const
{
    return readWhole(m_checkpoint, tensor, m_job, maximum).value_or(std::vector<std::byte>{});
}

std::vector<int64_t> PackedTensors::integers(const TensorInfo& tensor) const
{
    const Decoder* decoder = decoderOf(tensor.dtype);
    const DTypeKind kind = info(tensor.dtype).kind;
    if (!decoder || (kind != DTypeKind::SignedInteger && kind != DTypeKind::UnsignedInteger))
        return {};
    const auto stored = bytes(tensor, fewNbytes);
    std::vector<double> values(decoder->values(stored.size()));
    decode(*decoder, stored, std::span(values));
    std::vector<int64_t> out;
    for (const double value : values)
        out.push_back(std::abs(value) < largestInteger ? static_cast<int64_t>(value) : -1);
    return out;
}

const Value& PackedTensors::config()
{
    if (m_config)
        return *m_config;
    const std::string folder = std::filesystem::path(m_checkpoint.path).parent_path().string();
    const auto beside = [&folder](const char* name) { return folder.empty() ? std::string(name) : folder + "/" + name; };
    const Value model = jsonFile(beside("config.json"));
    for (const char* key : {"quantization_config", "quantization"})
        if (const Value* found = model.find(key); found && found->isMap())
            return m_config.emplace(*found);
    return m_config.emplace(jsonFile(beside("quantize_config.json")));
}

} // namespace weighbridge
