// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How PyTorch pickles tensors: torch/_utils.py (_rebuild_*), torch/_tensor.py (Tensor.__reduce_ex__), torch/serialization.py.
#include "core/format/detail/torch_tensors.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/numpy_objects.h"
#include "core/format/detail/pickled_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weighbridge {
namespace {

constexpr size_t maximumWrapping = 16; ///< parameters of subclasses of ...

bool isRebuild(const PickleGlobal& global)
{
    return (global.module == "torch._utils" || global.module == "torch._tensor" || global.module == "torch.tensor") && global.name.starts_with("_rebuild_");
}

bool isParameterClass(const PickleGlobal& global)
{
    const bool isVariable =
        global.name == "Variable" && (global.module == "torch.autograd" || global.module == "torch.autograd.variable"); // before PyTorch 0.4
    return isVariable || (global.module == "torch.nn.parameter" && (global.name == "Parameter" || global.name == "Buffer"));
}

/// Of those that are made of other tensors none is made of its like, so that building one never goes deeper than two.
bool isComposite(std::string_view function)
{
    return function == "_rebuild_sparse_tensor" || function == "_rebuild_sparse_csr_tensor" || function == "_rebuild_nested_tensor" ||
           function == "_rebuild_wrapper_subclass";
}

bool isFromType(std::string_view function)
{
    return function == "_rebuild_from_type_v2" || function == "_rebuild_from_type";
}

bool isTensorClass(const PickleGlobal& global)
{
    const bool inTorch = global.module == "torch" || global.module == "torch.cuda";
    return inTorch && (global.name == "Tensor" || torchTensorType(global.name));
}

} // namespace

std::optional<std::string> pickledKey(const Pickle& pickle, PickleId id)
{
    if (const auto text = pickle.text(id))
        return std::string(*text);
    if (pickle.kind(id) == PickleKind::Int)
        return std::to_string(*pickle.integer(id));
    return std::nullopt;
}

std::optional<Error> reachProblem(const TensorInfo& tensor, uint64_t elementNbytes)
{
    const auto elements = numel(tensor.shape);
    if (!elements)
        return Error("bad-shape", fmt::format("Its shape {} has a negative size, or its element count overflows.", formatShape(tensor.shape)));
    if (tensor.elementOffset > INT64_MAX || std::any_of(tensor.strides.begin(), tensor.strides.end(), [](int64_t step) { return step < 0; }))
        return Error("bad-shape", "Its stride or its offset in the storage is negative.");
    if (*elements == 0)
        return std::nullopt;
    auto last = std::optional(tensor.elementOffset);
    for (size_t i = 0; i < tensor.shape.size() && last; ++i) {
        const auto reach = checkedMul(static_cast<uint64_t>(tensor.shape[i] - 1), static_cast<uint64_t>(tensor.strides[i]));
        last = reach ? checkedAdd(*last, *reach) : std::nullopt;
    }
    const auto count = last ? checkedAdd<uint64_t>(*last, 1) : std::nullopt;
    const auto needed = count ? checkedMul(*count, elementNbytes) : std::nullopt;
    if (!needed || *needed > tensor.storage.nbytes)
        return Error("bad-shape", fmt::format("Its shape {}, stride and offset {} reach past the end of its storage, which has a size of {} bytes.",
                                              formatShape(tensor.shape), tensor.elementOffset, tensor.storage.nbytes));
    const auto nbytes = checkedMul(*elements, elementNbytes);
    if (!nbytes || (*nbytes >= limits::bombNbytes && *nbytes / tensor.storage.nbytes >= limits::bombRatio))
        return Error("resource-bomb", fmt::format("Its shape {} with a stride of 0 repeats a storage of {} bytes to a size beyond the limit of {} times.",
                                                  formatShape(tensor.shape), tensor.storage.nbytes, limits::bombRatio));
    return std::nullopt;
}

