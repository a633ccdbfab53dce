// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "core/export/export_tensors.h"

#include "core/base/limits.h"
#include "core/base/new_file.h"
#include "core/statistics/value_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace weighbridge {
namespace {

struct NumpyType {
    DType dtype;
    std::string_view descr;
};

constexpr std::array numpyTypes{
    NumpyType{DType::F64, "<f8"}, NumpyType{DType::F32, "<f4"}, NumpyType{DType::F16, "<f2"}, NumpyType{DType::I64, "<i8"}, NumpyType{DType::I32, "<i4"},
    NumpyType{DType::I16, "<i2"}, NumpyType{DType::I8, "|i1"},  NumpyType{DType::U64, "<u8"}, NumpyType{DType::U32, "<u4"}, NumpyType{DType::U16, "<u2"},
    NumpyType{DType::U8, "|u1"},  NumpyType{DType::Bool, "|b1"}, NumpyType{DType::C64, "<c8"}, NumpyType{DType::C128, "<c16"},
};

const NumpyType* numpyTypeOf(DType dtype)
{
    const auto known = std::find_if(numpyTypes.begin(), numpyTypes.end(), [dtype](const NumpyType& type) { return type.dtype == dtype; });
    return known == numpyTypes.end() ? nullptr : &*known;
}

/// Magic, version, length and the dict, filled up so that the values begin at a multiple of 64.
std::string headerOf(std::string_view descr, const Shape& shape)
{
    constexpr size_t prefix = 10;
    constexpr size_t alignment = 64;
    std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr, fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
    text.append((alignment - (prefix + text.size() + 1) % alignment) % alignment, ' ');
    text += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(text.size() & 0xFF);
    out += static_cast<char>(text.size() >> 8);
    return out + text;
}

template <typename Number>
Result<void> writeDecoded(NewFile& file, const Decoder& decoder, std::span<const std::byte> block)
{
    std::vector<Number> values(decoder.values(block.size()));
    decode(decoder, block, std::span<Number>(values));
    return file.write(std::as_bytes(std::span<const Number>(values)));
}

} // namespace

DType npyDTypeOf(DType dtype)
{
    if (numpyTypeOf(dtype))
        return dtype;
    const Decoder* decoder = decoderOf(dtype);
    return !decoder ? DType::Unknown : decoder->exactAsFloat ? DType::F32 : DType::F64;
}

Result<void> exportNpy(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::string& path, JobContext& job)
{
    const auto decoder = decoderFor(checkpoint, tensor);
    if (!decoder)
        return tl::unexpected(decoder.error());
    if (auto vacant = expectNotSource(checkpoint, path); !vacant)
        return vacant;
    auto file = NewFile::create(path);
    if (!file)
        return tl::unexpected(file.error());
    const DType target = npyDTypeOf(tensor.dtype);
    Shape shape = tensor.shape;
    if (target != tensor.dtype && valuesPerElement(tensor.dtype) > 1)
        shape.push_back(2); // C32: real and imaginary part side by side
    if (auto header = file->write(headerOf(numpyTypeOf(target)->descr, shape)); !header)
        return header;
    const auto written = writeBlocks(checkpoint, tensor, job, [&](std::span<const std::byte> block) {
        return target == tensor.dtype ? file->write(block) : target == DType::F32 ? writeDecoded<float>(*file, **decoder, block) : writeDecoded<double>(*file, **decoder, block);
    });
    if (!written)
        return written;
    return file->finish();
}

} // namespace weighbridge
