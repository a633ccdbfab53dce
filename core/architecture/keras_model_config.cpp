// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A Keras model's own config (model_config of an .h5 file, config.json of a .keras archive): its layers' weights under the names that Keras
// saves them by. Whole models only: Sequential and functional ones, and such models inside them.
#include "core/architecture/file_architecture.h"

#include "core/architecture/keras_layers.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t maximumDepth = 16;
constexpr size_t maximumLayers = 100'000;
constexpr size_t maximumInputs = 1000;     ///< of one layer
constexpr size_t maximumPairs = 4'000'000; ///< of expected and found weights of one layer that are compared

/// A weight of the model with where it stands.
struct Weight {
    KerasWeight weight;
    std::string group; ///< of the layer, as Keras 3 saves it: "layers/dense_1"
    std::string top;   ///< name of the layer of the whole model that it belongs to
    std::string scope; ///< from there to the weight, in names of .h5 files; empty for a layer of the model itself
};

struct Unknown {
    std::string group;
    std::string top;
    std::string name;
    std::string className;
};

std::string textOf(const Value* value)
{
    return value ? value->stringOr("") : std::string();
}

const Value::List& listOf(const Value* value)
{
    static const Value::List none;
    return value && value->list() ? *value->list() : none;
}

bool isModel(const std::string& className)
{
    return className == "Sequential" || className == "Functional" || className == "Model";
}

std::string nameOf(const Value& serialized)
{
    const Value* config = serialized.find("config");
    const Value* inner = config ? config->find("name") : nullptr;
    return inner ? inner->stringOr("") : textOf(serialized.find("name"));
}

/// Names of the layers that a node takes its inputs from, as Keras 2 writes them: [[["a", 0, 0, {}], ...], ...]; of the first call only.
std::vector<std::string> sourcesOf(const Value& serialized)
{
    std::vector<std::string> out;
    const auto& nodes = listOf(serialized.find("inbound_nodes"));
    for (const Value& source : nodes.empty() ? Value::List{} : listOf(&nodes.front()))
        if (!listOf(&source).empty())
            out.push_back(listOf(&source).front().stringOr(""));
    return out;
}

/// The shapes that a node of Keras 3 writes with its inputs; empty if it is none.
Value::List writtenInputs(const Value& serialized)
{
    const auto& nodes = listOf(serialized.find("inbound_nodes"));
    std::vector<const Value*> open;
    const auto add = [&open](const Value* container) {
        if (container && container->list())
            for (auto item = container->list()->rbegin(); item != container->list()->rend(); ++item)
                open.push_back(&*item);
        if (container && container->map())
            for (auto entry = container->map()->rbegin(); entry != container->map()->rend(); ++entry)
                open.push_back(&entry->second);
    };
    if (!nodes.empty() && nodes.front().isMap())
        for (const char* key : {"kwargs", "args"})
            add(nodes.front().find(key));
    Value::List out;
    while (!open.empty() && out.size() < maximumInputs) {
        const Value* value = open.back();
        open.pop_back();
        const Value* config = textOf(value->find("class_name")) == "__keras_tensor__" ? value->find("config") : nullptr;
        if (const Value* shape = config ? config->find("shape") : nullptr)
            out.push_back(*shape);
        else
            add(value);
    }
    return out;
}

/// The shapes of a functional layer's inputs; empty if they are not all known.
Value::List inputsOf(const Value& serialized, std::unordered_map<std::string, Value>& shapes)
{
    Value::List out = writtenInputs(serialized);
    if (out.empty())
        for (const std::string& source : sourcesOf(serialized))
            out.push_back(shapes[source]);
    return std::any_of(out.begin(), out.end(), [](const Value& shape) { return shape.isNull(); }) ? Value::List{} : out;
}

/// The layers of a whole model and of the models inside it, in the order of its config.
class Walk {
public:
    explicit Walk(const KerasLayers& layers)
        : m_layers(layers)
    {
    }

