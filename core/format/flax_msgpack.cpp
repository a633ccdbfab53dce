// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// flax.serialization: https://github.com/google/flax/blob/main/flax/serialization.py (extension types 1 array, 2 complex number, 3 numpy
// scalar; arrays beyond 1 GiB as maps of chunks) over MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md
#include "core/format/format.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/source_reader.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/torch_dtypes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace weighbridge {
namespace {

constexpr std::string_view chunkedKey = "__msgpack_chunked_array__";

/// The head of one MessagePack value: what it is, and how much follows.
struct Packed {
    enum class Kind : uint8_t { Nil, Bool, Int, Float, Text, Bytes, List, Map, Extension };
    Kind kind = Kind::Nil;
    uint64_t size = 0;      ///< bytes of texts, bytes and extensions; entries of lists and maps
    int64_t integer = 0;    ///< also of Bool
    double real = 0;
    int8_t extension = 0;
};

class PackedReader {
public:
    PackedReader(const ByteSource& source, uint64_t position) : m_source(source), m_reader(source, position, 4096) {}

    [[nodiscard]] uint64_t position() const { return m_reader.position(); }
    [[nodiscard]] uint64_t remaining() const { return m_reader.remaining(); }
    Result<void> skip(uint64_t nbytes) { return m_reader.skip(nbytes); }
    Result<std::string> text(uint64_t nbytes) { return m_reader.takeText(nbytes); }

    Result<Packed> next()
    {
        const uint64_t at = m_reader.position();
        const auto first = m_reader.number<uint8_t>(true);
        if (!first)
            return tl::unexpected(first.error());
        const uint8_t byte = *first;
        if (byte < 0x80 || byte >= 0xe0)
            return Packed{Packed::Kind::Int, 0, static_cast<int8_t>(byte), 0, 0};
        if (byte < 0x90)
            return Packed{Packed::Kind::Map, byte & 0x0FU, 0, 0, 0};
        if (byte < 0xa0)
            return Packed{Packed::Kind::List, byte & 0x0FU, 0, 0, 0};
        if (byte < 0xc0)
            return Packed{Packed::Kind::Text, byte & 0x1FU, 0, 0, 0};
        switch (byte) {
        case 0xc0: return Packed{};
        case 0xc2: case 0xc3: return Packed{Packed::Kind::Bool, 0, byte & 1, 0, 0};
        case 0xc4: case 0xc5: case 0xc6: return sized(Packed::Kind::Bytes, byte - 0xc4U);
        case 0xc7: case 0xc8: case 0xc9: return sized(Packed::Kind::Extension, byte - 0xc7U);
        case 0xca: return m_reader.number<float>(true).map([](float value) { return Packed{Packed::Kind::Float, 0, 0, value, 0}; });
        case 0xcb: return m_reader.number<double>(true).map([](double value) { return Packed{Packed::Kind::Float, 0, 0, value, 0}; });
        case 0xcc: return integer<uint8_t>();
        case 0xcd: return integer<uint16_t>();
        case 0xce: return integer<uint32_t>();
        case 0xcf: return integer<uint64_t>();
        case 0xd0: return integer<int8_t>();
        case 0xd1: return integer<int16_t>();
        case 0xd2: return integer<int32_t>();
        case 0xd3: return integer<int64_t>();
        case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return typed(Packed{Packed::Kind::Extension, uint64_t{1} << (byte - 0xd4U), 0, 0, 0});
        case 0xd9: case 0xda: case 0xdb: return sized(Packed::Kind::Text, byte - 0xd9U);
        case 0xdc: case 0xdd: return sized(Packed::Kind::List, byte - 0xdcU + 1);
        case 0xde: case 0xdf: return sized(Packed::Kind::Map, byte - 0xdeU + 1);
        default: return failure(Error("corrupt", fmt::format("The byte {:02x} at byte {} begins no value of MessagePack.", byte, at)).at(m_source.path()).atByte(at));
        }
    }

private:
    /// A size of 1, 2 or 4 bytes (`power` 0, 1, 2), and that many bytes at least must follow.
    Result<Packed> sized(Packed::Kind kind, unsigned power)
    {
        const uint64_t at = m_reader.position();
        const auto size = power == 0 ? m_reader.number<uint8_t>(true).map([](auto n) { return uint64_t(n); })
            : power == 1             ? m_reader.number<uint16_t>(true).map([](auto n) { return uint64_t(n); })
                                     : m_reader.number<uint32_t>(true).map([](auto n) { return uint64_t(n); });
        if (!size)
            return tl::unexpected(size.error());
        if (*size > m_reader.remaining())
            return failure(Error("truncated", fmt::format("The file stops at byte {}, but a value at byte {} needs {} bytes more.", m_source.nbytes(), at, *size))
                               .at(m_source.path()).atByte(m_source.nbytes()).fixedBy("Copy or download the file again."));
        const Packed out{kind, *size, 0, 0, 0};
        return kind == Packed::Kind::Extension ? typed(out) : Result<Packed>(out);
    }
    Result<Packed> typed(Packed extension)
    {
        return m_reader.number<int8_t>(true).and_then([&](int8_t type) -> Result<Packed> {
            extension.extension = type;
            if (extension.size > m_reader.remaining())
                return failure(Error("truncated", fmt::format("The file stops at byte {}, but an array needs {} bytes from byte {} on.", m_source.nbytes(), extension.size, m_reader.position()))
                                   .at(m_source.path()).atByte(m_source.nbytes()).fixedBy("Copy or download the file again."));
            return extension;
        });
    }
    template <typename T>
    Result<Packed> integer()
    {
        return m_reader.number<T>(true).map([](T value) { return Packed{Packed::Kind::Int, 0, static_cast<int64_t>(value), 0, 0}; });
    }

