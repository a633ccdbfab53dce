// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/tf_proto.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/torch_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

namespace weighbridge {
namespace {

using enum DType;

/// By number: types.proto.
constexpr std::array types{
    TfType{}, TfType{F32, "float"}, TfType{F64, "double"}, TfType{I32, "int32"}, TfType{U8, "uint8"}, TfType{I16, "int16"}, TfType{I8, "int8"},
    TfType{String, "string"}, TfType{C64, "complex64"}, TfType{I64, "int64"}, TfType{Bool, "bool"}, TfType{QInt8, "qint8"}, TfType{QUInt8, "quint8"},
    TfType{QInt32, "qint32"}, TfType{BF16, "bfloat16"}, TfType{Unknown, "qint16"}, TfType{Unknown, "quint16"}, TfType{U16, "uint16"},
    TfType{C128, "complex128"}, TfType{F16, "half"}, TfType{Unknown, "resource"}, TfType{Unknown, "variant"}, TfType{U32, "uint32"}, TfType{U64, "uint64"},
    TfType{F8_E5M2, "float8_e5m2"}, TfType{F8_E4M3, "float8_e4m3fn"}, TfType{F8_E4M3FNUZ, "float8_e4m3fnuz"}, TfType{Unknown, "float8_e4m3b11fnuz"},
    TfType{F8_E5M2FNUZ, "float8_e5m2fnuz"}, TfType{Unknown, "int4"}, TfType{Unknown, "uint4"}, TfType{Unknown, "int2"}, TfType{Unknown, "uint2"},
};

/// OrderedCode::WriteString: 00 and FF are escaped, 00 01 ends it.
void appendOrdered(std::string& out, std::string_view text)
{
    for (const char c : text) {
        out += c;
        if (c == '\0')
            out += '\xff';
        else if (c == '\xff')
            out += '\0';
    }
    out += '\0';
    out += '\1';
}

/// OrderedCode::WriteNumIncreasing: the number of bytes, then they, the highest first.
void appendOrdered(std::string& out, uint64_t number)
{
    const int nbytes = (std::bit_width(number) + 7) / 8;
    out += static_cast<char>(nbytes);
    for (int i = nbytes; i-- > 0;)
        out += static_cast<char>(number >> (8 * i));
}

/// OrderedCode::WriteSignedNumIncreasing: the length in unary in the highest bits, then the number; inverted if it is negative.
void appendOrderedSigned(std::string& out, int64_t number)
{
    const auto magnitude = static_cast<uint64_t>(number < 0 ? ~number : number);
    const auto nbytes = static_cast<size_t>(std::bit_width(magnitude)) / 7 + 1;
    std::array<uint8_t, 10> bytes{};
    bytes.fill(number < 0 ? 0xff : 0);
    for (size_t i = 0; i < 8; ++i)
        bytes[9 - i] = static_cast<uint8_t>(static_cast<uint64_t>(number) >> (8 * i));
    const auto lengthBits = static_cast<uint16_t>(0xffffU << (16 - nbytes)); // `nbytes` ones
    const size_t start = bytes.size() - nbytes;
    bytes[start] ^= static_cast<uint8_t>(lengthBits >> 8);
    if (nbytes > 1)
        bytes[start + 1] ^= static_cast<uint8_t>(lengthBits);
    for (size_t i = start; i < bytes.size(); ++i)
        out += static_cast<char>(bytes[i]);
}

Result<int64_t> readDimension(const ByteSource& source, const WireField& dimension)
{
    int64_t size = 0; // left out if it is zero
    return eachField(WireMessage(source, dimension), [&](WireMessage&, const WireField& field) -> Result<void> {
               if (field.isNumber(1))
                   size = static_cast<int64_t>(field.value);
               return {};
           })
        .map([&] { return size; });
}

Error badValues(const TensorInfo& tensor, std::string message, uint64_t offset)
{
    return Error("bad-shape", fmt::format("The tensor {} {}.", shown(tensor.name, 120), message)).atByte(offset).fixedBy("Convert or download the file again.");
}

/// Values that do not lie in the file as they are: varints, and fixed numbers that are not packed.
Result<std::vector<std::byte>> gatheredValues(const TensorInfo& tensor, const TfTensorProto& proto, const ByteSource& source, uint64_t nbytes, uint64_t width)
{
    const bool isFixed = proto.values[0].number == 5 || proto.values[0].number == 6 || proto.values[0].number == 9 || proto.values[0].number == 12;
    std::vector<std::byte> out;
    const auto append = [&out](uint64_t value, uint64_t count) {
        for (uint64_t i = 0; i < count; ++i)
            out.push_back(static_cast<std::byte>(value >> (8 * i)));
    };
    for (const WireField& field : proto.values) {
        if (isFixed && field.type == 2) {
            const auto bytes = source.read(field.offset, field.nbytes);
            if (!bytes)
                return tl::unexpected(bytes.error());
            out.insert(out.end(), bytes->begin(), bytes->end());
        } else if (isFixed) {
            append(field.value, field.type == 5 ? 4 : 8);
        } else {
            std::vector<int64_t> numbers;
            if (auto read = WireMessage(source, field).integers(field, numbers, static_cast<size_t>(nbytes / width)); !read)
                return tl::unexpected(read.error());
            for (const int64_t number : numbers)
                append(static_cast<uint64_t>(number), std::min<uint64_t>(width, 8));
        }
        if (out.size() > nbytes)
            return failure(badValues(tensor, fmt::format("holds more values than its shape {} says", formatShape(tensor.shape)), field.offset));
    }
    return out;
}

} // namespace

std::optional<TfType> tfType(uint64_t number)
{
    return number > 0 && number < types.size() ? std::optional(types[number]) : std::nullopt;
}

bool TfSlice::isFull() const
{
    return std::all_of(length.begin(), length.end(), [](int64_t size) { return size < 0; });
}

Result<Shape> readTfShape(const ByteSource& source, const WireField& shape)
{
    Shape out;
    return eachField(WireMessage(source, shape), [&](WireMessage&, const WireField& field) -> Result<void> {
               if (!field.isMessage(2))
                   return {};
               if (out.size() == limits::dimensions)
                   return failure(Error("resource-bomb", fmt::format("A shape has more than {} dimensions.", limits::dimensions)).atByte(field.offset));
               return readDimension(source, field).map([&](int64_t size) { out.push_back(size); });
           })
        .map([&] { return std::move(out); });
}

Result<TfSlice> readTfSlice(const ByteSource& source, const WireField& slice)
{
    TfSlice out;
    return eachField(WireMessage(source, slice), [&](WireMessage&, const WireField& extent) -> Result<void> {
               if (!extent.isMessage(1))
                   return {};
               if (out.start.size() == limits::dimensions)
                   return failure(Error("resource-bomb", fmt::format("A slice has more than {} dimensions.", limits::dimensions)).atByte(extent.offset));
               out.start.push_back(0);
               out.length.push_back(-1);
               return eachField(WireMessage(source, extent), [&](WireMessage&, const WireField& field) -> Result<void> {
                   if (field.isNumber(1))
                       out.start.back() = static_cast<int64_t>(field.value);
                   else if (field.isNumber(2))
                       out.length.back() = static_cast<int64_t>(field.value);
                   return {};
               });
           })
        .map([&] { return std::move(out); });
}

std::optional<TensorPiece> pieceOf(const TfSlice& slice, const Shape& shape)
{
    if (slice.start.size() != shape.size())
        return std::nullopt;
    TensorPiece piece;
    piece.start = slice.start;
    for (size_t d = 0; d < shape.size(); ++d) {
        const int64_t length = slice.length[d] < 0 ? shape[d] : slice.length[d];
        if (slice.start[d] < 0 || length > shape[d] || slice.start[d] > shape[d] - length)
            return std::nullopt;
        piece.shape.push_back(length);
    }
    return piece;
}

std::string tfSliceKey(std::string_view name, const TfSlice& slice)
{
    std::string key;
    appendOrdered(key, uint64_t{0});
    appendOrdered(key, name);
    appendOrdered(key, static_cast<uint64_t>(slice.start.size()));
    for (size_t d = 0; d < slice.start.size(); ++d) {
        appendOrderedSigned(key, slice.start[d]);
        appendOrderedSigned(key, slice.length[d]);
    }
    return key;
}

Result<void> setTfType(TensorInfo& tensor, uint64_t number, Shape shape, uint64_t offset)
{
    const auto type = tfType(number);
    if (!type)
        return failure(Error("bad-dtype", fmt::format("The tensor {} has the data type {}, which TensorFlow does not define.", shown(tensor.name, 120), number)).atByte(offset));
    tensor.dtype = type->dtype;
    if (tensor.dtype == Unknown)
        tensor.writerDtype = type->name;
    tensor.shape = std::move(shape);
    const auto elements = numel(tensor.shape);
    if (!elements || (tensor.dtype != Unknown && tensor.dtype != String && !nbytesOf(tensor.dtype, *elements)))
        return failure(Error("bad-shape", fmt::format("The shape {} of the tensor {} has a negative size or overflows.", formatShape(tensor.shape), shown(tensor.name, 120))).atByte(offset));
    return {};
}

Result<TfTensorProto> readTensorProto(const ByteSource& source, const WireField& tensor)
{
    TfTensorProto out;
    return eachField(WireMessage(source, tensor), [&](WireMessage&, const WireField& field) -> Result<void> {
               if (field.isNumber(1))
                   out.type = field.value;
               else if (field.isMessage(2))
                   return readTfShape(source, field).map([&](Shape shape) { out.shape = std::move(shape); });
               else if (field.isMessage(4))
                   out.content = field;
               else if ((field.number >= 5 && field.number <= 13) || field.number == 16 || field.number == 17)
                   out.values.push_back(field);
               else if (field.isMessage(18))
                   out.content = field; // float8_val: one byte an element
               return {};
           })
        .map([&] { return std::move(out); });
}

Result<void> placeTfValues(TensorInfo& tensor, const TfTensorProto& proto, const ByteSource& source, std::vector<std::vector<std::byte>>& inlineStorages)
{
    const uint64_t elements = tensor.elements();
    if (tensor.dtype == Unknown || tensor.dtype == String || elements == 0) {
        tensor.storage.kind = elements == 0 ? StorageKind::Raw : StorageKind::Absent;
        return {};
    }
    const uint64_t width = info(tensor.dtype).bitsPerElement / 8;
    const uint64_t nbytes = elements * width;
    if (proto.content && proto.content->nbytes == nbytes) {
        tensor.storage = {StorageKind::Raw, 0, proto.content->offset, nbytes, 0, false, {}};
        return {};
    }
    if (proto.content && proto.content->nbytes > 0)
        return failure(badValues(tensor, fmt::format("says {} of {} ({} bytes), but holds {} bytes", formatShape(tensor.shape), name(tensor.dtype), nbytes, proto.content->nbytes), proto.content->offset));
    if (proto.values.size() == 1 && proto.values[0].type == 2 && proto.values[0].nbytes == nbytes && (info(tensor.dtype).kind == DTypeKind::Float || info(tensor.dtype).kind == DTypeKind::Complex) && width >= 4) {
        tensor.storage = {StorageKind::Raw, 0, proto.values[0].offset, nbytes, 0, false, {}};
        return {};
    }
    auto bytes = proto.values.empty() ? Result<std::vector<std::byte>>(std::vector<std::byte>(static_cast<size_t>(width))) : gatheredValues(tensor, proto, source, nbytes, width);
    if (!bytes)
        return tl::unexpected(bytes.error());
    if (bytes->size() % width != 0 || bytes->empty())
        return failure(badValues(tensor, fmt::format("holds {} bytes, which is no number of {} elements", bytes->size(), name(tensor.dtype)), proto.values.empty() ? 0 : proto.values[0].offset));
    if (bytes->size() == width) {
        tensor.strides.assign(tensor.shape.size(), 0);
    } else if (bytes->size() < nbytes) {
        if (nbytes > limits::checkedAtOnceNbytes)
            return failure(Error("resource-bomb", fmt::format("The tensor {} has {}, but its file holds only the first {} values, the last of which repeats: too much to be repeated in memory.",
                                                              shown(tensor.name, 120), formatNbytes(nbytes), bytes->size() / width)));
        const std::vector<std::byte> last(bytes->end() - static_cast<ptrdiff_t>(width), bytes->end());
        while (bytes->size() < nbytes)
            bytes->insert(bytes->end(), last.begin(), last.end());
    }
    tensor.storage = {StorageKind::Memory, 0, inlineStorages.size(), bytes->size(), 0, false, {}};
    if (!tensor.strides.empty())
        if (auto problem = reachProblem(tensor, width))
            return failure(std::move(*problem));
    inlineStorages.push_back(std::move(*bytes));
    return {};
}

} // namespace weighbridge
