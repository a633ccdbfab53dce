// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; external data: docs/ExternalData.md there.
#include "core/format/format.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/sidecar.h"
#include "core/format/detail/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <unordered_set>

namespace weighbridge {
namespace {

using enum DType;

/// TensorProto.DataType
constexpr std::array types{Unknown,     F32, U8,  I8,  U16,     I16,     I32,     I64,     String,      Bool,
                           F16,         F64, U32, U64, C64,     C128,    BF16,    F8_E4M3, F8_E4M3FNUZ, F8_E5M2,
                           F8_E5M2FNUZ, U4,  I4,  F4,  F8_E8M0, U2,      I2,      F6_E2M3, F6_E3M2};
constexpr int64_t newestIrVersion = 14;
constexpr size_t maximumNesting = 64;

/// A TensorProto, read as far as its header goes.
struct RawTensor {
    std::string name;
    Shape shape;
    uint64_t type = 0;
    std::optional<WireField> raw;
    std::vector<WireField> typed;     ///< float_data, int32_data ...: chunks of one repeated field
    uint32_t typedNumber = 0;
    bool isExternal = false;
    std::vector<std::pair<std::string, std::string>> external;
};

class OnnxReader {
public:
    OnnxReader(const Candidate& candidate, JobContext& job) : m_candidate(candidate), m_job(job), m_source(*candidate.source) {}

    Result<Checkpoint> read()
    {
        m_checkpoint.shards.push_back({m_candidate.path, "onnx", m_candidate.source});
        m_checkpoint.metadata = Value::Map{};
        return readModel().and_then([this] { return readGraphs(); }).map([this] {
            if (!m_checkpoint.metadata.find("opset"))
                note("truncated", "The file names no operator set",
                     "Every ONNX model names one behind its graph: the end of the file is probably cut.", "");
            noteDuplicates();
            if (!m_details.empty())
                m_checkpoint.metadata.set("tensor_details", std::move(m_details));
            return std::move(m_checkpoint);
        });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message, uint64_t offset) const { return Error(std::move(rule), std::move(message)).at(m_candidate.path).atByte(offset); }

    Result<void> readModel()
    {
        bool hasGraph = false;
        auto read = eachField(WireMessage(m_source, 0, m_candidate.nbytes), [&](WireMessage& message, const WireField& field) -> Result<void> {
            if (field.isNumber(1))
                setIrVersion(static_cast<int64_t>(field.value));
            else if (field.isMessage(7)) {
                hasGraph = true;
                m_graphs.push_back({field, 0, false});
            } else if (field.isMessage(20))
                return readTraining(field);
            else if (field.isMessage(25))
                m_graphs.push_back({field, 0, true});
            else if (field.isMessage(14))
                return readProperty(field);
            else if (field.isMessage(8))
                return readOpset(field);
            else if (field.type == 2 && (field.number == 2 || field.number == 3 || field.number == 4 || field.number == 6))
                return message.text(field).map([&](const std::string& text) {
                    constexpr std::array<const char*, 7> names{"", "", "producer_name", "producer_version", "domain", "", "doc_string"};
                    m_checkpoint.metadata.set(names[field.number], text);
                });
            return {};
        });
        if (read && !hasGraph)
            return failure(error("not-a-checkpoint", "This is no ONNX model: it holds no graph.", 0));
        return read;
    }

    void setIrVersion(int64_t version)
    {
        m_checkpoint.metadata.set("ir_version", version);
        if (version > newestIrVersion)
            note("unsupported-version", "The file says that it is newer than any known ONNX", fmt::format("Its ir_version is {}; the newest known is {}.", version, newestIrVersion), "");
    }