namespace {

/// The parts of an id that protocol 0 wrote as a text, as Python shows the tuple: ('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 12).
/// PyTorch saves such files, but cannot load them.
std::optional<StorageId> storageIdInText(std::string_view text)
{
    constexpr std::string_view start = "('storage', <class 'torch.";
    const auto parts = split(text, ',');
    if (!text.starts_with(start) || parts.size() < 5)
        return std::nullopt;
    const auto unquoted = [](std::string_view part) {
        const size_t first = part.find('\'');
        const size_t last = part.rfind('\'');
        return last > first ? part.substr(first + 1, last - first - 1) : std::string_view();
    };
    const std::string_view type = unquoted(parts[1]);
    const auto known = torchStorageType(type.substr(type.rfind('.') + 1));
    std::string_view digits = parts[4];
    digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
    uint64_t count = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    const auto nbytes = known && parsed.ec == std::errc() ? checkedMul<uint64_t>(count, known->nbytes) : std::nullopt;
    if (!nbytes)
        return std::nullopt;
    StorageId out;
    out.type = *known;
    out.key = unquoted(parts[2]);
    out.location = unquoted(parts[3]);
    out.nbytes = *nbytes;
    return out;
}

} // namespace

Result<StorageId> storageIdOf(const Pickle& pickle, PickleId persistent)
{
    const auto broken = [&](std::string rule, std::string message) {
        return failure(Error(std::move(rule), std::move(message)).at(pickle.source()->path()).atByte(pickle[persistent].offset));
    };
    const auto parent = pickle.children(persistent);
    if (const auto text = parent.empty() || pickle.kind(persistent) != PickleKind::Persistent ? std::nullopt : pickle.text(parent[0]))
        if (auto id = storageIdInText(*text))
            return std::move(*id);
    const auto parts = parent.empty() ? parent : pickle.children(parent[0]);
    if (pickle.kind(persistent) != PickleKind::Persistent || parts.size() < 5 || pickle.text(parts[0]) != "storage")
        return broken("corrupt", "A tensor refers to a storage by something that is not a storage's id.");
    StorageId out;
    const PickleGlobal* type = pickle.global(parts[1]);
    const auto key = pickledKey(pickle, parts[2]);
    const auto count = pickle.integer(parts[4]);
    const auto known = type ? torchStorageType(type->name) : std::nullopt;
    if (!type || !key)
        return broken("corrupt", "A storage's id lacks its class or its key.");
    if (!known)
        return broken("bad-dtype", fmt::format("The storage {} has the data type {}, which PyTorch does not have.", shown(*key, 60), shown(type->name, 60)));
    const auto nbytes = count && *count >= 0 ? checkedMul<uint64_t>(static_cast<uint64_t>(*count), known->nbytes) : std::nullopt;
    if (!nbytes)
        return broken("bad-shape", fmt::format("The storage {} declares an element count that is negative or overflows.", shown(*key, 60)));
    out.type = *known;
    out.key = *key;
    out.location = pickledKey(pickle, parts[3]).value_or("");
    out.nbytes = *nbytes;
    const auto view = parts.size() > 5 ? pickle.children(parts[5]) : std::span<const PickleId>{}; // (key, offset, elements)
    if (view.size() == 3) {
        const auto from = pickle.integer(view[1]);
        const auto size = pickle.integer(view[2]);
        const auto fromByte = from && *from >= 0 ? checkedMul<uint64_t>(static_cast<uint64_t>(*from), known->nbytes) : std::nullopt;
        const auto viewNbytes = size && *size >= 0 ? checkedMul<uint64_t>(static_cast<uint64_t>(*size), known->nbytes) : std::nullopt;
        if (!fromByte || !viewNbytes || !fits(*fromByte, *viewNbytes, *nbytes))
            return broken("bad-shape", fmt::format("A view of the storage {} reaches past its size of {} bytes.", shown(*key, 60), *nbytes));
        out.viewOffset = *fromByte;
        out.viewNbytes = *viewNbytes;
    }
    return out;
}

std::optional<TorchTensors::Call> TorchTensors::callOf(PickleId id) const
{
    const PickleGlobal* callee = m_pickle.calleeOf(id);
    if (!callee || !isRebuild(*callee))
        return std::nullopt;
    return Call{callee->name, argumentsOf(m_pickle, id), id, std::nullopt};
}