    const ByteSource& m_source;
    SourceReader m_reader;
};

class FlaxReader {
public:
    FlaxReader(const Candidate& candidate, JobContext& job) : m_candidate(candidate), m_job(job), m_source(*candidate.source), m_reader(m_source, 0) {}

    Result<Checkpoint> read()
    {
        m_checkpoint.shards.push_back({m_candidate.path, "flax-msgpack", m_candidate.source});
        return readAll().map([this] {
            m_checkpoint.metadata = Value::Map{{"values", std::move(m_values)}};
            noteUnknownTypes();
            if (m_reader.remaining() > 0)
                noteTrailing();
            return std::move(m_checkpoint);
        });
    }

private:
    /// A map or list that is being read. What it added to the tensors and values starts at the two indices.
    struct Frame {
        bool isMap = false;
        bool isChunked = false;
        uint64_t left = 0;
        uint64_t index = 0;
        size_t pathNbytes = 0; ///< of the path without this frame's current key
        size_t firstTensor = 0;
        size_t firstValue = 0;
    };

    [[nodiscard]] Error error(std::string rule, std::string message) const { return Error(std::move(rule), std::move(message)).at(m_candidate.path).atByte(m_reader.position()); }

    Result<void> readAll()
    {
        if (auto read = readValue(); !read)
            return read;
        while (!m_frames.empty()) {
            Frame& frame = m_frames.back();
            m_path.resize(frame.pathNbytes);
            if (frame.left == 0) {
                if (auto ended = endFrame(); !ended)
                    return ended;
                continue;
            }
            if (m_job.cancelled())
                return failure(cancelledError());
            --frame.left;
            if (auto named = nextKey(frame); !named)
                return named;
            if (auto read = readValue(); !read)
                return read;
        }
        return {};
    }

    Result<void> nextKey(Frame& frame)
    {
        std::string key = fmt::format("{}", frame.index++);
        if (frame.isMap) {
            const auto head = m_reader.next();
            if (!head)
                return tl::unexpected(head.error());
            if (head->kind == Packed::Kind::Int)
                key = fmt::format("{}", head->integer);
            else if (head->kind != Packed::Kind::Text && head->kind != Packed::Kind::Bytes)
                return failure(error("corrupt", "A key of a map is neither a text nor a number."));
            else if (head->size > limits::nameNbytes)
                return failure(error("resource-bomb", fmt::format("A key has {} bytes, more than any name.", head->size)));
            else if (auto text = m_reader.text(head->size))
                key = std::move(*text);
            else
                return tl::unexpected(text.error());
        }
        frame.isChunked = frame.isChunked || key == chunkedKey;
        m_path += (m_path.empty() ? "" : "/") + key;
        if (m_path.size() > limits::nameNbytes)
            return failure(error("resource-bomb", "Maps are nested so deep that a name is longer than the limit."));
        return {};
    }