    Result<std::pair<std::string, std::string>> readPair(const WireField& pair)
    {
        std::pair<std::string, std::string> out;
        return eachField(WireMessage(m_source, pair), [&](WireMessage& message, const WireField& field) -> Result<void> {
                   if (!field.isMessage(1) && !field.isMessage(2))
                       return {};
                   return message.text(field).map([&](std::string text) { (field.number == 1 ? out.first : out.second) = std::move(text); });
               })
            .map([&] { return out; });
    }
    Result<void> readProperty(const WireField& property)
    {
        return readPair(property).map([this](const auto& pair) {
            Value properties = m_checkpoint.metadata.find("metadata_props") ? *m_checkpoint.metadata.find("metadata_props") : Value(Value::Map{});
            properties.set(pair.first, pair.second);
            m_checkpoint.metadata.set("metadata_props", std::move(properties));
        });
    }
    Result<void> readOpset(const WireField& opset)
    {
        std::string domain = "ai.onnx";
        int64_t version = 0;
        return eachField(WireMessage(m_source, opset), [&](WireMessage& message, const WireField& field) -> Result<void> {
                   if (field.isNumber(2))
                       version = static_cast<int64_t>(field.value);
                   if (field.isMessage(1) && field.nbytes > 0)
                       return message.text(field).map([&](std::string text) { domain = std::move(text); });
                   return {};
               })
            .map([&] {
                Value opsets = m_checkpoint.metadata.find("opset") ? *m_checkpoint.metadata.find("opset") : Value(Value::Map{});
                opsets.set(domain, version);
                m_checkpoint.metadata.set("opset", std::move(opsets));
            });
    }

    struct Pending {
        WireField field;
        size_t depth;
        bool isFunction; ///< of the model: nodes alone
    };

    /// How a model is trained: a graph that sets the start values, and one that makes a step.
    Result<void> readTraining(const WireField& training)
    {
        return eachField(WireMessage(m_source, training), [&](WireMessage&, const WireField& field) -> Result<void> {
            if (field.isMessage(1) || field.isMessage(2))
                m_graphs.push_back({field, 1, false});
            return {};
        });
    }

    /// The main graph, the graphs inside its nodes (If, Loop) and functions, from a list instead of by recursion.
    Result<void> readGraphs()
    {
        for (size_t i = 0; i < m_graphs.size(); ++i) {
            const Pending graph = m_graphs[i];
            if (m_job.cancelled())
                return failure(cancelledError());
            if (graph.depth > maximumNesting)
                return failure(error("resource-bomb", fmt::format("Graphs are nested more than {} deep, beyond the limit.", maximumNesting), graph.field.offset));
            auto read = eachField(WireMessage(m_source, graph.field), [&](WireMessage&, const WireField& field) -> Result<void> {
                if (field.isMessage(graph.isFunction ? 7 : 1))
                    return readNode(field, graph.depth);
                if (field.isMessage(5) && !graph.isFunction)
                    return readTensor(field, {});
                if (field.isMessage(15) && !graph.isFunction)
                    return readSparse(field, {});
                return {};
            });
            if (!read)
                return read;
        }
        return {};
    }

    /// Tensors in a node's attributes (Constant) and the graphs it holds.
    Result<void> readNode(const WireField& node, size_t depth)
    {
        std::string output;
        std::vector<WireField> tensors;
        std::vector<WireField> sparse;
        auto read = eachField(WireMessage(m_source, node), [&](WireMessage& message, const WireField& field) -> Result<void> {
            if (field.isMessage(2) && output.empty())
                return message.text(field).map([&](std::string text) { output = std::move(text); });
            if (!field.isMessage(5))
                return {};
            return eachField(WireMessage(m_source, field), [&](WireMessage&, const WireField& attribute) -> Result<void> {
                if (attribute.isMessage(5) || attribute.isMessage(10))
                    tensors.push_back(attribute);
                else if (attribute.isMessage(22) || attribute.isMessage(23))
                    sparse.push_back(attribute);
                else if (attribute.isMessage(6) || attribute.isMessage(11))
                    m_graphs.push_back({attribute, depth + 1, false});
                return {};
            });
        });
        if (!read)
            return read;
        for (const WireField& tensor : tensors)
            if (auto taken = readTensor(tensor, "Constant:" + output); !taken)
                return taken;
        for (const WireField& tensor : sparse)
            if (auto taken = readSparse(tensor, "Constant:" + output); !taken)
                return taken;
        return {};
    }

