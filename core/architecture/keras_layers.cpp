// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Layers' configs: https://keras.io/api/layers/; how they are serialized: https://keras.io/guides/serialization_and_saving/.
#include "core/architecture/keras_layers.h"

#include "core/base/byte_source.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/resources.h"

#include <algorithm>
#include <array>
#include <map>

namespace weighbridge {
namespace {

constexpr size_t maximumDepth = 8;
constexpr size_t maximumCells = 256;
constexpr uint64_t maximumNbytes = limits::MiB;

bool isUpper(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool isLower(char c)
{
    return c >= 'a' && c <= 'z';
}

std::string textOf(const Value* value)
{
    return value ? value->stringOr("") : std::string();
}

const Value::List& listOf(const Value* value)
{
    static const Value::List none;
    return value && value->list() ? *value->list() : none;
}

Value evaluated(const std::string& text, const Value& config)
{
    const auto expression = Expression::parse(text);
    return expression ? expression->evaluate(Names(config)).value_or(Value()) : Value();
}

bool isWanted(const Value* condition, const Value& config)
{
    return !condition || isTrue(evaluated(condition->stringOr(""), config));
}

/// Sizes as a shape, -1 for what is not known; nothing if there are none.
std::optional<Shape> shapeOf(const Value& sizes)
{
    if (!sizes.isList() || sizes.list()->size() > limits::dimensions)
        return std::nullopt;
    Shape out;
    for (const Value& size : *sizes.list())
        out.push_back(size.isInt() && *size.integer() >= 0 ? *size.integer() : -1);
    return out;
}

/// A shape of layers.json: an expression that gives a list, or a list of expressions.
std::optional<Shape> shapeOf(const Value& description, const Value& config)
{
    if (description.isString())
        return shapeOf(evaluated(*description.string(), config));
    Value::List sizes;
    for (const Value& size : listOf(&description))
        sizes.push_back(size.isString() ? evaluated(*size.string(), config) : size);
    return shapeOf(Value(std::move(sizes)));
}

/// What older files leave out because it could not be otherwise, or was so by default.
void addDefaults(Value& config)
{
    const std::array<std::pair<const char*, Value>, 10> defaults{{{"use_bias", true},
                                                                  {"scale", true},
                                                                  {"center", true},
                                                                  {"axis", -1},
                                                                  {"data_format", "channels_last"},
                                                                  {"depth_multiplier", 1},
                                                                  {"return_sequences", false},
                                                                  {"bias_axes", Value()},
                                                                  {"padding", "valid"},
                                                                  {"shared_axes", Value()}}};
    for (const auto& [key, value] : defaults)
        if (!config.find(key))
            config.set(key, value);
    for (const auto& [old, today] : {std::pair("output_dim", "units"), std::pair("nb_filter", "filters")}) // Keras 1
        if (const Value* value = config.find(old); value && !config.find(today))
            config.set(today, Value(*value));
}

/// One dimension behind a convolution or a pooling; null where it is not known.
Value steps(const Value& length, int64_t window, int64_t stride, int64_t dilation, bool isSame)
{
    if (!length.isInt() || stride <= 0 || window <= 0 || dilation <= 0 || window > (1 << 20) || dilation > (1 << 20))
        return {};
    const int64_t reach = isSame ? 0 : (window - 1) * dilation;
    const int64_t count = *length.integer() - reach;
    return count > 0 ? Value((count - 1) / stride + 1) : Value(int64_t{0});
}

/// The same behind a transposed convolution.
Value growth(const Value& length, int64_t window, int64_t stride, int64_t dilation, bool isSame)
{
    constexpr int64_t maximum = 1 << 20;
    if (!length.isInt() || stride <= 0 || window <= 0 || dilation <= 0 || window > maximum || dilation > maximum || stride > maximum ||
        *length.integer() > maximum)
        return {};
    const int64_t reach = (window - 1) * dilation + 1;
    return Value(*length.integer() * stride + (isSame ? 0 : std::max<int64_t>(reach - stride, 0)));
}

int64_t itemOf(const Value* list, size_t i, int64_t fallback)
{
    if (list && list->isInt())
        return *list->integer();
    const auto& items = listOf(list);
    return i < items.size() && items[i].isInt() ? *items[i].integer() : fallback;
}

/// Where the channels are, how many there are, and how long the other dimensions are after this layer.
void addPositions(Value& config, const Value& input)
{
    const bool isLast = textOf(config.find("data_format")) != "channels_first";
    config.set("is_last", isLast);
    const auto& sizes = listOf(&input);
    config.set("channels", sizes.size() < 2 ? Value() : isLast ? sizes.back() : sizes[1]);
    const Value* window = config.find("kernel_size") ? config.find("kernel_size") : config.find("pool_size");
    const Value* strides = config.find("strides");
    const std::string padding = textOf(config.find("padding"));
    const bool isKnown = padding == "valid" || padding == "same" || padding == "causal";
    const Value* padded = config.find("output_padding");
    Value::List positions;
    Value::List grown; // behind a transposed convolution
    for (size_t i = 0; i + 2 < sizes.size(); ++i) {
        const int64_t size = itemOf(window, i, 1);
        const int64_t stride = itemOf(strides, i, config.find("pool_size") ? size : 1);
        const int64_t dilation = itemOf(config.find("dilation_rate"), i, 1);
        const Value& length = sizes[i + (isLast ? 1 : 2)];
        positions.push_back(isKnown ? steps(length, size, stride, dilation, padding != "valid") : Value());
        grown.push_back(isKnown && (!padded || padded->isNull()) ? growth(length, size, stride, dilation, padding == "same") : Value());
    }
    config.set("grown", std::move(grown));
    config.set("positions", std::move(positions));
}

/// The letters of one side of an equation with their sizes; dots stand for dimensions that the equation does not name.
void addLetters(std::map<char, Value>& out, const std::string& letters, Value::List sizes)
{
    const size_t dots = letters.find("...");
    const std::string before = letters.substr(0, dots);
    const std::string behind = dots == std::string::npos ? "" : letters.substr(dots + 3);
    if (before.size() + behind.size() > sizes.size() || (dots == std::string::npos && before.size() != sizes.size()))
        return;
    for (size_t i = 0; i < before.size(); ++i)
        if (Value& known = out[before[i]]; known.isNull())
            known = sizes[i];
    for (size_t i = 0; i < behind.size(); ++i)
        if (Value& known = out[behind[i]]; known.isNull())
            known = sizes[sizes.size() - behind.size() + i];
}

/// EinsumDense: "abc,cd->abd" with the input's shape and the output's gives the kernel's.
void addEinsum(Value& config, const Value& input)
{
    const std::string equation = textOf(config.find("equation"));
    const size_t comma = equation.find(',');
    const size_t arrow = equation.find("->");
    if (comma == std::string::npos || arrow == std::string::npos || arrow < comma)
        return;
    std::map<char, Value> sizes;
    Value::List output{Value()};
    const Value* shape = config.find("output_shape");
    const Value::List outputSizes = shape && shape->isInt() ? Value::List{*shape} : listOf(shape);
    output.insert(output.end(), outputSizes.begin(), outputSizes.end());
    const std::string result = equation.substr(arrow + 2);
    addLetters(sizes, equation.substr(0, comma), listOf(&input));
    addLetters(sizes, result, result.find("...") == std::string::npos ? output : outputSizes);
    Value::List kernel;
    for (const char letter : equation.substr(comma + 1, arrow - comma - 1))
        kernel.push_back(sizes[letter]);
    config.set("kernel_shape", std::move(kernel));
    const std::string axes = textOf(config.find("bias_axes"));
    const size_t first = std::min(result.find_first_of(axes), result.size());
    Value::List bias; // broadcast over what follows the first of its axes
    for (size_t i = first; i < result.size() && !axes.empty(); ++i)
        bias.push_back(axes.find(result[i]) == std::string::npos ? Value(1) : sizes[result[i]]);
    config.set("bias_shape", std::move(bias));
}

/// The inputs that a layer was built for, where its config has them, before those that were worked out.
Value::List inputsOf(const Value& serialized, const Value::List& inputs, Value& config)
{
    const Value* build = serialized.find("build_config");
    for (const Value* shapes : {build, build ? build->find("shapes_dict") : nullptr})
        if (shapes && shapes->map())
            for (const auto& [key, shape] : *shapes->map())
                config.set(key, shape);
    const Value* own = build ? build->find("input_shape") : nullptr;
    if (own && own->list() && !own->list()->empty())
        return own->list()->front().isList() ? *own->list() : Value::List{*own};
    return inputs;
}

/// The names that layers.json's expressions may use besides the layer's own config.
Value namesOf(const Value& serialized, const Value::List& given)
{
    const Value* own = serialized.find("config");
    Value config = own && own->isMap() ? *own : Value(Value::Map{});
    addDefaults(config);
    const Value::List inputs = inputsOf(serialized, given, config);
    const Value input = inputs.empty() ? Value() : inputs.front();
    addPositions(config, input);
    addEinsum(config, input);
    if (!config.find("query_shape"))
        config.set("query_shape", input);
    if (!config.find("value_shape"))
        config.set("value_shape", inputs.size() > 1 ? inputs[1] : input);
    if (!config.find("key_shape") && inputs.size() > 2)
        config.set("key_shape", inputs[2]);
    config.set("input", input);
    config.set("inputs", inputs);
    return config;
}

std::string nameOf(const Value& serialized)
{
    const Value* config = serialized.find("config");
    return config ? textOf(config->find("name")) : std::string();
}

/// "forward_{layer}": the inner layer's name, which Keras 3 has put the word before already.
std::string scopeOf(const Value& kind, const std::string& attribute, const std::string& innerName)
{
    const Value* scopes = kind.find("scopes");
    std::string scope = scopes ? textOf(scopes->find(attribute)) : std::string();
    const size_t place = scope.find("{layer}");
    if (place == std::string::npos)
        return scope.empty() ? innerName : scope;
    const std::string word = scope.substr(0, place);
    std::string bare = innerName;
    for (const char* begin : {"forward_", "backward_"})
        if (bare.starts_with(begin))
            bare.erase(0, std::string_view(begin).size());
    return word + bare;
}

std::string joined(const std::string& a, const std::string& b)
{
    return a.empty() ? b : b.empty() ? a : a + "/" + b;
}

void addInner(KerasLayer inner, const std::string& path, const std::string& scope, KerasLayer& out)
{
    for (KerasWeight& weight : inner.weights) {
        weight.path = joined(path, weight.path);
        weight.scope = joined(scope, weight.scope);
        out.weights.push_back(std::move(weight));
    }
    if (out.unknown.empty())
        out.unknown = std::move(inner.unknown);
}

} // namespace

std::string kerasClassOf(const Value& serialized)
{
    const std::string module = textOf(serialized.find("module"));
    const Value* registered = serialized.find("registered_name");
    const bool isOwn =
        module.empty() || module == "keras" || module.starts_with("keras.") || module.starts_with("tf_keras.") || module.starts_with("tensorflow.");
    const bool isRegistered = registered && registered->isString() && registered->string()->find('>') != std::string::npos;
    return isOwn && !isRegistered ? textOf(serialized.find("class_name")) : std::string();
}

std::string kerasSnakeCase(std::string_view className)
{
    std::string words;
    for (size_t i = 0; i < className.size(); ++i) {
        const bool beginsWord = isUpper(className[i]) && i + 1 < className.size() && isLower(className[i + 1]);
        const bool endsWord = i > 0 && isUpper(className[i]) && isLower(className[i - 1]);
        if (i > 0 && (beginsWord || endsWord))
            words += '_';
        words += isUpper(className[i]) ? static_cast<char>(className[i] - 'A' + 'a') : className[i];
    }
    return words;
}

Result<KerasLayers> KerasLayers::load()
{
    const std::string path = resourceFolder() + "/keras/layers.json";
    const auto source = openFile(path);
    if (!source)
        return tl::unexpected(source.error());
    const auto bytes = (*source)->read(0, std::min((*source)->nbytes(), maximumNbytes));
    if (!bytes)
        return tl::unexpected(bytes.error());
    auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path);
    if (!document || !document->value.isMap())
        return failure(Error("architecture-syntax", "The list of Keras' layers is not usable.").at(path));
    KerasLayers out;
    out.m_kinds = std::move(document->value);
    return out;
}

const Value* KerasLayers::kindOf(const std::string& className) const
{
    const Value* kind = className.empty() ? nullptr : m_kinds.find(className);
    const Value* other = kind ? kind->find("same_as") : nullptr;
    return other ? m_kinds.find(other->stringOr("")) : kind;
}

std::string KerasLayers::groupOf(const Value& serialized) const
{
    const Value* kind = kindOf(kerasClassOf(serialized));
    const std::string own = kind ? textOf(kind->find("group")) : std::string();
    return own.empty() ? kerasSnakeCase(textOf(serialized.find("class_name"))) : own;
}

KerasLayer KerasLayers::layer(const Value& serialized, const Value::List& inputs, size_t depth) const
{
    KerasLayer out;
    const Value* kind = depth > maximumDepth ? nullptr : kindOf(kerasClassOf(serialized));
    if (!kind) {
        out.unknown = textOf(serialized.find("class_name"));
        return out;
    }
    Value config = namesOf(serialized, inputs);
    if (const Value* other = kind->find("unless"); other && isWanted(other, config)) {
        out.unknown = textOf(serialized.find("class_name"));
        return out;
    }
    addWeights(*kind, config, out);
    addWrapped(*kind, serialized, config, depth, out);
    addCells(*kind, serialized, config, depth, out);
    if (const Value* output = kind->find("output"))
        out.output = evaluated(output->stringOr(""), config);
    const Value* trainable = config.find("trainable");
    if (trainable && !isTrue(*trainable))
        for (KerasWeight& weight : out.weights)
            weight.isTrained = false;
    return out;
}

void KerasLayers::addWeights(const Value& kind, const Value& config, KerasLayer& out) const
{
    for (const Value& line : listOf(kind.find("weights"))) {
        const auto& parts = listOf(&line);
        const Value* options = parts.size() > 2 ? &parts[2] : nullptr;
        if (parts.size() < 2 || !isWanted(options ? options->find("if") : nullptr, config))
            continue;
        const std::string name = parts[0].stringOr("");
        const size_t slash = name.rfind('/');
        KerasWeight weight;
        weight.path = slash == std::string::npos ? "" : name.substr(0, slash);
        weight.scope = weight.path.empty() ? "" : scopeOf(kind, weight.path, weight.path);
        weight.leaf = name.substr(slash == std::string::npos ? 0 : slash + 1);
        auto shape = shapeOf(parts[1], config);
        weight.isShapeKnown = shape.has_value();
        weight.shape = shape ? std::move(*shape) : Shape{};
        const Value* trained = options ? options->find("trained") : nullptr;
        weight.isTrained = !trained || isTrue(*trained);
        out.weights.push_back(std::move(weight));
    }
}

void KerasLayers::addWrapped(const Value& kind, const Value& serialized, Value& config, size_t depth, KerasLayer& out) const
{
    for (const Value& line : listOf(kind.find("wraps"))) {
        const auto& parts = listOf(&line);
        const Value inner = parts.size() == 3 ? evaluated(parts[1].stringOr(""), config) : Value();
        if (!inner.isMap()) {
            out.unknown = textOf(serialized.find("class_name"));
            return;
        }
        const std::string attribute = parts[0].stringOr("");
        const Value input = evaluated(parts[2].stringOr(""), config);
        KerasLayer layer_ = layer(inner, input.isNull() ? Value::List{} : Value::List{input}, depth + 1);
        config.set("inner", layer_.output);
        addInner(std::move(layer_), attribute, scopeOf(kind, attribute, nameOf(inner)), out);
    }
}

/// Cells one on top of another: each takes what the one before gives.
void KerasLayers::addCells(const Value& kind, const Value& serialized, const Value& config, size_t depth, KerasLayer& out) const
{
    const auto& parts = listOf(kind.find("wraps_list"));
    if (parts.size() != 2)
        return;
    std::map<std::string, int> used;
    Value input = config.find("input") ? *config.find("input") : Value();
    const auto& cells = listOf(config.find(parts[1].stringOr("")));
    if (cells.empty() || cells.size() > maximumCells)
        out.unknown = textOf(serialized.find("class_name"));
    for (size_t i = 0; i < std::min(cells.size(), maximumCells); ++i) {
        const std::string word = groupOf(cells[i]);
        const int before = used[word]++;
        KerasLayer cell = layer(cells[i], input.isNull() ? Value::List{} : Value::List{input}, depth + 1);
        input = cell.output;
        addInner(std::move(cell), joined(parts[0].stringOr(""), before == 0 ? word : word + "_" + std::to_string(before)), nameOf(cells[i]), out);
    }
}

} // namespace weighbridge
