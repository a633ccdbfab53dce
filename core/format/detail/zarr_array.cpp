// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/zarr_array.h"

#include "core/base/byte_reader.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/numpy_dtype.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace weighbridge {
namespace {

constexpr uint64_t descriptionNbytes = 4 * limits::MiB;

std::string textOf(const Value* value, std::string_view fallback = "")
{
    return value ? value->stringOr(fallback) : std::string(fallback);
}

class DescriptionReader {
public:
    explicit DescriptionReader(const ByteSource& source) : m_source(source) {}

    Result<std::optional<ZarrArray>> read()
    {
        if (m_source.nbytes() > descriptionNbytes)
            return failure(error("resource-bomb", fmt::format("The description of an array has {}, more than the limit of {}.", formatNbytes(m_source.nbytes()), formatNbytes(descriptionNbytes))));
        const auto bytes = m_source.read(0, m_source.nbytes());
        if (!bytes)
            return tl::unexpected(bytes.error());
        auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, m_source.path());
        if (!document)
            return tl::unexpected(document.error());
        m_root = std::move(document->value);
        if (textOf(m_root.find("node_type")) == "group")
            return std::nullopt;
        const Value* version = m_root.find("zarr_format");
        m_array.version = version && version->integer() && *version->integer() == 3 ? 3 : 2;
        return readShape()
            .and_then([this] { return m_array.version == 3 ? readVersion3() : readVersion2(); })
            .and_then([this] { return checkChunk(); })
            .map([this] {
                readFill();
                return std::optional(std::move(m_array));
            });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const { return Error(std::move(rule), std::move(message)).at(m_source.path()).fixedBy("Copy the checkpoint again."); }

    Result<Shape> sizes(const Value* value, const char* what) const
    {
        Shape out;
        const Value::List* list = value ? value->list() : nullptr;
        if (!list || list->size() > limits::dimensions)
            return failure(error("bad-shape", fmt::format("The description of an array has no {} that is a list of at most {} sizes.", what, limits::dimensions)));
        for (const Value& size : *list) {
            if (!size.integer() || *size.integer() < 0)
                return failure(error("bad-shape", fmt::format("The {} of an array has a size that is no whole number from 0 on.", what)));
            out.push_back(*size.integer());
        }
        if (!numel(out))
            return failure(error("bad-shape", fmt::format("The {} {} of an array overflows.", what, formatShape(out))));
        return out;
    }

    Result<void> readShape()
    {
        return sizes(m_root.find("shape"), "shape").map([this](Shape&& shape) { m_array.shape = std::move(shape); });
    }

    void setType(std::string_view name)
    {
        const NumpyCode type = numpyCode(name);
        m_array.dtype = type.dtype;
        m_array.bigEndian = type.bigEndian;
        m_array.writerDtype = shown(name, 60);
    }

    Result<void> readVersion2()
    {
        setType(textOf(m_root.find("dtype"), "structured"));
        m_array.isFortran = textOf(m_root.find("order")) == "F";
        m_array.separator = textOf(m_root.find("dimension_separator"), ".") == "/" ? '/' : '.';
        if (const Value* compressor = m_root.find("compressor"); compressor && !compressor->isNull())
            addPacking(textOf(compressor->find("id"), "unnamed"));
        if (const Value* filters = m_root.find("filters"); filters && filters->list() && !filters->list()->empty())
            m_array.unknownPacking = "filters";
        return sizes(m_root.find("chunks"), "chunks").map([this](Shape&& chunk) { m_array.chunk = std::move(chunk); });
    }

    void addPacking(const std::string& name)
    {
        if (name == "zstd")
            m_array.packings.push_back(ZarrArray::Packing::Zstandard);
        else if (name == "blosc")
            m_array.packings.push_back(ZarrArray::Packing::Blosc);
        else if (name == "gzip" || name == "zlib")
            m_array.packings.push_back(ZarrArray::Packing::Deflate);
        else if (name == "crc32c")
            m_array.packings.push_back(ZarrArray::Packing::Crc32c);
        else
            m_array.unknownPacking = shown(name, 60);
    }

    static const Value* settingsOf(const Value* part) { return part ? part->find("configuration") : nullptr; }
    static const Value* settingOf(const Value* part, std::string_view name)
    {
        const Value* settings = settingsOf(part);
        return settings ? settings->find(name) : nullptr;
    }