    /// False if the config is not that of a model whose layers are listed.
    bool model(const Value& serialized, const std::string& group, const std::string& top, const std::string& scope, const Value& input, size_t depth,
               Value* output)
    {
        const Value* config = serialized.find("config");
        const Value* list = config && config->isList() ? config : config ? config->find("layers") : nullptr;
        if (!list || !list->list() || depth > maximumDepth)
            return false;
        const bool isSequential = textOf(serialized.find("class_name")) == "Sequential";
        std::unordered_map<std::string, int> used;
        std::unordered_map<std::string, Value> shapes;
        Value last = input;
        for (const Value& layer : *list->list()) {
            if (++m_count > maximumLayers)
                return false;
            const std::string name = nameOf(layer);
            Value::List inputs = isSequential ? (last.isNull() ? Value::List{} : Value::List{last}) : inputsOf(layer, shapes);
            last =
                one(layer, group + "layers/" + unique(layer, used), top.empty() ? name : top, top.empty() ? "" : scope + name + "/", inputs, depth);
            shapes[name] = last;
        }
        if (output)
            *output = isSequential ? last : shapes[firstOutput(*config)];
        return true;
    }

    std::vector<Weight> weights;
    std::vector<Unknown> unknown;

private:
    /// The layer that gives a functional model's first output: ["a", 0, 0] or [["a", 0, 0], ...].
    static std::string firstOutput(const Value& config)
    {
        const auto& outputs = listOf(config.find("output_layers"));
        if (outputs.empty())
            return {};
        const auto& inner = listOf(&outputs.front());
        return inner.empty() ? outputs.front().stringOr("") : inner.front().stringOr("");
    }
    std::string unique(const Value& layer, std::unordered_map<std::string, int>& used) const
    {
        const std::string word = m_layers.groupOf(layer);
        const int before = used[word]++;
        return before == 0 ? word : fmt::format("{}_{}", word, before);
    }

    Value one(const Value& serialized, const std::string& group, const std::string& top, const std::string& scope, Value::List inputs, size_t depth)
    {
        Value output;
        const std::string className = kerasClassOf(serialized);
        if (isModel(className)) {
            if (!model(serialized, group + "/", top, scope, inputs.empty() ? Value() : inputs.front(), depth + 1, &output))
                unknown.push_back({group, top, nameOf(serialized), className});
            return output;
        }
        const Value* config = serialized.find("config");
        const Value* batch = config ? config->find("batch_input_shape") : nullptr; // Keras 2 gives it to the first layer
        if (inputs.empty() && batch && batch->isList())
            inputs.push_back(*batch);
        KerasLayer layer = m_layers.layer(serialized, inputs);
        if (!layer.unknown.empty() && !isOperation(serialized)) {
            unknown.push_back({group, top, nameOf(serialized), layer.unknown});
            return {};
        }
        for (KerasWeight& weight : layer.weights)
            weights.push_back({std::move(weight), group, top, scope});
        return layer.output;
    }
    /// A function of keras.ops on tensors: it has no weights.
    static bool isOperation(const Value& serialized)
    {
        const std::string className = textOf(serialized.find("class_name"));
        return textOf(serialized.find("module")).starts_with("keras.src.ops.") || className == "TFOpLambda" || className == "SlicingOpLambda" ||
               className == "TensorFlowOpLayer";
    }

    const KerasLayers& m_layers;
    size_t m_count = 0;
};

ExpectedTensor tensorOf(const Weight& weight, std::string name)
{
    return {std::move(name), weight.weight.shape, DType::Unknown, !weight.weight.isTrained, weight.weight.isShapeKnown};
}

/// Keras 3: groups by class, variables by number.
std::vector<ExpectedTensor> namedByGroup(const std::vector<Weight>& weights)
{
    std::vector<ExpectedTensor> out;
    std::unordered_map<std::string, int> numbers;
    for (const Weight& weight : weights) {
        const std::string owner = weight.group + (weight.weight.path.empty() ? "" : "/" + weight.weight.path);
        out.push_back(tensorOf(weight, fmt::format("{}/vars/{}", owner, numbers[owner]++)));
    }
    return out;
}

