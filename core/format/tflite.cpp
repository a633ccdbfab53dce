// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs; the container:
// https://flatbuffers.dev/internals/. Tensors without a buffer are computed when the model runs and are not listed.
#include "core/format/format.h"

#include "core/base/limits.h"
#include "core/base/source_reader.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

using enum DType;

struct LiteType {
    DType dtype;
    std::string_view name;
};
/// TensorType
constexpr std::array types{
    LiteType{F32, "FLOAT32"},   LiteType{F16, "FLOAT16"},     LiteType{I32, "INT32"},  LiteType{U8, "UINT8"},         LiteType{I64, "INT64"},
    LiteType{String, "STRING"}, LiteType{Bool, "BOOL"},       LiteType{I16, "INT16"},  LiteType{C64, "COMPLEX64"},    LiteType{I8, "INT8"},
    LiteType{F64, "FLOAT64"},   LiteType{C128, "COMPLEX128"}, LiteType{U64, "UINT64"}, LiteType{Unknown, "RESOURCE"}, LiteType{Unknown, "VARIANT"},
    LiteType{U32, "UINT32"},    LiteType{U16, "UINT16"},      LiteType{I4, "INT4"},    LiteType{BF16, "BFLOAT16"},    LiteType{Unknown, "INT2"},
    LiteType{U4, "UINT4"},
};

struct FlatVector {
    uint64_t first = 0; ///< byte of the first element
    uint64_t count = 0;
};

/// Tables, vectors and numbers of a FlatBuffer in a source, each checked against its end.
class FlatBuffer {
public:
    explicit FlatBuffer(const ByteSource& source) : m_source(source) {}

    template <typename T>
    Result<T> number(uint64_t at)
    {
        // most reads are near each other: a window of the source is kept
        if (at < m_windowStart || at - m_windowStart > m_window.size() || m_window.size() - (at - m_windowStart) < sizeof(T)) {
            auto window = m_source.readUpTo(at, 16 * 1024);
            if (!window)
                return tl::unexpected(window.error());
            m_window = std::move(*window);
            m_windowStart = at;
        }
        ByteReader reader(m_window, m_windowStart);
        return reader.seek(static_cast<size_t>(at - m_windowStart)).and_then([&] { return reader.little<T>(); }).map_error([&](const Error&) { return past(at); });
    }

    /// Where a field of a table is stored; nothing if it is left out.
    Result<std::optional<uint64_t>> field(uint64_t table, uint64_t index)
    {
        const auto back = number<int32_t>(table);
        if (!back)
            return tl::unexpected(back.error());
        const int64_t vtable = static_cast<int64_t>(table) - *back;
        if (vtable < 0)
            return failure(past(table));
        const auto place = static_cast<uint64_t>(vtable);
        const auto nbytes = number<uint16_t>(place);
        if (!nbytes)
            return tl::unexpected(nbytes.error());
        const uint64_t entry = 4 + 2 * index;
        if (entry + 2 > *nbytes)
            return std::optional<uint64_t>{};
        return number<uint16_t>(place + entry).map([&](uint16_t offset) { return offset == 0 ? std::optional<uint64_t>{} : std::optional(table + offset); });
    }

    template <typename T>
    Result<T> scalar(uint64_t table, uint64_t index, T fallback)
    {
        return field(table, index).and_then([&](std::optional<uint64_t> at) { return at ? number<T>(*at) : Result<T>(fallback); });
    }

    /// What a field refers to: a table, a vector or a text; nothing if it is left out.
    Result<std::optional<uint64_t>> target(uint64_t table, uint64_t index)
    {
        return field(table, index).and_then([&](std::optional<uint64_t> at) -> Result<std::optional<uint64_t>> {
            if (!at)
                return std::optional<uint64_t>{};
            return follow(*at).map([](uint64_t to) { return std::optional(to); });
        });
    }
    Result<uint64_t> follow(uint64_t at)
    {
        return number<uint32_t>(at).map([at](uint32_t offset) { return at + offset; });
    }