    Result<RawTensor> readRaw(const WireField& place)
    {
        RawTensor raw;
        return eachField(WireMessage(m_source, place),
                         [&](WireMessage& message, const WireField& field) { return readTensorField(message, field, raw); })
            .map([&] { return std::move(raw); });
    }

    /// A SparseTensorProto: values, which have the name, their indices and the shape of the whole. The zeros between are nowhere in the file.
    Result<void> readSparse(const WireField& place, const std::string& nodeName)
    {
        std::optional<WireField> values;
        std::optional<WireField> indices;
        Shape shape;
        auto read = eachField(WireMessage(m_source, place), [&](WireMessage& message, const WireField& field) -> Result<void> {
            if (field.isMessage(1))
                values = field;
            else if (field.isMessage(2))
                indices = field;
            else if (field.number == 3)
                return message.integers(field, shape, limits::dimensions);
            return {};
        });
        if (!read)
            return read;
        if (!values || !indices)
            return failure(error("corrupt", "A sparse tensor has no values or no indices.", place.offset));
        auto parts = readRaw(*values).and_then([&](RawTensor raw) { return build(raw, *values); });
        if (!parts)
            return tl::unexpected(parts.error());
        auto positions = readRaw(*indices).and_then([&](RawTensor raw) { return build(raw, *indices); });
        if (!positions)
            return tl::unexpected(positions.error());
        return addSparse(std::move(*parts), *positions, std::move(shape), nodeName, place.offset);
    }

    Result<void> addSparse(TensorInfo values, const TensorInfo& indices, Shape shape, const std::string& nodeName, uint64_t offset)
    {
        TensorInfo tensor;
        tensor.name = nodeName.empty() ? values.name : nodeName;
        tensor.dtype = values.dtype;
        tensor.shape = std::move(shape);
        tensor.layout = "sparse_coo";
        tensor.storage.kind = StorageKind::Absent;
        const bool fitsTogether = values.shape.size() == 1 && !indices.shape.empty() && indices.shape[0] == values.shape[0];
        const auto elements = numel(tensor.shape);
        if (!elements || !nbytesOf(tensor.dtype, *elements) || !fitsTogether)
            return failure(
                error("bad-shape",
                      fmt::format("The sparse tensor {} of {} has values of {} at indices of {}, which do not fit together.", shown(tensor.name, 120),
                                  formatShape(tensor.shape), formatShape(values.shape), formatShape(indices.shape)),
                      offset));
        const auto part = [](const TensorInfo& info) {
            return Value::Map{{"dtype", info.dtypeName()}, {"shape", Value::List(info.shape.begin(), info.shape.end())}};
        };
        m_details.emplace_back(tensor.name, Value::Map{{"values", part(values)}, {"indices", part(indices)}});
        m_checkpoint.tensors.push_back(std::move(tensor));
        return checkCount(offset);
    }

    Result<void> checkCount(uint64_t offset) const
    {
        if (m_checkpoint.tensors.size() > limits::tensors)
            return failure(error("resource-bomb", fmt::format("The file holds more than {} tensors.", limits::tensors), offset));
        return {};
    }

    Result<void> readTensor(const WireField& place, const std::string& nodeName)
    {
        auto read = readRaw(place);
        if (!read)
            return tl::unexpected(read.error());
        RawTensor& raw = *read;
        if (!nodeName.empty()) {
            // weights that an exporter folded into the graph; shapes, axes and scalars are not
            if (raw.shape.empty() || raw.type >= types.size() || !isFloating(types[raw.type]))
                return {};
            raw.name = nodeName;
        }
        if (!isValidUtf8(raw.name))
            note("corrupt", "A tensor's name is not UTF-8", shown(raw.name, 120), "");
        return build(raw, place).map([this](TensorInfo tensor) { m_checkpoint.tensors.push_back(std::move(tensor)); }).and_then([this, &place] {
            return checkCount(place.offset);
        });
    }