/// What lies in a Parameter that was made as an object: its tensor, from the arguments or from the state.
std::optional<PickleId> TorchTensors::dataOfParameter(PickleId id) const
{
    const PickleGlobal* callee = m_pickle.calleeOf(id);
    if (!callee || !isParameterClass(*callee))
        return std::nullopt;
    const PickleObject& object = m_pickle.object(id);
    for (const auto& holder : {object.arguments, object.state})
        if (holder && !m_pickle.children(*holder).empty() && isTensor(m_pickle.children(*holder)[0]))
            return m_pickle.children(*holder)[0];
    return std::nullopt;
}

bool TorchTensors::isTensor(PickleId id) const
{
    for (size_t depth = 0; depth < maximumWrapping; ++depth) {
        if (m_pickle.kind(id) == PickleKind::Persistent)
            return m_storages.tensor(m_pickle, id).has_value();
        const PickleGlobal* callee = m_pickle.calleeOf(id);
        if (!callee)
            return false;
        if (isRebuild(*callee) && isFromType(callee->name)) { // a subclass may be made by code of its own: then it is an object as others are
            const auto arguments = argumentsOf(m_pickle, id);
            const PickleGlobal* function = arguments.empty() ? nullptr : m_pickle.global(arguments[0]);
            return !function || isRebuild(*function);
        }
        if (isRebuild(*callee) || isNumpyArray(m_pickle, id))
            return true;
        const PickleObject& object = m_pickle.object(id);
        if (isTensorClass(*callee))
            return object.state.has_value();
        if (!isParameterClass(*callee))
            return false;
        const auto arguments = object.arguments ? m_pickle.children(*object.arguments) : std::span<const PickleId>{};
        const auto state = object.state ? m_pickle.children(*object.state) : std::span<const PickleId>{};
        if (arguments.empty() && state.empty())
            return false;
        id = arguments.empty() ? state[0] : arguments[0];
    }
    return false;
}

Result<TensorInfo> TorchTensors::build(PickleId id, const std::string& name)
{
    m_detail.clear();
    auto tensor = buildUnnamed(id);
    if (!tensor) {
        Error error = tensor.error();
        error.message = fmt::format("The tensor {} cannot be read. {}", shown(name, 200), error.message);
        return failure(std::move(error));
    }
    tensor->name = name;
    if (!m_detail.empty())
        m_details.emplace_back(name, std::move(m_detail));
    return tensor;
}

/// Follows parameters and subclasses down to the call that makes the tensor.
Result<TorchTensors::Call> TorchTensors::unwrapped(PickleId id) const
{
    std::optional<Call> call;
    for (size_t depth = 0; depth < maximumWrapping; ++depth) {
        if (!call)
            call = callOf(id);
        if (!call) {
            const auto data = dataOfParameter(id);
            if (!data)
                return Call{"", {}, id, std::nullopt};
            id = *data;
            continue;
        }
        const bool isParameter = call->function == "_rebuild_parameter" || call->function == "_rebuild_parameter_with_state";
        const bool isCopy = call->function == "_rebuild_device_tensor_from_cpu_tensor" || call->function == "_rebuild_device_tensor_from_numpy" ||
                            call->function == "_rebuild_xla_tensor";
        if (isParameter || isCopy) {
            if (call->arguments.empty())
                return failure(broken(id, "corrupt", "A parameter has no data."));
            id = call->arguments[0];
            call.reset();
        } else if (isFromType(call->function)) { // (function, class, arguments, state)
            const PickleGlobal* function = call->arguments.size() < 3 ? nullptr : m_pickle.global(call->arguments[0]);
            if (!function || !isRebuild(*function))
                return failure(broken(id, "corrupt", "A tensor of a subclass does not say how it is made."));
            call = Call{function->name, m_pickle.children(call->arguments[2]), id,
                        call->arguments.size() > 3 ? std::optional(call->arguments[3]) : std::nullopt};
        } else {
            return *call;
        }
    }
    return failure(broken(id, "resource-bomb", "A tensor is wrapped in more parameters and subclasses than the limit allows."));
}