    /// Empty if it is left out.
    Result<FlatVector> vector(uint64_t table, uint64_t index, uint64_t elementNbytes)
    {
        return target(table, index).and_then([&](std::optional<uint64_t> at) -> Result<FlatVector> {
            if (!at)
                return FlatVector{};
            return number<uint32_t>(*at).and_then([&](uint32_t count) -> Result<FlatVector> {
                if (!fits(*at + 4, count * elementNbytes, m_source.nbytes()))
                    return failure(past(*at));
                return FlatVector{*at + 4, count};
            });
        });
    }

    Result<std::string> text(uint64_t table, uint64_t index)
    {
        constexpr uint64_t maximum = 4096;
        return vector(table, index, 1).and_then([&](FlatVector place) -> Result<std::string> {
            // names may be stored once and used by every tensor
            m_textNbytes += std::min(place.count, maximum);
            if (m_textNbytes > 64 * m_source.nbytes())
                return failure(Error("resource-bomb", "The names in the file have more than 64 times its own size together: beyond the limit.").at(m_source.path()).atByte(place.first));
            return m_source.read(place.first, std::min(place.count, maximum)).map([](const std::vector<std::byte>& bytes) { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); });
        });
    }

    [[nodiscard]] Error past(uint64_t at) const
    {
        return Error("truncated", fmt::format("What the file holds at byte {} leads past its end at byte {}: it is cut or damaged.", at, m_source.nbytes())).at(m_source.path()).atByte(at).fixedBy("Copy or download the file again.");
    }

private:
    const ByteSource& m_source;
    std::vector<std::byte> m_window;
    uint64_t m_windowStart = 0;
    uint64_t m_textNbytes = 0;
};

class LiteReader {
public:
    LiteReader(const Candidate& candidate, JobContext& job) : m_candidate(candidate), m_job(job), m_flat(*candidate.source) {}

    Result<Checkpoint> read()
    {
        m_checkpoint.shards.push_back({m_candidate.path, "tflite", m_candidate.source});
        m_checkpoint.metadata = Value::Map{};
        return m_flat.follow(0).and_then([this](uint64_t model) { return readModel(model); }).map([this] {
            m_checkpoint.metadata.set("quantization", std::move(m_quantization));
            return std::move(m_checkpoint);
        });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message, uint64_t offset) const { return Error(std::move(rule), std::move(message)).at(m_candidate.path).atByte(offset); }

    /// Model: 0 version, 1 operator_codes, 2 subgraphs, 3 description, 4 buffers.
    Result<void> readModel(uint64_t model)
    {
        const auto version = m_flat.scalar<uint32_t>(model, 0, 0);
        if (!version)
            return tl::unexpected(version.error());
        const auto description = m_flat.text(model, 3);
        if (!description)
            return tl::unexpected(description.error());
        m_checkpoint.metadata.set("version", *version);
        m_checkpoint.metadata.set("description", shown(*description));
        return m_flat.vector(model, 1, 4)
            .and_then([&](FlatVector codes) { return readOperatorCodes(codes); })
            .and_then([&] { return m_flat.vector(model, 4, 4); })
            .and_then([&](FlatVector buffers) { return readBuffers(buffers); })
            .and_then([&] { return m_flat.vector(model, 2, 4); })
            .and_then([&](FlatVector graphs) -> Result<void> {
                m_checkpoint.metadata.set("subgraphs", graphs.count);
                for (uint64_t i = 0; i < graphs.count; ++i) {
                    auto read = m_flat.follow(graphs.first + 4 * i).and_then([&](uint64_t graph) { return m_flat.vector(graph, 0, 4); }).and_then([&](FlatVector tensors) { return readTensors(tensors); });
                    if (!read)
                        return read;
                }
                return {};
            });
    }