/// .h5 files: one group a layer with the names that its variables have. Keras goes by their order, so what is there keeps its own name, and what is
/// not gets one like those beside it.
class NamedByLayer {
public:
    NamedByLayer(const OwnFile& file, std::string modelName)
        : m_modelName(std::move(modelName))
    {
        for (const TensorInfo& tensor : file.checkpoint.tensors)
            if (tensor.name.starts_with("model_weights/")) {
                m_root = "model_weights/";
                break;
            }
        for (const TensorInfo& tensor : file.checkpoint.tensors)
            if (tensor.name.starts_with(m_root))
                m_all.push_back(tensor.name);
        const std::unordered_set<std::string_view> all(m_all.begin(), m_all.end());
        for (const Value& layer : listOf(file.metadata.find("layers"))) {
            const std::string name = textOf(layer.find("name"));
            for (const Value& weight : listOf(layer.find("weights")))
                if (std::string full = m_root + name + "/" + weight.stringOr(""); all.contains(full))
                    m_found[name].push_back(std::move(full));
        }
        m_ending = std::any_of(m_all.begin(), m_all.end(), [](const std::string& name) { return name.ends_with(":0"); }) ? ":0" : "";
        const std::string mark = "/" + m_modelName + "/";
        m_hasModelName = std::any_of(m_all.begin(), m_all.end(), [&mark](const std::string& name) { return name.find(mark) != std::string::npos; });
    }

    std::vector<ExpectedTensor> run(const std::vector<Weight>& weights)
    {
        std::vector<ExpectedTensor> out;
        for (size_t first = 0; first < weights.size();) {
            size_t end = first;
            while (end < weights.size() && weights[end].top == weights[first].top)
                ++end;
            layer({weights.begin() + static_cast<std::ptrdiff_t>(first), weights.begin() + static_cast<std::ptrdiff_t>(end)}, out);
            first = end;
        }
        return out;
    }
    [[nodiscard]] const std::string& root() const { return m_root; }

private:
    static std::string leafOf(std::string_view name)
    {
        std::string leaf(name.substr(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1));
        return leaf.substr(0, leaf.find(':'));
    }
    /// Older versions number names that are there twice, and call the kernels of some layers otherwise.
    static bool isSameLeaf(const std::string& wanted, const std::string& found)
    {
        return found == wanted ||
               (found.starts_with(wanted) && found.size() > wanted.size() + 1 && found[wanted.size()] == '_' &&
                found.find_first_not_of("0123456789", wanted.size() + 1) == std::string::npos) ||
               (wanted == "kernel" && (found == "depthwise_kernel" || found == "W"));
    }

    void layer(std::vector<Weight> weights, std::vector<ExpectedTensor>& out)
    {
        std::stable_partition(weights.begin(), weights.end(), [](const Weight& weight) { return weight.weight.isTrained; });
        const auto& found = m_found[weights.front().top];
        const std::vector<int> pairs = paired(weights, found);
        for (size_t i = 0; i < weights.size(); ++i)
            out.push_back(tensorOf(weights[i], pairs[i] >= 0 ? found[static_cast<size_t>(pairs[i])] : nameFor(weights, i, pairs, found)));
    }

    /// For each expected weight the found one: all in order if there are as many, else the longest common run of names.
    static std::vector<int> paired(const std::vector<Weight>& weights, const std::vector<std::string>& found)
    {
        std::vector<int> out(weights.size(), -1);
        if (weights.size() == found.size()) {
            for (size_t i = 0; i < out.size(); ++i)
                out[i] = static_cast<int>(i);
            return out;
        }
        if (found.empty() || weights.size() * found.size() > maximumPairs)
            return out;
        const size_t columns = found.size() + 1;
        std::vector<uint32_t> best((weights.size() + 1) * columns, 0);
        const auto same = [&](size_t i, size_t k) {
            return isSameLeaf(weights[i].weight.leaf, leafOf(found[k])) && isSameScope(weights[i], found[k]);
        };
        for (size_t i = weights.size(); i-- > 0;)
            for (size_t k = found.size(); k-- > 0;)
                best[i * columns + k] =
                    same(i, k) ? best[(i + 1) * columns + k + 1] + 1 : std::max(best[(i + 1) * columns + k], best[i * columns + k + 1]);
        for (size_t i = 0, k = 0; i < weights.size() && k < found.size();) {
            if (same(i, k))
                out[i++] = static_cast<int>(k++);
            else if (best[(i + 1) * columns + k] >= best[i * columns + k + 1])
                ++i;
            else
                ++k;
        }
        return out;
    }
    /// Where a layer has several parts with the same names, the part's name tells them apart, if the file writes it.
    static bool isSameScope(const Weight& weight, const std::string& found)
    {
        const std::string own = ownScope(weight);
        if (own.empty())
            return true;
        const std::string part = own.substr(own.rfind('/') == std::string::npos ? 0 : own.rfind('/') + 1);
        const std::string first = own.substr(0, own.find('/'));
        return found.find("/" + part + "/") != std::string::npos && found.find("/" + first + "/") != std::string::npos;
    }
    /// "dense_2", "forward_lstm/lstm_cell": the layer inside a model, and the part inside it.
    static std::string ownScope(const Weight& weight)
    {
        std::string scope = weight.scope;
        if (scope.ends_with('/'))
            scope.pop_back();
        return scope.empty() ? weight.weight.scope : weight.weight.scope.empty() ? scope : scope + "/" + weight.weight.scope;
    }

