// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The intermediate representation of OpenVINO: a graph in XML, whose constants say where their values lie in a file of the same name with .bin.
// https://docs.openvino.ai/2025/documentation/openvino-ir-format.html
#include "core/format/format.h"

#include "core/base/checked.h"
#include "core/base/files.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/sidecar.h"
#include "core/format/detail/xml_tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;
using enum DType;

constexpr uint64_t graphNbytes = 512 * limits::MiB;
constexpr int64_t oldestVersion = 10;
constexpr uint64_t fewIntegers = 64; ///< whole numbers of 32 and 64 bits of fewer elements are shapes, axes and the like

struct Type {
    std::string_view name;
    DType dtype;
};
constexpr std::array types{Type{"f32", F32},      Type{"f16", F16},        Type{"bf16", BF16},      Type{"f64", F64},        Type{"i64", I64},
                           Type{"i32", I32},      Type{"i16", I16},        Type{"i8", I8},          Type{"i4", I4},          Type{"u64", U64},
                           Type{"u32", U32},      Type{"u16", U16},        Type{"u8", U8},          Type{"u4", U4},          Type{"u2", U2},
                           Type{"boolean", Bool}, Type{"f8e4m3", F8_E4M3}, Type{"f8e5m2", F8_E5M2}, Type{"f8e8m0", F8_E8M0}, Type{"f4e2m1", F4},
                           Type{"string", String}};

std::optional<uint64_t> numberOf(const XmlTag& tag, std::string_view key)
{
    const auto text = tag.attribute(key);
    uint64_t number = 0;
    if (!text)
        return std::nullopt;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
    return parsed.ec == std::errc() && parsed.ptr == text->data() + text->size() ? std::optional(number) : std::nullopt;
}

/// "3, 4"; nothing if a size is no number. Empty: a scalar.
std::optional<Shape> shapeOf(std::string_view text)
{
    Shape out;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        std::string_view digits = text.substr(0, comma);
        digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
        int64_t size = 0;
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), size);
        if (parsed.ec != std::errc() || size < 0 || out.size() == limits::dimensions)
            return std::nullopt;
        out.push_back(size);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return out;
}

std::string besideWith(const std::string& path, const char* ending)
{
    return fs::path(path).replace_extension(ending).string();
}

class OpenvinoReader {
public:
    OpenvinoReader(SourcePtr graph, JobContext& job)
        : m_graph(std::move(graph))
        , m_job(job)
    {
    }

    Result<Checkpoint> read()
    {
        if (m_graph->nbytes() > graphNbytes)
            return failure(Error("resource-bomb", fmt::format("The graph has {}, more than the limit of {}.", formatNbytes(m_graph->nbytes()),
                                                              formatNbytes(graphNbytes)))
                               .at(m_graph->path()));
        auto text = m_graph->read(0, m_graph->nbytes());
        if (!text)
            return tl::unexpected(text.error());
        m_text = std::move(*text);
        m_checkpoint.metadata = Value::Map{};
        m_checkpoint.files.push_back({m_graph->path(), m_graph->nbytes(), "openvino"});
        return openValues().and_then([this] { return readTags(); }).map([this] {
            finish();
            return std::move(m_checkpoint);
        });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message, uint64_t byte) const
    {
        return Error(std::move(rule), std::move(message)).at(m_graph->path()).atByte(byte);
    }

    Result<void> openValues()
    {
        const std::string name = fs::path(besideWith(m_graph->path(), ".bin")).filename().string();
        auto source = openSidecar(fs::path(m_graph->path()).parent_path().string(), name, m_graph->path());
        if (!source && source.error().rule == "missing-shard")
            return failure(
                Error("missing-data-shard", fmt::format("The values of this OpenVINO model are in {}, which is missing.", shown(name, 200)))
                    .at(m_graph->path())
                    .expecting(shown(name, 200))
                    .fixedBy("Copy it into the same folder."));
        if (!source)
            return tl::unexpected(source.error());
        m_checkpoint.files.push_back({(*source)->path(), (*source)->nbytes(), "openvino"});
        m_checkpoint.shards.push_back({(*source)->path(), "openvino", std::move(*source)});
        return {};
    }

    Result<void> readTags()
    {
        XmlTags tags({reinterpret_cast<const char*>(m_text.data()), m_text.size()});
        for (;;) {
            auto tag = tags.next();
            if (!tag)
                return failure(tag.error().path.empty() ? Error(tag.error()).at(m_graph->path()) : tag.error());
            if (!*tag)
                return m_isEnded ? Result<void>() : failure(error("truncated", "The graph ends without its closing tag: it is cut.", m_text.size()));
            if (auto read = readTag(**tag); !read)
                return read;
        }
    }

    Result<void> readTag(const XmlTag& tag)
    {
        if (tag.name == "net") {
            m_isEnded = tag.isEnd;
            return tag.isEnd ? Result<void>() : readNet(tag);
        }
        if (tag.name == "rt_info" && !tag.isEmpty)
            m_info += tag.isEnd ? -1 : 1;
        if (tag.isEnd)
            return {};
        if (tag.name == "layer") {
            if (m_job.cancelled())
                return failure(cancelledError());
            m_layer = tag.attribute("name").value_or("");
            m_type = tag.attribute("type").value_or("");
            ++m_layers;
            ++m_operators[m_type];
        }
        if (tag.name == "data" && m_type == "Const")
            return addConstant(tag);
        if (m_info > 0 && m_layerInfo.size() < mostInfo)
            if (auto value = tag.attribute("value"); value && tag.attributes.size() == 1)
                m_layerInfo.emplace_back(std::string(tag.name), std::move(*value));
        return {};
    }