    /// OperatorCode: 0 the number of a built-in operator, 1 the name of a custom one, without which the model cannot run.
    Result<void> readOperatorCodes(FlatVector codes)
    {
        constexpr size_t mostNames = 100;
        Value::List names;
        for (uint64_t i = 0; i < codes.count; ++i) {
            const auto code = m_flat.follow(codes.first + 4 * i);
            const auto builtin = code.and_then([&](uint64_t table) { return m_flat.scalar<int8_t>(table, 0, 0); });
            const auto name = builtin.and_then([&](int8_t) { return m_flat.text(*code, 1); });
            if (!name)
                return tl::unexpected(name.error());
            if (!name->empty() && names.size() < mostNames)
                names.push_back(shown(*name));
        }
        m_checkpoint.metadata.set("operators", codes.count);
        m_checkpoint.metadata.set("custom_operators", std::move(names));
        return {};
    }

    /// Buffer: 0 data, or 1 offset and 2 size of data behind the FlatBuffer (files beyond 2 GiB; 0 and 1 stand for "none" there).
    Result<void> readBuffers(FlatVector buffers)
    {
        for (uint64_t i = 0; i < buffers.count; ++i) {
            const auto buffer = m_flat.follow(buffers.first + 4 * i);
            const auto data = buffer.and_then([&](uint64_t table) { return m_flat.vector(table, 0, 1); });
            if (!data)
                return tl::unexpected(data.error());
            const auto offset = m_flat.scalar<uint64_t>(*buffer, 1, 0);
            const auto nbytes = offset.and_then([&](uint64_t) { return m_flat.scalar<uint64_t>(*buffer, 2, 0); });
            if (!nbytes)
                return tl::unexpected(nbytes.error());
            const bool isBehind = data->count == 0 && *offset > 1;
            if (isBehind && !fits(*offset, *nbytes, m_candidate.nbytes))
                return failure(m_flat.past(*buffer));
            m_buffers.push_back(isBehind ? FlatVector{*offset, *nbytes} : *data);
        }
        return {};
    }

    Result<void> readTensors(FlatVector tensors)
    {
        m_seen += tensors.count;
        if (m_seen > limits::tensors)
            return failure(error("resource-bomb", fmt::format("The file names more than {} tensors.", limits::tensors), tensors.first));
        for (uint64_t i = 0; i < tensors.count; ++i) {
            if (m_job.cancelled())
                return failure(cancelledError());
            if (auto read = m_flat.follow(tensors.first + 4 * i).and_then([&](uint64_t table) { return readTensor(table); }); !read)
                return read;
        }
        return {};
    }

    /// Tensor: 0 shape, 1 type, 2 buffer, 3 name, 4 quantization, 5 is_variable, 6 sparsity.
    Result<void> readTensor(uint64_t table)
    {
        const auto buffer = m_flat.scalar<uint32_t>(table, 2, 0);
        if (!buffer)
            return tl::unexpected(buffer.error());
        if (*buffer >= std::max<size_t>(m_buffers.size(), 1))
            return failure(error("inconsistent-index", fmt::format("A tensor is in the buffer {}, but the file has {}.", *buffer, m_buffers.size()), table));
        TensorInfo tensor;
        const bool hasValues = !m_buffers.empty() && m_buffers[*buffer].count > 0;
        auto read = m_flat.text(table, 3).map([&](std::string name) { tensor.name = std::move(name); }).and_then([&] { return readShape(table, tensor.shape); });
        if (!read || !hasValues)
            return read;
        return m_flat.scalar<uint8_t>(table, 1, 0)
            .and_then([&](uint8_t type) { return place(tensor, type, m_buffers[*buffer], table); })
            .and_then([&] { return readQuantization(table, tensor.name); })
            .map([&] { m_checkpoint.tensors.push_back(std::move(tensor)); });
    }

    Result<void> readShape(uint64_t table, Shape& shape)
    {
        return m_flat.vector(table, 0, 4).and_then([&](FlatVector sizes) -> Result<void> {
            if (sizes.count > limits::dimensions)
                return failure(error("resource-bomb", fmt::format("A shape has {} dimensions, more than the limit of {}.", sizes.count, limits::dimensions), sizes.first));
            for (uint64_t d = 0; d < sizes.count; ++d) {
                const auto size = m_flat.number<int32_t>(sizes.first + 4 * d);
                if (!size)
                    return tl::unexpected(size.error());
                shape.push_back(*size);
            }
            return {};
        });
    }

