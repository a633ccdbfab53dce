// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An ONNX graph asks for what its nodes read. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; what operators take:
// https://onnx.ai/onnx/operators/.
#include "core/architecture/file_architecture.h"

#include "core/base/limits.h"
#include "core/format/detail/wire.h"

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t maximumNesting = 64;
constexpr size_t maximumNodes = 4'000'000;
constexpr size_t maximumInputs = 4096; ///< of one node

struct Node {
    std::string op;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::map<std::string, std::vector<int64_t>> numbers; ///< attributes: one or several whole numbers
};

/// The main graph, or one inside a node, which sees the names of those around it.
struct Graph {
    WireField field;
    size_t depth = 0;
    const Graph* outer = nullptr;
    std::unordered_set<std::string> given; ///< inputs, initializers, outputs of nodes
    std::vector<std::string> initializers;
    std::vector<std::string> outputs;
    std::vector<Node> nodes;
    std::unordered_map<std::string, Shape> shapes; ///< that the file declares; -1: not fixed
};

class GraphReader {
public:
    GraphReader(const ByteSource& source, JobContext& job)
        : m_source(source)
        , m_job(job)
    {
    }

    Result<std::deque<Graph>> read()
    {
        auto found = eachField(WireMessage(m_source, 0, m_source.nbytes()), [this](WireMessage&, const WireField& field) -> Result<void> {
            if (field.isMessage(7))
                m_graphs.push_back({field, 0, nullptr, {}, {}, {}, {}, {}});
            return {};
        });
        for (size_t i = 0; i < m_graphs.size() && found; ++i)
            found = m_graphs[i].depth > maximumNesting ? failure("resource-bomb", "") : readGraph(m_graphs[i]);
        if (!found)
            return tl::unexpected(found.error());
        return std::move(m_graphs);
    }

private:
    Result<void> readGraph(Graph& graph)
    {
        return eachField(WireMessage(m_source, graph.field), [&](WireMessage&, const WireField& field) -> Result<void> {
            if (field.isMessage(1))
                return readNode(field, graph);
            if (field.isMessage(5))
                return nameAt(field, 8).map([&graph](std::string name) { addInitializer(graph, std::move(name)); });
            if (field.isMessage(15)) // a sparse one: its name is that of its values
                return eachField(WireMessage(m_source, field), [&](WireMessage&, const WireField& values) -> Result<void> {
                    return values.isMessage(1) ? nameAt(values, 8).map([&graph](std::string name) { addInitializer(graph, std::move(name)); })
                                               : Result<void>();
                });
            if (field.isMessage(11) || field.isMessage(12) || field.isMessage(13))
                return readValueInfo(field, graph);
            return {};
        });
    }
    static void addInitializer(Graph& graph, std::string name)
    {
        graph.given.insert(name);
        graph.initializers.push_back(std::move(name));
    }
    Result<std::string> nameAt(const WireField& place, uint32_t number)
    {
        std::string out;
        return eachField(WireMessage(m_source, place),
                         [&](WireMessage& message, const WireField& field) -> Result<void> {
                             return field.isMessage(number) ? message.text(field).map([&out](std::string text) { out = std::move(text); })
                                                            : Result<void>();
                         })
            .map([&out] { return out; });
    }

    Result<void> readNode(const WireField& place, Graph& graph)
    {
        if (++m_nodes > maximumNodes)
            return failure("resource-bomb", "The graph has too many nodes.");
        if (m_nodes % 4096 == 0 && m_job.cancelled())
            return failure(cancelledError());
        Node node;
        auto read = eachField(WireMessage(m_source, place), [&](WireMessage& message, const WireField& field) -> Result<void> {
            if ((field.isMessage(1) || field.isMessage(2)) && node.inputs.size() + node.outputs.size() < maximumInputs)
                return message.text(field).map(
                    [&](std::string text) { (field.number == 1 ? node.inputs : node.outputs).push_back(std::move(text)); });
            if (field.isMessage(4))
                return message.text(field).map([&](std::string text) { node.op = std::move(text); });
            return field.isMessage(5) ? readAttribute(field, node, graph) : Result<void>();
        });
        if (!read)
            return read;
        graph.given.insert(node.outputs.begin(), node.outputs.end());
        graph.nodes.push_back(std::move(node));
        return {};
    }
    Result<void> readAttribute(const WireField& place, Node& node, const Graph& graph)
    {
        std::string name;
        std::vector<int64_t> numbers;
        auto read = eachField(WireMessage(m_source, place), [&](WireMessage& message, const WireField& field) -> Result<void> {
            if (field.isMessage(1))
                return message.text(field).map([&](std::string text) { name = std::move(text); });
            if (field.isMessage(6) || field.isMessage(11))
                m_graphs.push_back({field, graph.depth + 1, &graph, {}, {}, {}, {}, {}});
            if (field.number == 3 && field.type == 0)
                numbers.push_back(static_cast<int64_t>(field.value));
            return field.number == 8 ? message.integers(field, numbers, limits::dimensions) : Result<void>();
        });
        if (read)
            node.numbers[name] = std::move(numbers);
        return read;
    }