    Result<void> readNet(const XmlTag& net)
    {
        const auto version = numberOf(net, "version");
        if (!version || static_cast<int64_t>(*version) < oldestVersion)
            return failure(error("unsupported-version",
                                 fmt::format("The graph is of version {} of OpenVINO's representation; {} and newer are read.",
                                             version ? std::to_string(*version) : "?", oldestVersion),
                                 net.offset)
                               .fixedBy("Convert the original model again with a current OpenVINO."));
        m_checkpoint.metadata.set("name", shown(net.attribute("name").value_or(""), 200)).set("version", *version);
        return {};
    }

    Result<void> addConstant(const XmlTag& data)
    {
        TensorInfo tensor;
        tensor.name = m_layer;
        const std::string typeName = data.attribute("element_type").value_or("");
        const auto type = std::find_if(types.begin(), types.end(), [&typeName](const Type& row) { return row.name == typeName; });
        tensor.dtype = type == types.end() ? Unknown : type->dtype;
        tensor.writerDtype = type == types.end() ? shown(typeName, 40) : "";
        const auto shape = shapeOf(data.attribute("shape").value_or(""));
        const auto elements = shape ? numel(*shape) : std::nullopt;
        const auto offset = numberOf(data, "offset");
        const auto nbytes = numberOf(data, "size");
        if (!elements || !offset || !nbytes)
            return failure(error(
                "bad-shape", fmt::format("The constant {} has a shape, an offset or a size that is no number, or overflows.", shown(m_layer, 120)),
                data.offset));
        tensor.shape = *shape;
        const uint64_t fileNbytes = m_checkpoint.shards[0].source->nbytes();
        if (!fits(*offset, *nbytes, fileNbytes))
            return failure(Error("truncated", fmt::format("The file stops at byte {}, before the end of {} at byte {}.", fileNbytes,
                                                          shown(m_layer, 120), checkedAdd(*offset, *nbytes).value_or(UINT64_MAX)))
                               .at(m_checkpoint.shards[0].path)
                               .atByte(fileNbytes)
                               .fixedBy("Copy the file again: it belongs to another save, or is cut."));
        if (!isWeight(tensor, *elements))
            return {};
        if (const auto needed = packedNbytesOf(tensor.dtype, *elements); needed && *needed != *nbytes)
            return failure(error("bad-shape",
                                 fmt::format("The constant {} says {} of {}, but {} bytes.", shown(m_layer, 120), formatShape(tensor.shape),
                                             tensor.dtypeName(), *nbytes),
                                 data.offset));
        const bool hasNumbers = tensor.dtype != Unknown && tensor.dtype != String;
        tensor.storage = {hasNumbers ? StorageKind::Raw : StorageKind::Absent, 0, *offset, *nbytes, 0, false, {}};
        if (m_checkpoint.tensors.size() == limits::tensors)
            return failure(error("resource-bomb", fmt::format("The graph holds more than {} constants.", limits::tensors), data.offset));
        m_checkpoint.tensors.push_back(std::move(tensor));
        return {};
    }

    static bool isWeight(const TensorInfo& tensor, uint64_t elements)
    {
        const bool isCount = tensor.dtype == I64 || tensor.dtype == I32 || tensor.dtype == Bool;
        return isCount ? elements >= fewIntegers : !tensor.shape.empty();
    }

    void finish()
    {
        Value::Map operators;
        for (const auto& [name, count] : m_operators)
            operators.emplace_back(name, count);
        m_checkpoint.metadata.set("layers", m_layers).set("operators", std::move(operators));
        if (!m_layerInfo.empty())
            m_checkpoint.metadata.set("rt_info", std::move(m_layerInfo));
    }

    static constexpr size_t mostInfo = 1000;

    SourcePtr m_graph;
    JobContext& m_job;
    std::vector<std::byte> m_text;
    bool m_isEnded = false;
    int m_info = 0;              ///< open rt_info tags
    std::string m_layer, m_type; ///< of the layer that is being read
    uint64_t m_layers = 0;
    std::map<std::string, uint64_t> m_operators;
    Value::Map m_layerInfo;
    Checkpoint m_checkpoint;
};

bool isGraph(std::span<const std::byte> head)
{
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    const size_t net = text.find("<net ");
    return net != std::string_view::npos && (text.starts_with("<?xml") || net == 0);
}

class Openvino final : public Format {
public:
    FormatInfo info() const override { return {"openvino", "OpenVINO", {".xml", ".bin"}}; }

    /// The values have no mark of their own: a .bin is known by the graph beside it.
    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder)
            return false;
        return isGraph(candidate.head) || (candidate.path.ends_with(".bin") && graphBeside(candidate.path));
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const SourcePtr graph = isGraph(candidate.head) ? candidate.source : graphBeside(candidate.path);
        return OpenvinoReader(graph, job).read();
    }

private:
    static SourcePtr graphBeside(const std::string& path)
    {
        const std::string graph = besideWith(path, ".xml");
        const auto source = isFile(graph) ? openFile(graph) : failure("not-found", "");
        const auto head = source.and_then([](const SourcePtr& opened) { return opened->readUpTo(0, 1024); });
        return head && isGraph(*head) ? *source : nullptr;
    }
};

} // namespace

const Format& openvinoFormat()
{
    static const Openvino format;
    return format;
}

} // namespace weighbridge