    [[nodiscard]] std::string nameFor(const std::vector<Weight>& weights, size_t i, const std::vector<int>& pairs,
                                      const std::vector<std::string>& found) const
    {
        const Weight& weight = weights[i];
        for (size_t k = 0; k < weights.size(); ++k)
            if (pairs[k] >= 0 && ownScope(weights[k]) == ownScope(weight)) {
                const std::string& beside = found[static_cast<size_t>(pairs[k])];
                return beside.substr(0, beside.rfind('/') + 1) + weight.weight.leaf + m_ending;
            }
        const std::string own = ownScope(weight);
        const bool isInner = !weight.scope.empty();
        std::string out = m_root + weight.top + "/";
        if (!isInner)
            out += (m_hasModelName ? m_modelName + "/" : "") + weight.top + "/";
        else if (m_ending.empty())
            out += weight.top + "/"; // Keras 3 writes the inner model's name once more
        return out + (own.empty() ? "" : own + "/") + weight.weight.leaf + m_ending;
    }

    std::string m_modelName;
    std::string m_root;
    std::string m_ending;
    bool m_hasModelName = false;
    std::vector<std::string> m_all;
    std::unordered_map<std::string, std::vector<std::string>> m_found;
};

/// What stands in a layer that is not known is neither asked for nor too much.
void addUnknown(const Unknown& unknown, const std::string& prefix, const Checkpoint& checkpoint, ExpectedModel& out)
{
    size_t count = 0;
    for (const TensorInfo& tensor : checkpoint.tensors)
        if (tensor.name.starts_with(prefix) && !out.find(tensor.name)) {
            out.tensors.push_back({tensor.name, tensor.shape, DType::Unknown, false});
            ++count;
        }
    out.findings.push_back(newFinding(
        Severity::Note, "custom-architecture",
        fmt::format("What the layer {} should hold is not known: its class is {}", shown(unknown.name, 80), shown(unknown.className, 80)),
        fmt::format("Only the code of that class says which weights it has. The {} of the file that {} there {} not judged; everything else is.",
                    count == 1 ? "one tensor" : std::to_string(count) + " tensors", count == 1 ? "stands" : "stand", count == 1 ? "is" : "are"),
        "", {{"layer", unknown.name}, {"class", unknown.className}, {"tensors", static_cast<uint64_t>(count)}}));
}

class KerasModelConfig final : public FileArchitecture {
public:
    std::optional<ExpectedModel> expected(const OwnFile& file, JobContext&) const override
    {
        const Value* config = file.format == "keras-h5" || file.format == "keras-v3" ? file.metadata.find("model_config") : nullptr;
        const std::string className = config ? kerasClassOf(*config) : std::string();
        const auto layers = isModel(className) ? KerasLayers::load() : failure("", "");
        if (!layers)
            return std::nullopt;
        Walk walk(*layers);
        if (!walk.model(*config, "", "", "", Value(), 0, nullptr))
            return std::nullopt;
        ExpectedModel out;
        out.className = className;
        out.modelType = "keras";
        // What training and random layers keep beside the weights.
        out.ignoreUnexpected = {"^optimizer(_weights)?/", "^_?optimizer/", "^_?metrics?/", "^_?loss", "(^|/)seed_generator/", "^_?compile_metrics/"};
        const bool isByGroup = file.format == "keras-v3";
        NamedByLayer byLayer(file, nameOf(*config));
        out.tensors = isByGroup ? namedByGroup(walk.weights) : byLayer.run(walk.weights);
        for (const Unknown& unknown : walk.unknown)
            addUnknown(unknown, isByGroup ? unknown.group + "/" : byLayer.root() + unknown.top + "/", file.checkpoint, out);
        return out;
    }
};

} // namespace

const FileArchitecture& kerasModelConfigFileArchitecture()
{
    static const KerasModelConfig architecture;
    return architecture;
}

} // namespace weighbridge