Result<TensorInfo> TorchTensors::buildUnnamed(PickleId id)
{
    const auto call = unwrapped(id);
    if (!call)
        return tl::unexpected(call.error());
    const PickleId target = call->id;
    if (m_pickle.kind(target) == PickleKind::Object) {
        const PickleObject& object = m_pickle.object(target);
        if (!object.items.empty() || !object.pairs.empty())
            return failure(broken(target, "corrupt", "The pickle appends to a tensor, which is not a list."));
    }
    if (!call->function.empty())
        return dense(*call);
    if (const auto known = m_storages.tensor(m_pickle, target))
        return *known;
    if (isNumpyArray(m_pickle, target))
        return array(target);
    const bool hasState = m_pickle.kind(target) == PickleKind::Object && m_pickle.object(target).state;
    const auto state = hasState ? m_pickle.children(*m_pickle.object(target).state) : std::span<const PickleId>{};
    if (state.size() >= 4) // Tensor.set_(storage, offset, size, stride)
        return strided(target, state[0], state[1], state[2], state[3], std::nullopt);
    return failure(broken(target, "corrupt", "It is not made in a way that PyTorch knows."));
}

Result<TensorInfo> TorchTensors::dense(const Call& call)
{
    const auto& a = call.arguments;
    const auto fewer = [&] { return failure(broken(call.id, "corrupt", fmt::format("{} has {} arguments, too few.", call.function, a.size()))); };
    if (call.function == "_rebuild_tensor" || call.function == "_rebuild_tensor_v2") {
        if (a.size() < 4)
            return fewer();
        return strided(call.id, a[0], a[1], a[2], a[3], std::nullopt).map([&](TensorInfo&& tensor) {
            applyMathBits(tensor, a, 6);
            return std::move(tensor);
        });
    }
    if (call.function == "_rebuild_tensor_v3") {
        if (a.size() < 7)
            return fewer();
        return dtypeOf(a[6]).and_then([&](TorchDType type) { return strided(call.id, a[0], a[1], a[2], a[3], type); }).map([&](TensorInfo&& tensor) {
            applyMathBits(tensor, a, 7);
            return std::move(tensor);
        });
    }
    if (call.function == "_rebuild_qtensor")
        return a.size() < 5 ? fewer() : quantized(call);
    if (call.function == "_rebuild_sparse_tensor" || call.function == "_rebuild_sparse_csr_tensor")
        return a.size() < 2 ? fewer() : sparse(call);
    if (call.function == "_rebuild_meta_tensor_no_storage")
        return a.size() < 2 ? fewer() : withoutValues(call.id, a[0], a[1]);
    if (call.function == "_rebuild_wrapper_subclass")
        return a.size() < 3 ? fewer() : wrapper(call);
    if (call.function == "_rebuild_nested_tensor") // of tensors of different sizes: the elements of all
        return a.empty() ? fewer() : nested(call);
    return failure(
        broken(call.id, "unsupported-version", fmt::format("It is made by {}, which no known version of PyTorch has.", shown(call.function, 80))));
}

/// (values, sizes, strides, offsets): listed as its values, one after the other.
Result<TensorInfo> TorchTensors::nested(const Call& call)
{
    const auto values = unwrapped(call.arguments[0]);
    if (!values)
        return tl::unexpected(values.error());
    if (isComposite(values->function))
        return failure(broken(call.id, "corrupt", "The values of a nested tensor are no plain tensor."));
    return (values->function.empty() ? buildUnnamed(call.arguments[0]) : dense(*values)).map([](TensorInfo&& tensor) {
        tensor.layout = "nested";
        return std::move(tensor);
    });
}