    Result<void> readTensorField(WireMessage& message, const WireField& field, RawTensor& raw)
    {
        switch (field.number) {
        case 1: return message.integers(field, raw.shape, limits::dimensions);
        case 2: raw.type = field.value; return {};
        case 8: return message.text(field).map([&](std::string text) { raw.name = std::move(text); });
        case 9: raw.raw = field; return {};
        case 13: return readPair(field).map([&](auto pair) { raw.external.push_back(std::move(pair)); });
        case 14: raw.isExternal = field.value == 1; return {};
        case 4: case 5: case 7: case 10: case 11:
            raw.typedNumber = field.number;
            raw.typed.push_back(field);
            return {};
        default: return {};
        }
    }

    Result<TensorInfo> build(RawTensor& raw, const WireField& place)
    {
        TensorInfo tensor;
        tensor.name = std::move(raw.name);
        tensor.shape = std::move(raw.shape);
        if (raw.type == 0 || raw.type >= types.size())
            return failure(error("bad-dtype", fmt::format("The tensor {} has the {} data type {}.", shown(tensor.name, 120), raw.type == 0 ? "undefined" : "unknown", raw.type), place.offset));
        tensor.dtype = types[raw.type];
        const auto elements = numel(tensor.shape);
        if (!elements)
            return failure(error(
                "bad-shape",
                fmt::format("The shape {} of the tensor {} has a negative size or overflows.", formatShape(tensor.shape), shown(tensor.name, 120)),
                place.offset));
        const bool hasNoValues = tensor.dtype == String;
        const auto nbytes = hasNoValues ? std::optional<uint64_t>(0) : packedNbytesOf(tensor.dtype, *elements);
        if (!nbytes)
            return failure(error("bad-shape", fmt::format("The size of the tensor {} overflows.", shown(tensor.name, 120)), place.offset));
        if (hasNoValues) {
            tensor.storage.kind = StorageKind::Absent;
            return tensor;
        }
        if (raw.isExternal)
            return placeExternal(std::move(tensor), raw, *nbytes);
        if (raw.raw || raw.typed.empty())
            return placeRaw(std::move(tensor), raw.raw.value_or(WireField{9, 2, 0, place.offset, 0}), *nbytes);
        return placeTyped(std::move(tensor), raw, *elements, *nbytes);
    }

    Result<TensorInfo> placeRaw(TensorInfo tensor, const WireField& raw, uint64_t nbytes)
    {
        if (raw.nbytes != nbytes)
            return failure(error("bad-shape", fmt::format("The tensor {} says {} of {} ({} bytes), but holds {} bytes.", shown(tensor.name, 120), formatShape(tensor.shape), name(tensor.dtype), nbytes, raw.nbytes), raw.offset));
        tensor.storage = {StorageKind::Raw, 0, raw.offset, nbytes, 0, false, {}};
        return tensor;
    }

    /// Values in float_data, int32_data ...: 4 and 8 byte floats lie in the file as they are, varints are unpacked.
    Result<TensorInfo> placeTyped(TensorInfo tensor, const RawTensor& raw, uint64_t elements, uint64_t nbytes)
    {
        const bool isFixed = raw.typedNumber == 4 || raw.typedNumber == 10;
        if (isFixed && raw.typed.size() == 1 && raw.typed[0].type == 2)
            return placeRaw(std::move(tensor), raw.typed[0], nbytes);
        auto bytes = isFixed ? fixedValues(raw, nbytes) : varintValues(tensor, raw, elements, nbytes);
        if (!bytes)
            return tl::unexpected(bytes.error());
        if (bytes->size() != nbytes)
            return failure(error("bad-shape",
                                 fmt::format("The tensor {} says {} of {} ({} bytes), but holds {} bytes.", shown(tensor.name, 120),
                                             formatShape(tensor.shape), name(tensor.dtype), nbytes, bytes->size()),
                                 raw.typed[0].offset));
        tensor.storage = {StorageKind::Memory, 0, m_checkpoint.inlineStorages.size(), nbytes, 0, false, {}};
        m_checkpoint.inlineStorages.push_back(std::move(*bytes));
        return tensor;
    }