    Result<void> readValueInfo(const WireField& place, Graph& graph)
    {
        std::string name;
        std::optional<Shape> shape;
        auto read = eachField(WireMessage(m_source, place), [&](WireMessage& message, const WireField& field) -> Result<void> {
            if (field.isMessage(1))
                return message.text(field).map([&](std::string text) { name = std::move(text); });
            return field.isMessage(2) ? readType(field, shape) : Result<void>();
        });
        if (!read)
            return read;
        if (place.number == 11)
            graph.given.insert(name);
        if (place.number == 12)
            graph.outputs.push_back(name);
        if (shape)
            graph.shapes.insert_or_assign(std::move(name), std::move(*shape));
        return {};
    }
    /// TypeProto, of a plain tensor: tensor_type, its shape, the sizes that are numbers.
    Result<void> readType(const WireField& type, std::optional<Shape>& shape)
    {
        return eachField(WireMessage(m_source, type), [&](WireMessage&, const WireField& tensor) -> Result<void> {
            if (!tensor.isMessage(1))
                return {};
            return eachField(WireMessage(m_source, tensor), [&](WireMessage&, const WireField& dimensions) -> Result<void> {
                if (!dimensions.isMessage(2))
                    return {};
                shape.emplace();
                return eachField(WireMessage(m_source, dimensions),
                                 [&](WireMessage&, const WireField& dimension) { return readDimension(dimension, *shape); });
            });
        });
    }
    Result<void> readDimension(const WireField& dimension, Shape& shape)
    {
        if (!dimension.isMessage(1) || shape.size() >= limits::dimensions)
            return {};
        shape.push_back(-1);
        return eachField(WireMessage(m_source, dimension), [&shape](WireMessage&, const WireField& field) -> Result<void> {
            if (field.isNumber(1))
                shape.back() = field.value <= INT64_MAX ? static_cast<int64_t>(field.value) : -1;
            return {};
        });
    }

    const ByteSource& m_source;
    JobContext& m_job;
    std::deque<Graph> m_graphs; ///< grows while it is read: a deque keeps its places
    size_t m_nodes = 0;
};

const Shape* shapeOf(const Graph& graph, const std::string& name)
{
    for (const Graph* at = &graph; at; at = at->outer)
        if (const auto found = at->shapes.find(name); found != at->shapes.end())
            return &found->second;
    return nullptr;
}

int64_t numberOf(const Node& node, const std::string& attribute, int64_t fallback)
{
    const auto found = node.numbers.find(attribute);
    return found == node.numbers.end() || found->second.empty() ? fallback : found->second.front();
}

/// One size of a declared shape, counted from the end if negative; -1 if it is not declared.
int64_t sizeAt(const Shape* shape, int64_t place)
{
    if (!shape)
        return -1;
    const int64_t at = place < 0 ? place + static_cast<int64_t>(shape->size()) : place;
    return at >= 0 && at < static_cast<int64_t>(shape->size()) ? (*shape)[static_cast<size_t>(at)] : -1;
}

std::optional<Shape> convolution(const Node& node, size_t input, const Shape* x, const Shape* y)
{
    const auto kernel = node.numbers.find("kernel_shape");
    const size_t rank = kernel != node.numbers.end() ? kernel->second.size() + 2 : x ? x->size() : 0;
    const int64_t groups = numberOf(node, "group", 1);
    if (input == 2)
        return Shape{sizeAt(y, 1)};
    if (input != 1 || rank < 3 || groups < 1)
        return std::nullopt;
    Shape out(rank, -1);
    const int64_t in = sizeAt(x, 1);
    const int64_t made = sizeAt(y, 1);
    const bool isTransposed = node.op == "ConvTranspose";
    out[0] = isTransposed ? in : made;
    const int64_t inner = isTransposed ? made : in;
    out[1] = inner >= 0 && inner % groups == 0 ? inner / groups : -1;
    if (kernel != node.numbers.end())
        std::copy(kernel->second.begin(), kernel->second.end(), out.begin() + 2);
    return out;
}