    Result<void> readValue()
    {
        const auto head = m_reader.next();
        if (!head)
            return tl::unexpected(head.error());
        switch (head->kind) {
        case Packed::Kind::Map:
        case Packed::Kind::List:
            if (m_frames.size() == limits::jsonDepth)
                return failure(error("resource-bomb", fmt::format("Maps are nested more than {} deep, beyond the limit.", limits::jsonDepth)));
            m_frames.push_back({head->kind == Packed::Kind::Map, false, head->size, 0, m_path.size(), m_checkpoint.tensors.size(), m_values.size()});
            return {};
        case Packed::Kind::Extension: return readExtension(*head);
        case Packed::Kind::Text: {
            constexpr uint64_t longestText = 300;
            const uint64_t end = m_reader.position() + head->size;
            auto text = m_reader.text(std::min(head->size, longestText));
            if (!text)
                return tl::unexpected(text.error());
            return addValue(shown(*text)).and_then([&] { return m_reader.skip(end - m_reader.position()); });
        }
        case Packed::Kind::Bytes: return addValue(fmt::format("{} bytes", head->size)).and_then([&] { return m_reader.skip(head->size); });
        case Packed::Kind::Int: return addValue(head->integer);
        case Packed::Kind::Bool: return addValue(head->integer != 0);
        case Packed::Kind::Float: return addValue(head->real);
        case Packed::Kind::Nil: return addValue(nullptr);
        }
        return {};
    }

    Result<void> addValue(Value value)
    {
        if (m_values.size() + m_checkpoint.tensors.size() >= limits::tensors)
            return failure(error("resource-bomb", fmt::format("The file holds more than {} values.", limits::tensors)));
        m_namesNbytes += m_path.size();
        if (m_namesNbytes > 64 * m_candidate.nbytes)
            return failure(error("resource-bomb", "The names of the values have more than 64 times the file's size together: beyond the limit."));
        m_values.emplace_back(m_path, std::move(value));
        return {};
    }

    Result<void> readExtension(const Packed& extension)
    {
        constexpr int8_t array = 1;
        constexpr int8_t complexNumber = 2;
        constexpr int8_t scalar = 3;
        const uint64_t start = m_reader.position();
        const uint64_t end = start + extension.size;
        if (extension.extension == complexNumber) {
            PackedReader inner(m_source, start);
            const auto pair = inner.next();
            const auto re = pair.and_then([&](const Packed&) { return inner.next(); });
            const auto im = re.and_then([&](const Packed&) { return inner.next(); });
            if (!im || pair->size != 2 || inner.position() != end)
                return failure(error("corrupt", "A complex number is not a pair."));
            return addValue(fmt::format("{}{:+}j", re->real, im->real)).and_then([&] { return m_reader.skip(extension.size); });
        }
        if (extension.extension != array && extension.extension != scalar)
            return failure(error("unsupported-version", fmt::format("The value {} is of the extension type {}, which Flax does not define.", shown(m_path, 120), extension.extension)));
        if (m_checkpoint.tensors.size() >= limits::tensors)
            return failure(error("resource-bomb", fmt::format("The file holds more than {} arrays.", limits::tensors)));
        return readArray(start, end).and_then([&] { return m_reader.skip(extension.size); });
    }

