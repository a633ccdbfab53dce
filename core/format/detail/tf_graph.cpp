// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/tf_graph.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/tf_proto.h"

#include <fmt/format.h>

#include <map>

namespace weighbridge {
namespace {

class GraphReader {
public:
    GraphReader(const ByteSource& source, JobContext& job, Checkpoint& checkpoint) : m_source(source), m_job(job), m_checkpoint(checkpoint) {}

    Result<void> read(const WireField& graph)
    {
        return eachField(WireMessage(m_source, graph), [&](WireMessage&, const WireField& field) -> Result<void> {
                   if (field.isMessage(1)) {
                       noteOrder();
                       return readNode(field, {});
                   }
                   m_isBehindNodes = true;
                   if (field.isMessage(2))
                       return readLibrary(field);
                   if (field.isMessage(4))
                       return readVersion(field);
                   return {};
               })
            .map([&] { describe(); });
    }

private:
    /// Writers put all nodes first. Protobuf takes two messages that follow each other for one.
    void noteOrder()
    {
        if (m_isBehindNodes && !m_isGlued)
            m_checkpoint.findings.push_back(warning("corrupt", "Two graphs follow each other in the file",
                                                    fmt::format("More nodes stand behind the end of the first {}. TensorFlow reads both as one graph, in which names may be there twice.", m_nodes),
                                                    "Copy or download the file again."));
        m_isGlued = m_isGlued || m_isBehindNodes;
    }

    /// FunctionDefLibrary: 1 function; FunctionDef: 1 signature (its 1 is the name), 3 nodes.
    Result<void> readLibrary(const WireField& library)
    {
        return eachField(WireMessage(m_source, library), [&](WireMessage&, const WireField& function) -> Result<void> {
            if (!function.isMessage(1))
                return {};
            std::string name;
            return eachField(WireMessage(m_source, function), [&](WireMessage&, const WireField& field) -> Result<void> {
                if (field.isMessage(3))
                    return readNode(field, name);
                if (!field.isMessage(1))
                    return {};
                return eachField(WireMessage(m_source, field), [&](WireMessage& message, const WireField& part) -> Result<void> {
                    if (!part.isMessage(1))
                        return {};
                    return message.text(part).map([&](std::string text) { name = std::move(text) + "/"; });
                });
            });
        });
    }

    Result<void> readVersion(const WireField& versions)
    {
        m_checkpoint.metadata.set("producer", 0);
        return eachField(WireMessage(m_source, versions), [&](WireMessage&, const WireField& field) -> Result<void> {
            if (field.isNumber(1))
                m_checkpoint.metadata.set("producer", field.value);
            return {};
        });
    }

    Result<void> readNode(const WireField& node, const std::string& prefix)
    {
        if (m_job.cancelled())
            return failure(cancelledError());
        ++m_nodes;
        std::string name;
        std::string op;
        std::vector<WireField> attributes;
        return eachField(WireMessage(m_source, node), [&](WireMessage& message, const WireField& field) -> Result<void> {
                   if (field.isMessage(1))
                       return message.text(field).map([&](std::string text) { name = std::move(text); });
                   if (field.isMessage(2))
                       return message.text(field).map([&](std::string text) { op = std::move(text); });
                   if (field.isMessage(5))
                       attributes.push_back(field);
                   return {};
               })
            .and_then([&]() -> Result<void> {
                if (m_operators.size() < 1000 || m_operators.count(op) > 0)
                    ++m_operators[op];
                if (op != "Const")
                    return {};
                for (const WireField& attribute : attributes)
                    if (auto read = readAttribute(attribute, prefix + name); !read)
                        return read;
                return {};
            });
    }

    /// An entry of the map of attributes: 1 its key, 2 an AttrValue, whose 8 is a tensor.
    Result<void> readAttribute(const WireField& attribute, const std::string& name)
    {
        std::string key;
        return eachField(WireMessage(m_source, attribute), [&](WireMessage& message, const WireField& field) -> Result<void> {
            if (field.isMessage(1))
                return message.text(field).map([&](std::string text) { key = std::move(text); });
            if (!field.isMessage(2) || key != "value")
                return {};
            return eachField(WireMessage(m_source, field), [&](WireMessage&, const WireField& value) { return value.isMessage(8) ? readConstant(value, name) : Result<void>(); });
        });
    }

    Result<void> readConstant(const WireField& place, const std::string& name)
    {
        const auto proto = readTensorProto(m_source, place);
        if (!proto)
            return tl::unexpected(proto.error());
        TensorInfo tensor;
        tensor.name = name;
        if (auto typed = setTfType(tensor, proto->type, proto->shape, place.offset); !typed)
            return typed;
        constexpr uint64_t fewElements = 64;
        const DTypeKind kind = info(tensor.dtype).kind;
        const bool isWhole = kind == DTypeKind::SignedInteger || kind == DTypeKind::UnsignedInteger || kind == DTypeKind::Bool;
        if (tensor.shape.empty() || kind == DTypeKind::String || kind == DTypeKind::Unknown || (isWhole && tensor.elements() < fewElements))
            return {};
        if (m_checkpoint.tensors.size() == limits::tensors)
            return failure(Error("resource-bomb", fmt::format("The graph holds more than {} constants.", limits::tensors)).atByte(place.offset));
        return placeTfValues(tensor, *proto, m_source, m_checkpoint.inlineStorages).map([&] { m_checkpoint.tensors.push_back(std::move(tensor)); });
    }

    void describe()
    {
        Value::Map operators;
        for (const auto& [op, count] : m_operators)
            operators.emplace_back(op, count);
        m_checkpoint.metadata.set("nodes", m_nodes);
        m_checkpoint.metadata.set("operators", std::move(operators));
    }

    const ByteSource& m_source;
    JobContext& m_job;
    Checkpoint& m_checkpoint;
    uint64_t m_nodes = 0;
    bool m_isBehindNodes = false; ///< something else than a node has been read
    bool m_isGlued = false;
    std::map<std::string, uint64_t> m_operators;
};

} // namespace

Result<void> readTfGraph(const ByteSource& source, const WireField& graph, JobContext& job, Checkpoint& checkpoint)
{
    return GraphReader(source, job, checkpoint).read(graph);
}

} // namespace weighbridge
