// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How numpy pickles: numpy/_core/src/multiarray/methods.c (array_reduce), descriptor.c (arraydescr_reduce).
#include "core/format/detail/numpy_objects.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/numpy_dtype.h"
#include "core/format/detail/pickle_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace weighbridge {
namespace {

using enum DType;

Error broken(const Pickle& pickle, PickleId id, std::string rule, std::string message)
{
    return Error(std::move(rule), std::move(message)).at(pickle.source()->path()).atByte(pickle[id].offset);
}

bool isFunction(const PickleGlobal* global, std::string_view name)
{
    return global && global->name == name && global->module.starts_with("numpy.");
}

/// Bytes of an element of codes with a length of their own: S10, U4, V12, M8[ns].
uint64_t lengthOfCode(std::string_view code)
{
    uint64_t count = 0;
    std::from_chars(code.data() + std::min<size_t>(1, code.size()), code.data() + code.size(), count);
    return code.starts_with('U') ? checkedMul<uint64_t>(count, 4).value_or(0) : count;
}

Result<NumpyDType> dtypeOf(const Pickle& pickle, PickleId id)
{
    const PickleGlobal* callee = pickle.calleeOf(id);
    const auto arguments = argumentsOf(pickle, id);
    const bool isDType = callee && callee->module.starts_with("numpy") && callee->name == "dtype";
    if (!isDType || arguments.empty())
        return failure(broken(pickle, id, "bad-dtype", "An array of the pickle has no dtype of numpy."));
    NumpyDType out;
    if (const PickleGlobal* type = pickle.global(arguments[0]))
        out.name = type->name;
    else
        out.name = std::string(pickle.text(arguments[0]).value_or(""));
    const NumpyCode code = numpyCode(out.name);
    out.bigEndian = code.bigEndian;
    out.dtype = code.dtype;
    out.nbytes = nbytesOf(code.dtype, 1).value_or(lengthOfCode(code.code));
    // __setstate__((version, byteorder, subdtype, names, fields, itemsize, alignment, flags))
    const auto& object = pickle.object(id);
    const auto state = object.state ? pickle.children(*object.state) : std::span<const PickleId>{};
    if (state.size() >= 5) {
        if (const auto order = pickle.text(state[1]); order && !order->empty())
            out.bigEndian = (*order)[0] == '>';
        const bool isPlain = pickle.kind(state[2]) == PickleKind::None && pickle.kind(state[3]) == PickleKind::None;
        if (!isPlain)
            out.dtype = Unknown; // a struct, or elements that are arrays
    }
    if (out.name.empty())
        return failure(broken(pickle, id, "bad-dtype", "An array of the pickle has a dtype without a name."));
    return out;
}

Result<NumpyArray> arrayOf(const Pickle& pickle, PickleId id, PickleId dtype, PickleId shape, PickleId data)
{
    NumpyArray out;
    auto type = dtypeOf(pickle, dtype);
    if (!type)
        return tl::unexpected(type.error());
    out.dtype = std::move(*type);
    const auto sizes = pickledSizes(pickle, shape);
    const auto elements = sizes && sizes->size() <= limits::dimensions ? numel(*sizes) : std::nullopt;
    if (!elements || !checkedMul(*elements, std::max<uint64_t>(1, out.dtype.nbytes)))
        return failure(broken(pickle, id, "bad-shape", "An array of the pickle has a shape that is not a list of sizes, or whose element count overflows."));
    out.shape = *sizes;
    out.data = data;
    return out;
}

/// The bytes of a number in the order of this machine.
template <typename T>
T numberFrom(std::span<const std::byte> bytes, bool bigEndian)
{
    std::array<std::byte, sizeof(T)> raw{};
    std::copy_n(bytes.begin(), sizeof(T), raw.begin());
    if (bigEndian == (std::endian::native == std::endian::little))
        std::reverse(raw.begin(), raw.end());
    return std::bit_cast<T>(raw);
}

} // namespace

std::span<const PickleId> argumentsOf(const Pickle& pickle, PickleId id)
{
    if (pickle.kind(id) != PickleKind::Object || !pickle.object(id).arguments)
        return {};
    return pickle.children(*pickle.object(id).arguments);
}

std::optional<Shape> pickledSizes(const Pickle& pickle, PickleId id)
{
    const PickleGlobal* callee = pickle.calleeOf(id);
    const auto arguments = argumentsOf(pickle, id);
    if (callee && callee->name == "Size" && callee->module == "torch" && arguments.size() == 1)
        id = arguments[0];
    if (const auto single = pickle.kind(id) == PickleKind::Int ? pickle.integer(id) : std::nullopt)
        return Shape{*single}; // numpy accepts a bare length
    if (pickle.kind(id) != PickleKind::Tuple && pickle.kind(id) != PickleKind::List)
        return std::nullopt;
    Shape out;
    for (const PickleId child : pickle.children(id)) {
        const auto size = pickle.integer(child);
        if (!size)
            return std::nullopt;
        out.push_back(*size);
    }
    return out;
}