/// (class, dtype, size, ...): a subclass without values of its own. Its attributes hold tensors: the whole one as it is (DTensor of one
/// process), or parts from which the class computes it (torchao).
Result<TensorInfo> TorchTensors::wrapper(const Call& call)
{
    auto tensor = withoutValues(call.id, call.arguments[1], call.arguments[2]);
    if (!tensor)
        return tensor;
    const std::string type = m_pickle.global(call.arguments[0]) ? m_pickle.global(call.arguments[0])->name : "subclass";
    const auto parts = innerTensors(call);
    Value::Map listed{{"class", type}};
    for (const InnerTensor& part : parts) {
        auto inner = buildUnnamed(part.id);
        if (!inner)
            return inner;
        listed.emplace_back(part.name, Value::Map{{"dtype", inner->dtypeName()}, {"shape", Value::List(inner->shape.begin(), inner->shape.end())}});
        if (parts.size() == 1 && inner->shape == tensor->shape && inner->dtype == tensor->dtype)
            tensor = std::move(inner);
    }
    m_detail = std::move(listed);
    tensor->layout = type;
    return tensor;
}

/// Attributes that are tensors, and those of subclasses inside; found without recursion, capped.
std::vector<TorchTensors::InnerTensor> TorchTensors::innerTensors(const Call& call) const
{
    constexpr size_t most = 64;
    std::vector<InnerTensor> out;
    std::vector<std::pair<std::string, PickleId>> states; // each with the names that lead to it
    const auto addState = [&](const std::string& name, PickleId state) {
        if (m_pickle.kind(state) == PickleKind::Dict && states.size() < most)
            states.emplace_back(name, state);
        if (m_pickle.kind(state) == PickleKind::Tuple) // (__dict__, slots)
            for (const PickleId part : m_pickle.children(state))
                if (m_pickle.kind(part) == PickleKind::Dict && states.size() < most)
                    states.emplace_back(name, part);
    };
    if (call.state)
        addState("", *call.state);
    for (size_t i = 0; i < states.size(); ++i) {
        const auto [prefix, state] = states[i];
        const auto pairs = m_pickle.children(state);
        for (size_t at = 0; at + 1 < std::min(pairs.size(), 4 * most); at += 2) {
            const auto inner = isTensor(pairs[at + 1]) ? unwrapped(pairs[at + 1]) : tl::unexpected(Error());
            if (!inner || out.size() == most)
                continue;
            const std::string name = prefix + pickledKey(m_pickle, pairs[at]).value_or("?");
            if (inner->function == "_rebuild_wrapper_subclass" && inner->state)
                addState(name + ".", *inner->state);
            else if (!isComposite(inner->function))
                out.push_back({name, pairs[at + 1]});
        }
    }
    return out;
}

Result<TensorInfo> TorchTensors::strided(PickleId id, PickleId storageId, PickleId offset, PickleId size, PickleId stride, std::optional<TorchDType> type)
{
    auto storage = isPickledStorage(m_pickle, storageId) ? pickledStorage(storageId) : m_storages.storage(m_pickle, storageId);
    if (!storage)
        return tl::unexpected(storage.error());
    const TorchDType element = type.value_or(storage->type);
    TensorInfo tensor;
    tensor.dtype = element.dtype;
    tensor.writerDtype = element.name;
    tensor.storage = std::move(storage->where);
    const auto sizes = pickledSizes(m_pickle, size);
    const auto strides = pickledSizes(m_pickle, stride);
    const auto first = m_pickle.integer(offset);
    if (!sizes || !strides || !first)
        return failure(broken(id, "corrupt", "Its size, stride or offset is not made of numbers."));
    if (sizes->size() > limits::dimensions || sizes->size() != strides->size())
        return failure(broken(id, "bad-shape", fmt::format("Its shape has {} dimensions and its stride {}.", sizes->size(), strides->size())));
    tensor.shape = *sizes;
    tensor.strides = *strides;
    tensor.elementOffset = static_cast<uint64_t>(*first);
    if (auto problem = reachProblem(tensor, element.nbytes))
        return failure(broken(id, problem->rule, problem->message));
    return tensor;
}