    /// Floats in several runs, or each by itself, as old writers have them; one byte more than `nbytes` at most.
    Result<std::vector<std::byte>> fixedValues(const RawTensor& raw, uint64_t nbytes)
    {
        std::vector<std::byte> out;
        for (const WireField& field : raw.typed) {
            if (field.type == 2) {
                const auto run = m_source.read(field.offset, std::min(field.nbytes, nbytes + 1));
                if (!run)
                    return tl::unexpected(run.error());
                out.insert(out.end(), run->begin(), run->end());
            } else {
                append(out, field.value, field.type == 5 ? 4 : 8);
            }
            if (out.size() > nbytes)
                break;
        }
        return out;
    }

    /// One number an element, or a byte of several packed ones; 6-bit floats stand alone here, in a byte each.
    Result<std::vector<std::byte>> varintValues(const TensorInfo& tensor, const RawTensor& raw, uint64_t elements, uint64_t nbytes)
    {
        const uint32_t bits = info(tensor.dtype).bitsPerElement;
        const uint64_t wanted = bits < 8 && bits != 6 ? nbytes : elements;
        std::vector<int64_t> values;
        for (const WireField& field : raw.typed) {
            const WireMessage message(m_source, field);
            if (auto read = message.integers(field, values, static_cast<size_t>(std::min<uint64_t>(wanted, limits::inflatedEntryNbytes / 8))); !read)
                return failure(
                    error("bad-shape",
                          fmt::format("The tensor {} holds more values than its shape {} says.", shown(tensor.name, 120), formatShape(tensor.shape)),
                          field.offset));
        }
        if (values.size() != wanted)
            return failure(error("bad-shape",
                                 fmt::format("The tensor {} holds {} values, its shape {} needs {}.", shown(tensor.name, 120), values.size(),
                                             formatShape(tensor.shape), wanted),
                                 raw.typed[0].offset));
        std::vector<std::byte> out;
        if (bits == 6) {
            out.resize(static_cast<size_t>(nbytes));
            for (size_t i = 0; i < 6 * values.size(); ++i)
                out[i / 8] |= static_cast<std::byte>((static_cast<uint64_t>(values[i / 6]) >> (i % 6) & 1) << (i % 8));
            return out;
        }
        out.reserve(static_cast<size_t>(nbytes));
        for (const int64_t value : values)
            append(out, static_cast<uint64_t>(value), std::max<uint32_t>(bits / 8, 1));
        return out;
    }

    static void append(std::vector<std::byte>& out, uint64_t value, uint64_t count)
    {
        for (uint64_t i = 0; i < count; ++i)
            out.push_back(i < 8 ? static_cast<std::byte>(value >> (8 * i)) : std::byte{0});
    }

    static std::optional<uint64_t> parseNumber(const std::string& text)
    {
        uint64_t number = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        return failed == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
    }

    Result<TensorInfo> placeExternal(TensorInfo tensor, const RawTensor& raw, uint64_t nbytes)
    {
        std::map<std::string, std::string> fields;
        for (const auto& [key, value] : raw.external)
            if (!fields.emplace(key, value).second)
                return failure(Error("duplicate-key", fmt::format("The external data of {} give {} twice (duplicate).", shown(tensor.name, 120), shown(key, 60))).at(m_candidate.path));
        const auto offset = fields.count("offset") ? parseNumber(fields["offset"]) : std::optional<uint64_t>(0);
        const auto length = fields.count("length") ? parseNumber(fields["length"]) : std::optional(nbytes);
        if (!offset || !length)
            return failure(Error("inconsistent-index", fmt::format("The external data of {} have an offset or a length that is no number.", shown(tensor.name, 120))).at(m_candidate.path));
        if (*length != nbytes)
            return failure(Error("bad-shape",
                                 fmt::format("The external data of {} have {} bytes, its shape needs {}.", shown(tensor.name, 120), *length, nbytes))
                               .at(m_candidate.path));
        if (fields["location"].empty())
            return failure(Error("inconsistent-index",
                                 fmt::format("The values of {} are said to be in another file, which is not named.", shown(tensor.name, 120)))
                               .at(m_candidate.path)
                               .fixedBy("Export the model again."));
        const auto shard = externalShard(fields["location"]);
        if (!shard)
            return tl::unexpected(shard.error());
        const ByteSource& source = *m_checkpoint.shards[*shard].source;
        if (!fits(*offset, nbytes, source.nbytes()))
            return failure(Error("truncated", fmt::format("The file stops at byte {}, before the end of {} at byte {}+{}.", source.nbytes(), shown(tensor.name, 120), *offset, nbytes)).at(source.path()).atByte(source.nbytes()).fixedBy("Download it again."));
        tensor.storage = {StorageKind::Raw, *shard, *offset, nbytes, 0, false, {}};
        return tensor;
    }