    /// [shape, dtype's name, bytes]
    Result<void> readArray(uint64_t start, uint64_t end)
    {
        TensorInfo tensor;
        tensor.name = m_path;
        PackedReader inner(m_source, start);
        const auto broken = [&](std::string_view why) { return failure(Error("corrupt", fmt::format("The array {} is damaged: {}.", shown(m_path, 120), why)).at(m_candidate.path).atByte(inner.position())); };
        const auto parts = inner.next();
        const auto shape = parts.and_then([&](const Packed&) { return inner.next(); });
        if (!shape)
            return tl::unexpected(shape.error());
        if (parts->kind != Packed::Kind::List || parts->size != 3 || shape->kind != Packed::Kind::List)
            return broken("it is not made of a shape, a dtype and bytes");
        if (shape->size > limits::dimensions)
            return broken(fmt::format("its shape has {} dimensions", shape->size));
        for (uint64_t d = 0; d < shape->size; ++d) {
            const auto size = inner.next();
            if (!size)
                return tl::unexpected(size.error());
            if (size->kind != Packed::Kind::Int)
                return broken("a size of its shape is no whole number");
            tensor.shape.push_back(size->integer);
        }
        const auto type = inner.next();
        if (!type)
            return tl::unexpected(type.error());
        if ((type->kind != Packed::Kind::Text && type->kind != Packed::Kind::Bytes) || type->size > 64)
            return broken("its dtype is no name");
        const auto typeName = inner.text(type->size);
        const auto data = typeName.and_then([&](const std::string&) { return inner.next(); });
        if (!data)
            return tl::unexpected(data.error());
        if (data->kind != Packed::Kind::Bytes || inner.position() + data->size != end)
            return broken("its bytes do not fill it");
        return place(tensor, *typeName, inner.position(), data->size).map([&] { m_checkpoint.tensors.push_back(std::move(tensor)); });
    }

    Result<void> place(TensorInfo& tensor, const std::string& type, uint64_t offset, uint64_t nbytes)
    {
        const auto known = torchDType(type);
        tensor.dtype = known ? known->dtype : DType::Unknown;
        if (tensor.dtype == DType::Unknown)
            tensor.writerDtype = shown(type);
        const auto elements = numel(tensor.shape);
        if (!elements)
            return failure(Error("bad-shape", fmt::format("The shape {} of {} has a negative size or overflows.", formatShape(tensor.shape), shown(m_path, 120))).at(m_candidate.path).atByte(offset));
        tensor.storage = {tensor.dtype == DType::Unknown ? StorageKind::Absent : StorageKind::Raw, 0, offset, nbytes, 0, false, {}};
        const auto needed = nbytesOf(tensor.dtype, *elements);
        if (tensor.dtype != DType::Unknown && needed != nbytes)
            return failure(Error("bad-shape", fmt::format("The array {} says {} of {}, but holds {} bytes.", shown(m_path, 120), formatShape(tensor.shape), name(tensor.dtype), nbytes)).at(m_candidate.path).atByte(offset));
        return {};
    }

    Result<void> endFrame()
    {
        const Frame frame = m_frames.back();
        m_frames.pop_back();
        return frame.isChunked ? joinChunks(frame) : Result<void>();
    }

    /// {chunkedKey: true, shape: {0: ..}, chunks: {0: array, ..}}: the chunks are runs of the flat array.
    Result<void> joinChunks(const Frame& frame)
    {
        const std::string prefix = m_path.empty() ? "" : m_path + "/";
        TensorInfo tensor;
        tensor.name = m_path;
        for (size_t i = frame.firstValue; i < m_values.size(); ++i)
            if (m_values[i].first.starts_with(prefix + "shape/") && m_values[i].second.isInt() && tensor.shape.size() < limits::dimensions)
                tensor.shape.push_back(*m_values[i].second.integer());
        const auto elements = numel(tensor.shape);
        if (m_checkpoint.tensors.size() == frame.firstTensor || !elements)
            return failure(error("corrupt", fmt::format("The array {} in chunks has no chunks or no shape.", shown(m_path, 120))));
        tensor.dtype = m_checkpoint.tensors[frame.firstTensor].dtype;
        Assembly assembly{{static_cast<int64_t>(*elements)}, {}};
        int64_t start = 0;
        for (size_t i = frame.firstTensor; i < m_checkpoint.tensors.size(); ++i) {
            const TensorInfo& chunk = m_checkpoint.tensors[i];
            if (chunk.dtype != tensor.dtype || chunk.storage.kind != StorageKind::Raw)
                return failure(error("bad-dtype", fmt::format("The chunks of {} are of different types.", shown(m_path, 120))));
            const auto count = static_cast<int64_t>(chunk.elements());
            assembly.pieces.push_back({chunk.storage, {start}, {count}});
            start = checkedAdd(start, count).value_or(start);
        }
        if (!isWhole(assembly, tensor.dtype))
            return failure(error("bad-shape", fmt::format("The chunks of {} do not make up its shape {}.", shown(m_path, 120), formatShape(tensor.shape))));
        m_values.resize(frame.firstValue);
        m_checkpoint.tensors.resize(frame.firstTensor);
        tensor.storage = {StorageKind::Pieces, 0, m_checkpoint.assemblies.size(), tensor.nbytes(), 0, false, {}};
        m_checkpoint.assemblies.push_back(std::move(assembly));
        m_checkpoint.tensors.push_back(std::move(tensor));
        return {};
    }