/// In the file where its bytes lie there as they are, else in memory; kept, because tensors share storages.
Result<TorchStorage> TorchTensors::pickledStorage(PickleId id)
{
    if (const auto known = m_pickledStorages.find(id); known != m_pickledStorages.end())
        return known->second;
    JobContext job;
    const auto stored = readPickledStorage(m_pickle, id, job);
    if (!stored)
        return tl::unexpected(stored.error());
    TorchStorage out{stored->type, {}};
    const auto inFile = stored->pickleOffset ? m_storages.pickleBytes(*stored->pickleOffset + stored->offset, stored->nbytes) : std::nullopt;
    if (inFile) {
        out.where = *inFile;
    } else {
        auto bytes = stored->source->read(stored->offset, stored->nbytes);
        if (!bytes)
            return tl::unexpected(bytes.error());
        out.where.kind = StorageKind::Memory;
        out.where.offset = m_inlineStorages.size();
        out.where.nbytes = stored->nbytes;
        m_inlineStorages.push_back(std::move(*bytes));
    }
    m_pickledStorages.emplace(id, out);
    return out;
}

/// The seventh argument: {'conj': True} or {'neg': True} when the values are the conjugates or the negatives of what is stored.
void TorchTensors::applyMathBits(TensorInfo& tensor, std::span<const PickleId> arguments, size_t index) const
{
    if (index >= arguments.size())
        return;
    const auto pairs = m_pickle.children(arguments[index]);
    for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
        const bool isSet = m_pickle.integer(pairs[i + 1]).value_or(0) != 0;
        tensor.isConjugated |= isSet && m_pickle.text(pairs[i]) == "conj";
        tensor.isNegated |= isSet && m_pickle.text(pairs[i]) == "neg";
    }
}

Result<TensorInfo> TorchTensors::quantized(const Call& call)
{
    const auto& a = call.arguments;
    auto tensor = strided(call.id, a[0], a[1], a[2], a[3], std::nullopt);
    const auto parameters = m_pickle.children(a[4]);
    const PickleGlobal* scheme = parameters.empty() ? nullptr : m_pickle.global(parameters[0]);
    if (!tensor)
        return tensor;
    if (!scheme || !isTorchScheme(scheme->name))
        return failure(broken(call.id, "corrupt", "Its quantization scheme is not one that PyTorch has."));
    tensor->layout = scheme->name;
    m_detail.emplace_back("scheme", scheme->name);
    for (size_t i = 1; i < parameters.size(); ++i) {
        const char* key = i == 1 ? "scale" : i == 2 ? "zero_point" : "axis";
        if (m_pickle.kind(parameters[i]) == PickleKind::Float)
            m_detail.emplace_back(key, m_pickle[parameters[i]].real);
        else if (const auto number = m_pickle.integer(parameters[i]))
            m_detail.emplace_back(key, *number);
    }
    return tensor;
}

Result<TensorInfo> TorchTensors::sparse(const Call& call)
{
    const auto parts = m_pickle.children(call.arguments[1]); // (indices, values, size[, coalesced]) or (compressed, plain, values, size)
    const std::string layout = layoutOf(call.arguments[0]);
    const size_t values = layout == "sparse_coo" ? 1 : 2;
    if (layout.empty() || parts.size() < values + 2)
        return failure(broken(call.id, "corrupt", "A sparse tensor lacks its layout, its indices or its values."));
    const auto sizes = pickledSizes(m_pickle, parts[values + 1]);
    if (!sizes || sizes->size() > limits::dimensions || !numel(*sizes))
        return failure(broken(call.id, "bad-shape", "A sparse tensor has a shape that is not a list of sizes, or whose element count overflows."));
    TensorInfo tensor;
    for (size_t i = 0; i <= values; ++i) {
        const auto inner = unwrapped(parts[i]);
        if (!inner)
            return tl::unexpected(inner.error());
        if (isComposite(inner->function))
            return failure(broken(call.id, "corrupt", "The parts of a sparse tensor are no plain tensors."));
        const auto component = buildUnnamed(parts[i]);
        if (!component)
            return component;
        static constexpr const char* names[] = {"indices", "values", "compressed_indices", "plain_indices", "values"};
        m_detail.emplace_back(names[values == 1 ? i : i + 2], Value::Map{{"dtype", component->dtypeName()}, {"shape", Value::List(component->shape.begin(), component->shape.end())}});
        tensor.dtype = component->dtype;
        tensor.writerDtype = component->writerDtype;
    }
    tensor.shape = *sizes;
    tensor.layout = layout;
    tensor.storage.kind = StorageKind::Absent; // the dense values are nowhere in the file
    return tensor;
}