/// What the operator makes of an input's shape, by the declared shapes of the others; nothing where that is not sure.
std::optional<Shape> shapeByOperator(const Graph& graph, const Node& node, size_t input)
{
    const Shape* x = node.inputs.empty() ? nullptr : shapeOf(graph, node.inputs[0]);
    const Shape* y = node.outputs.empty() ? nullptr : shapeOf(graph, node.outputs[0]);
    if (node.op == "Conv" || node.op == "ConvTranspose")
        return convolution(node, input, x, y);
    if (node.op == "Gemm" && input == 1) {
        const int64_t inner = sizeAt(x, numberOf(node, "transA", 0) ? 0 : 1);
        const int64_t outer = sizeAt(y, 1);
        return numberOf(node, "transB", 0) ? Shape{outer, inner} : Shape{inner, outer};
    }
    if (node.op == "MatMul" && input == 1 && x && y && x->size() == 2 &&
        y->size() == 2) // a vector would leave one dimension, a stack would make three
        return Shape{sizeAt(x, 1), sizeAt(y, 1)};
    if (node.op == "BatchNormalization" && input >= 1 && input <= 4)
        return Shape{sizeAt(x, 1)};
    return std::nullopt;
}

/// What all nodes together ask for.
class Demand {
public:
    explicit Demand(const std::deque<Graph>& graphs)
    {
        for (const Graph& graph : graphs) {
            for (const Node& node : graph.nodes)
                for (size_t i = 0; i < node.inputs.size(); ++i)
                    ask(graph, node, i);
            for (const std::string& output : graph.outputs)
                m_used.insert(output);
        }
    }
    [[nodiscard]] bool uses(const std::string& name) const { return m_used.contains(name); }
    [[nodiscard]] const std::vector<std::string>& missing() const { return m_missing; }
    [[nodiscard]] const Shape* shape(const std::string& name) const
    {
        const auto found = m_shapes.find(name);
        return found == m_shapes.end() ? nullptr : &found->second;
    }

private:
    void ask(const Graph& graph, const Node& node, size_t input)
    {
        const std::string& name = node.inputs[input];
        if (name.empty()) // an optional one that is left out
            return;
        const bool isNew = m_used.insert(name).second;
        bool isGiven = false;
        for (const Graph* at = &graph; at && !isGiven; at = at->outer)
            isGiven = at->given.contains(name);
        if (!isGiven && isNew)
            m_missing.push_back(name);
        if (auto shape = shapeByOperator(graph, node, input))
            m_shapes.try_emplace(name, std::move(*shape));
    }

    std::unordered_set<std::string> m_used;
    std::vector<std::string> m_missing;
    std::unordered_map<std::string, Shape> m_shapes;
};

class OnnxGraph final : public FileArchitecture {
public:
    std::optional<ExpectedModel> expected(const OwnFile& file, JobContext& job) const override
    {
        const auto& shards = file.checkpoint.shards;
        if (file.format != "onnx" || shards.empty() || !shards.front().source)
            return std::nullopt;
        const auto graphs = GraphReader(*shards.front().source, job).read();
        if (!graphs)
            return std::nullopt;
        const Demand demand(*graphs);
        ExpectedModel out;
        out.modelType = "onnx";
        for (const TensorInfo& tensor : file.checkpoint.tensors) {
            const bool isInNode = tensor.name.starts_with("Constant:");
            if (!isInNode && !demand.uses(tensor.name))
                continue;
            const Shape* shape = demand.shape(tensor.name);
            out.tensors.push_back({tensor.name, shape ? *shape : tensor.shape, DType::Unknown, false});
        }
        for (const std::string& name : demand.missing()) {
            const Shape* shape = demand.shape(name);
            out.tensors.push_back({name, shape ? *shape : Shape{}, DType::Unknown, false, shape != nullptr});
        }
        return out;
    }
};

} // namespace

const FileArchitecture& onnxGraphFileArchitecture()
{
    static const OnnxGraph architecture;
    return architecture;
}

} // namespace weighbridge