    /// Types of ml_dtypes that have no name here: listed without values.
    void noteUnknownTypes()
    {
        std::vector<std::string> names;
        std::string types;
        for (const TensorInfo& tensor : m_checkpoint.tensors)
            if (tensor.dtype == DType::Unknown) {
                if (types.find(tensor.writerDtype) == std::string::npos)
                    types += (types.empty() ? "" : ", ") + tensor.writerDtype;
                names.push_back(tensor.name);
            }
        if (names.empty())
            return;
        Finding finding = warning("bad-dtype", fmt::format("{} array{} of a data type that is not known here", names.size(), names.size() == 1 ? " is" : "s are"),
                                  fmt::format("{}: name and shape are shown, the values are not read.", types), "Save the arrays as another type if their values are to be looked at.");
        finding.tensors = std::move(names);
        m_checkpoint.findings.push_back(std::move(finding));
    }

    void noteTrailing()
    {
        m_checkpoint.findings.push_back(warning("corrupt", fmt::format("{} bytes follow the end of the state", m_reader.remaining()),
                                                fmt::format("The state ends at byte {} of {}. Flax refuses a file with more behind it.", m_reader.position(), m_candidate.nbytes),
                                                "Copy or download the file again."));
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    const ByteSource& m_source;
    PackedReader m_reader;
    std::vector<Frame> m_frames;
    std::string m_path;
    Value::Map m_values; ///< all that is no array, by path
    uint64_t m_namesNbytes = 0;
    Checkpoint m_checkpoint;
};

/// An array's extension: its size (one, two or four bytes), type 1, a list of three that begins with a list.
bool holdsAnArray(std::string_view head)
{
    for (size_t at = head.find("\x01\x93"); at != std::string_view::npos; at = head.find("\x01\x93", at + 1)) {
        const bool isList = at + 2 < head.size() && (static_cast<uint8_t>(head[at + 2]) & 0xF0) == 0x90;
        for (const size_t back : {2, 3, 5})
            if (isList && at >= back && static_cast<uint8_t>(head[at - back]) == 0xc7 + (back - 1) / 2)
                return true;
    }
    return false;
}

class FlaxMsgpack final : public Format {
public:
    FormatInfo info() const override { return {"flax-msgpack", "Flax (MessagePack)", {".msgpack"}}; }

    /// A map whose first key is a text, and an array near the start (or the name that Flax gives).
    bool probe(const Candidate& candidate) const override
    {
        const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
        if (candidate.isFolder || head.size() < 3)
            return false;
        const auto first = static_cast<uint8_t>(head[0]);
        const size_t key = first == 0xde ? 3 : first == 0xdf ? 5 : (first & 0xF0) == 0x80 && first != 0x80 ? 1 : 0;
        if (key == 0 || key >= head.size())
            return false;
        const auto length = static_cast<uint8_t>(head[key]);
        const bool isText = (length > 0xa0 && length < 0xc0) || (length >= 0xd9 && length <= 0xdb);
        return isText && (holdsAnArray(head) || candidate.path.ends_with(".msgpack"));
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return FlaxReader(candidate, job).read(); }
};

} // namespace

const Format& flaxMsgpackFormat()
{
    static const FlaxMsgpack format;
    return format;
}

} // namespace weighbridge