    Result<uint32_t> externalShard(const std::string& location)
    {
        if (const auto known = m_external.find(location); known != m_external.end())
            return known->second;
        auto source = openSidecar(std::filesystem::path(m_candidate.path).parent_path().string(), location, m_candidate.path);
        if (!source)
            return tl::unexpected(source.error());
        const auto shard = static_cast<uint32_t>(m_checkpoint.shards.size());
        if (m_checkpoint.files.empty())
            m_checkpoint.files.push_back({m_candidate.path, m_candidate.nbytes, "onnx"});
        m_checkpoint.files.push_back({(*source)->path(), (*source)->nbytes(), "onnx"});
        m_checkpoint.shards.push_back({(*source)->path(), "onnx", *source});
        m_external.emplace(location, shard);
        return shard;
    }

    void noteDuplicates()
    {
        std::unordered_set<std::string_view> names;
        for (const TensorInfo& tensor : m_checkpoint.tensors)
            if (!names.insert(tensor.name).second && !tensor.name.starts_with("Constant:"))
                note("duplicate-key", "A tensor's name is there twice", fmt::format("{} is a duplicate; which one a runtime takes is not defined.", shown(tensor.name, 120)), tensor.name);
    }
    void note(std::string rule, std::string title, std::string explanation, const std::string& tensor)
    {
        Finding finding = warning(std::move(rule), std::move(title), std::move(explanation));
        if (!tensor.empty())
            finding.tensors.push_back(tensor);
        m_checkpoint.findings.push_back(std::move(finding));
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    const ByteSource& m_source;
    Checkpoint m_checkpoint;
    Value::Map m_details; ///< of sparse tensors, by name
    std::vector<Pending> m_graphs;
    std::map<std::string, uint32_t> m_external;
};

class Onnx final : public Format {
public:
    FormatInfo info() const override { return {"onnx", "ONNX", {".onnx"}}; }

    /// Protobuf has no magic: a ModelProto begins with ir_version (a small number), then strings, and reaches a graph.
    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || candidate.nbytes < 4 || lowered(candidate.path).ends_with(".mlmodel")) // Core ML's begin alike
            return false;
        const bool isNamed = lowered(candidate.path).ends_with(".onnx");
        const auto byte = [&](size_t i) { return static_cast<unsigned>(candidate.head[i]); };
        const bool beginsWithIrVersion = byte(0) == 0x08 && byte(1) > 0 && byte(1) < 0x40;
        const unsigned second = byte(2);
        const bool thenAField = second == 0x12 || second == 0x1A || second == 0x22 || second == 0x28 || second == 0x32 || second == 0x3A || second == 0x42;
        return (beginsWithIrVersion && thenAField && candidate.nbytes >= 16) || (isNamed && (byte(0) & 7) <= 5 && byte(0) >> 3 <= 25 && byte(0) >= 8);
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return OnnxReader(candidate, job).read(); }
};

} // namespace

const Format& onnxFormat()
{
    static const Onnx format;
    return format;
}

} // namespace weighbridge