    Result<void> readVersion3()
    {
        setType(textOf(m_root.find("data_type"), "extended"));
        const Value* keys = m_root.find("chunk_key_encoding");
        const bool isDefault = textOf(keys ? keys->find("name") : nullptr, "default") == "default";
        m_array.keyStart = isDefault ? "c/" : "";
        m_array.separator = textOf(settingOf(keys, "separator"), isDefault ? "/" : ".") == "/" ? '/' : '.';
        if (isDefault && m_array.separator == '.')
            m_array.keyStart = "c.";
        auto chunk = sizes(settingOf(m_root.find("chunk_grid"), "chunk_shape"), "chunk_shape");
        if (!chunk)
            return tl::unexpected(chunk.error());
        m_array.chunk = std::move(*chunk);
        return readCodecs(m_root.find("codecs"));
    }

    /// The chain of codecs; that of inner chunks in place of the outer one, if there are any. Shards inside shards nobody writes.
    Result<void> readCodecs(const Value* codecs)
    {
        const Value::List* list = codecs ? codecs->list() : nullptr;
        for (const Value& codec : list ? *list : Value::List()) {
            const std::string name = codec.isString() ? *codec.string() : textOf(codec.find("name"));
            if (name == "sharding_indexed" && !m_array.sharding && list->size() == 1)
                return readSharding(codec);
            if (name == "bytes")
                m_array.bigEndian = textOf(settingOf(&codec, "endian")) == "big";
            else
                addPacking(name);
        }
        return {};
    }

    Result<void> readSharding(const Value& codec)
    {
        m_array.sharding = ZarrArray::Sharding{m_array.chunk, textOf(settingOf(&codec, "index_location")) == "start", false};
        const Value* index = settingOf(&codec, "index_codecs");
        for (const Value& step : index && index->list() ? *index->list() : Value::List())
            m_array.sharding->indexHasChecksum = m_array.sharding->indexHasChecksum || textOf(step.find("name")) == "crc32c";
        auto inner = sizes(settingOf(&codec, "chunk_shape"), "chunk_shape of the shards");
        if (!inner)
            return tl::unexpected(inner.error());
        m_array.chunk = std::move(*inner);
        return readCodecs(settingOf(&codec, "codecs"));
    }

    Result<void> checkChunk() const
    {
        const auto isPositive = [](int64_t size) { return size > 0; };
        if (m_array.chunk.size() != m_array.shape.size() || !std::all_of(m_array.chunk.begin(), m_array.chunk.end(), isPositive))
            return failure(error("bad-shape", fmt::format("Chunks of {} do not fit an array of {}.", formatShape(m_array.chunk), formatShape(m_array.shape))));
        if (!m_array.sharding)
            return {};
        for (size_t d = 0; d < m_array.chunk.size(); ++d)
            if (m_array.sharding->shape.size() != m_array.chunk.size() || m_array.sharding->shape[d] <= 0 || m_array.sharding->shape[d] % m_array.chunk[d] != 0)
                return failure(error("bad-shape", fmt::format("Chunks of {} do not fill shards of {}.", formatShape(m_array.chunk), formatShape(m_array.sharding->shape))));
        return {};
    }

    /// Chunks that are absent are rare in a checkpoint, and nearly always zero: whole numbers and the floats of 4 and 8 bytes are set.
    void readFill()
    {
        const Value* fill = m_root.find("fill_value");
        const uint64_t width = m_array.elementNbytes();
        const double number = fill ? (fill->boolean() ? double(*fill->boolean()) : textOf(fill) == "NaN" ? std::nan("") : fill->number()) : 0;
        if (number == 0 || width == 0)
            return;
        const auto set = [this](const auto& value) {
            m_array.fill.resize(sizeof(value));
            std::memcpy(m_array.fill.data(), &value, sizeof(value));
            if (m_array.bigEndian)
                std::reverse(m_array.fill.begin(), m_array.fill.end());
        };
        const DTypeKind kind = info(m_array.dtype).kind;
        const bool isWhole = kind == DTypeKind::SignedInteger || kind == DTypeKind::UnsignedInteger || kind == DTypeKind::Bool;
        if (m_array.dtype == DType::F32)
            set(static_cast<float>(number));
        else if (m_array.dtype == DType::F64)
            set(number);
        else if (isWhole && fill->number() >= -9e18 && fill->number() <= 9e18) {
            const auto whole = fill->integer() ? *fill->integer() : static_cast<int64_t>(number);
            m_array.fill.resize(static_cast<size_t>(width));
            for (size_t i = 0; i < width; ++i)
                m_array.fill[m_array.bigEndian ? width - 1 - i : i] = static_cast<std::byte>(whole >> (8 * i));
        } else
            m_array.unknownPacking = "a fill value of " + m_array.writerDtype;
    }

    const ByteSource& m_source;
    Value m_root;
    ZarrArray m_array;
};

} // namespace

Result<std::optional<ZarrArray>> readZarrArray(const ByteSource& description)
{
    return DescriptionReader(description).read();
}

} // namespace weighbridge