bool isNumpyArray(const Pickle& pickle, PickleId id)
{
    const PickleGlobal* callee = pickle.calleeOf(id);
    return isFunction(callee, "_frombuffer") || (isFunction(callee, "_reconstruct") && pickle.object(id).state);
}

Result<NumpyArray> numpyArray(const Pickle& pickle, PickleId id)
{
    if (isFunction(pickle.calleeOf(id), "_frombuffer")) {
        const auto arguments = argumentsOf(pickle, id); // (buffer, dtype, shape, order)
        if (arguments.size() < 3)
            return failure(broken(pickle, id, "corrupt", "An array of the pickle lacks its dtype or its shape."));
        return arrayOf(pickle, id, arguments[1], arguments[2], arguments[0]).map([&](NumpyArray&& array) {
            array.isFortran = arguments.size() > 3 && pickle.text(arguments[3]) == "F";
            return std::move(array);
        });
    }
    auto state = pickle.children(*pickle.object(id).state); // ([version,] shape, dtype, is Fortran, data)
    if (state.size() == 5)
        state = state.subspan(1);
    if (state.size() != 4)
        return failure(broken(pickle, id, "corrupt", "An array of the pickle has a state that numpy does not write."));
    return arrayOf(pickle, id, state[1], state[0], state[3]).map([&](NumpyArray&& array) {
        array.isFortran = pickle.integer(state[2]).value_or(0) != 0;
        return std::move(array);
    });
}

Result<std::vector<std::byte>> pickledBytes(const Pickle& pickle, PickleId id)
{
    constexpr uint64_t maximum = limits::GiB;
    if (pickle.kind(id) == PickleKind::Bytes)
        return pickle.content(id, maximum);
    const PickleGlobal* callee = pickle.calleeOf(id);
    const auto arguments = argumentsOf(pickle, id);
    const bool makesBytes = callee && (callee->name == "encode" || callee->name == "bytearray" || callee->name == "bytes");
    if (makesBytes && arguments.empty())
        return std::vector<std::byte>{};
    if (makesBytes && pickle.kind(arguments[0]) == PickleKind::Bytes)
        return pickle.content(arguments[0], maximum);
    if (!makesBytes || pickle.kind(arguments[0]) != PickleKind::Text)
        return failure(broken(pickle, id, "corrupt", "A value of the pickle is not the bytes that it should be."));
    const auto utf8 = pickle.content(arguments[0], maximum);
    if (!utf8)
        return tl::unexpected(utf8.error());
    const auto bytes = latin1FromUtf8({reinterpret_cast<const char*>(utf8->data()), utf8->size()});
    if (!bytes)
        return failure(broken(pickle, id, "corrupt", "The bytes of a value are written as a text that no bytes give."));
    const auto* data = reinterpret_cast<const std::byte*>(bytes->data());
    return std::vector<std::byte>(data, data + bytes->size());
}

std::optional<Value> numpyScalar(const Pickle& pickle, PickleId id)
{
    const auto arguments = argumentsOf(pickle, id);
    if (!isFunction(pickle.calleeOf(id), "scalar") || arguments.size() != 2)
        return std::nullopt;
    const auto type = dtypeOf(pickle, arguments[0]);
    const auto bytes = type ? pickledBytes(pickle, arguments[1]) : tl::unexpected(type.error());
    if (!bytes || bytes->size() != type->nbytes)
        return std::nullopt;
    switch (type->dtype) {
    case F64: return Value(numberFrom<double>(*bytes, type->bigEndian));
    case F32: return Value(static_cast<double>(numberFrom<float>(*bytes, type->bigEndian)));
    case I64: return Value(numberFrom<int64_t>(*bytes, type->bigEndian));
    case I32: return Value(int64_t{numberFrom<int32_t>(*bytes, type->bigEndian)});
    case I16: return Value(int64_t{numberFrom<int16_t>(*bytes, type->bigEndian)});
    case I8: return Value(int64_t{numberFrom<int8_t>(*bytes, type->bigEndian)});
    case U64: return Value(numberFrom<uint64_t>(*bytes, type->bigEndian));
    case U32: return Value(int64_t{numberFrom<uint32_t>(*bytes, type->bigEndian)});
    case U16: return Value(int64_t{numberFrom<uint16_t>(*bytes, type->bigEndian)});
    case U8: return Value(int64_t{numberFrom<uint8_t>(*bytes, type->bigEndian)});
    case Bool: return Value(numberFrom<uint8_t>(*bytes, false) != 0);
    default: return std::nullopt;
    }
}

} // namespace weighbridge