Result<TensorInfo> TorchTensors::withoutValues(PickleId id, PickleId dtype, PickleId size)
{
    const auto type = dtypeOf(dtype);
    const auto sizes = pickledSizes(m_pickle, size);
    if (!type)
        return tl::unexpected(type.error());
    if (!sizes || sizes->size() > limits::dimensions || !numel(*sizes))
        return failure(broken(id, "bad-shape", "Its shape is not a list of sizes, or its element count overflows."));
    TensorInfo tensor;
    tensor.dtype = type->dtype;
    tensor.writerDtype = type->name;
    tensor.shape = *sizes;
    tensor.storage.kind = StorageKind::Absent;
    return tensor;
}

Result<TensorInfo> TorchTensors::array(PickleId id)
{
    const auto array = numpyArray(m_pickle, id);
    if (!array)
        return tl::unexpected(array.error());
    TensorInfo tensor;
    tensor.dtype = array->dtype.dtype;
    tensor.writerDtype = array->dtype.name;
    tensor.shape = array->shape;
    if (array->isFortran) {
        Shape reversed(tensor.shape.rbegin(), tensor.shape.rend());
        tensor.strides = contiguousStrides(reversed);
        std::reverse(tensor.strides.begin(), tensor.strides.end());
    }
    if (array->dtype.nbytes == 0 || m_pickle.kind(array->data) == PickleKind::List) { // Python objects: a list of them
        tensor.dtype = DType::Unknown;
        tensor.storage.kind = StorageKind::Absent;
        return tensor;
    }
    const uint64_t wanted = tensor.elements() * array->dtype.nbytes;
    const bool isPlain = m_pickle.kind(array->data) == PickleKind::Bytes;
    const auto inFile = isPlain ? m_storages.pickleBytes(m_pickle[array->data].offset, m_pickle[array->data].length) : std::nullopt;
    if (inFile) {
        tensor.storage = *inFile;
    } else {
        auto bytes = pickledBytes(m_pickle, array->data);
        if (!bytes)
            return tl::unexpected(bytes.error());
        tensor.storage.kind = StorageKind::Memory;
        tensor.storage.offset = m_inlineStorages.size();
        tensor.storage.nbytes = bytes->size();
        m_inlineStorages.push_back(std::move(*bytes));
    }
    tensor.storage.bigEndian = array->dtype.bigEndian;
    if (tensor.storage.nbytes != wanted && tensor.dtype != DType::Unknown)
        return failure(broken(id, "bad-shape", fmt::format("Its shape {} needs {} bytes, but {} are there.", formatShape(tensor.shape), wanted, tensor.storage.nbytes)));
    return tensor;
}

Result<TorchDType> TorchTensors::dtypeOf(PickleId id) const
{
    const PickleGlobal* global = m_pickle.global(id);
    const auto type = global && global->module == "torch" ? torchDType(global->name) : std::nullopt;
    if (!type)
        return failure(broken(id, "bad-dtype", fmt::format("Its dtype {} is not one that PyTorch has.", global ? shown(global->module + "." + global->name, 80) : "")));
    return *type;
}

std::string TorchTensors::layoutOf(PickleId id) const
{
    const auto arguments = argumentsOf(m_pickle, id); // torch.serialization._get_layout('torch.sparse_coo')
    std::string name;
    if (const PickleGlobal* global = m_pickle.global(id))
        name = global->name;
    else if (!arguments.empty())
        name = std::string(m_pickle.text(arguments[0]).value_or(""));
    if (name.starts_with("torch."))
        name.erase(0, 6);
    return isTorchScheme(name) ? name : std::string();
}

Error TorchTensors::broken(PickleId id, std::string rule, std::string message) const
{
    return Error(std::move(rule), std::move(message)).at(m_pickle.source()->path()).atByte(m_pickle[id].offset).fixedBy("Download or copy the file again, or save the checkpoint again.");
}

} // namespace weighbridge