    Result<void> place(TensorInfo& tensor, uint8_t type, FlatVector buffer, uint64_t table)
    {
        if (type >= types.size())
            return failure(error("bad-dtype", fmt::format("The tensor {} has the unknown type {}.", shown(tensor.name, 120), type), table));
        tensor.dtype = types[type].dtype;
        if (tensor.dtype == Unknown)
            tensor.writerDtype = types[type].name;
        const auto elements = numel(tensor.shape);
        if (!elements)
            return failure(error("bad-shape", fmt::format("The shape {} of the tensor {} has a negative size or overflows.", formatShape(tensor.shape), shown(tensor.name, 120)), table));
        tensor.storage = {StorageKind::Raw, 0, buffer.first, buffer.count, 0, false, {}};
        const auto sparsity = m_flat.target(table, 6);
        if (!sparsity)
            return tl::unexpected(sparsity.error());
        if (*sparsity)
            tensor.layout = "sparse"; // the buffer holds the values that are not zero
        const bool isPacked = info(tensor.dtype).bitsPerElement < 8;
        if (tensor.dtype == Unknown || tensor.dtype == String || isPacked || *sparsity) {
            tensor.storage.kind =
                isPacked && !*sparsity && nbytesOf(tensor.dtype, *elements) == buffer.count ? StorageKind::Raw : StorageKind::Absent;
            return {};
        }
        const auto nbytes = nbytesOf(tensor.dtype, *elements);
        if (!nbytes || *nbytes != buffer.count)
            return failure(error("bad-shape", fmt::format("The tensor {} says {} of {} ({} bytes), but its buffer holds {} bytes.", shown(tensor.name, 120), formatShape(tensor.shape), name(tensor.dtype),
                                                          nbytes.value_or(0), buffer.count), buffer.first));
        return {};
    }

    /// QuantizationParameters: 2 scale, 3 zero_point, 6 quantized_dimension. Of each list the first few go to the metadata.
    Result<void> readQuantization(uint64_t table, const std::string& name)
    {
        constexpr uint64_t shownNumbers = 16;
        const auto parameters = m_flat.target(table, 4);
        if (!parameters)
            return tl::unexpected(parameters.error());
        if (!*parameters)
            return {};
        Value::List scales;
        Value::List zeroPoints;
        const auto scale = m_flat.vector(**parameters, 2, 4);
        const auto zero = scale.and_then([&](FlatVector) { return m_flat.vector(**parameters, 3, 8); });
        const auto axis = zero.and_then([&](FlatVector) { return m_flat.scalar<int32_t>(**parameters, 6, 0); });
        if (!axis)
            return tl::unexpected(axis.error());
        for (uint64_t i = 0; i < std::min(scale->count, shownNumbers); ++i)
            scales.emplace_back(static_cast<double>(m_flat.number<float>(scale->first + 4 * i).value_or(0)));
        for (uint64_t i = 0; i < std::min(zero->count, shownNumbers); ++i)
            zeroPoints.emplace_back(m_flat.number<int64_t>(zero->first + 8 * i).value_or(0));
        if (scale->count == 0)
            return {};
        m_quantization.emplace_back(name, Value::Map{{"scale", std::move(scales)}, {"zero_point", std::move(zeroPoints)}, {"channels", scale->count}, {"axis", *axis}});
        return {};
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    FlatBuffer m_flat;
    std::vector<FlatVector> m_buffers;
    uint64_t m_seen = 0;
    Value::Map m_quantization;
    Checkpoint m_checkpoint;
};

class TfLite final : public Format {
public:
    FormatInfo info() const override { return {"tflite", "TensorFlow Lite", {".tflite", ".lite"}}; }

    bool probe(const Candidate& candidate) const override
    {
        const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
        return !candidate.isFolder && head.substr(0, 8).substr(std::min<size_t>(head.size(), 4)) == "TFL3";
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return LiteReader(candidate, job).read(); }
};

} // namespace

const Format& tfliteFormat()
{
    static const TfLite format;
    return format;
}

} // namespace weighbridge
