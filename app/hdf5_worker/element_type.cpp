// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "element_type.h"

#include <fmt/format.h>

#include <array>
#include <memory>

namespace weighbridge {
namespace {

constexpr size_t descriptionNbytes = 400;

std::string integerName(hid_t type)
{
    const size_t nbytes = H5Tget_size(type);
    const bool isWhole = H5Tget_precision(type) == 8 * nbytes;
    if (!isWhole || (nbytes != 1 && nbytes != 2 && nbytes != 4 && nbytes != 8))
        return "";
    return fmt::format("{}{}", H5Tget_sign(type) == H5T_SGN_NONE ? 'U' : 'I', 8 * nbytes);
}

struct FloatLayout {
    size_t nbytes;
    size_t exponentBits;
    size_t mantissaBits;
    size_t exponentBias;
    const char* name;
};

// IEEE 754; bfloat16; OCP 8-bit floats; the FNUZ forms have a bias that is one larger (arXiv 2206.02915)
constexpr std::array floatLayouts{
    FloatLayout{8, 11, 52, 1023, "F64"}, FloatLayout{4, 8, 23, 127, "F32"},      FloatLayout{2, 5, 10, 15, "F16"},
    FloatLayout{2, 8, 7, 127, "BF16"},   FloatLayout{1, 4, 3, 7, "F8_E4M3"},     FloatLayout{1, 5, 2, 15, "F8_E5M2"},
    FloatLayout{1, 4, 3, 8, "F8_E4M3FNUZ"}, FloatLayout{1, 5, 2, 16, "F8_E5M2FNUZ"},
};

std::string floatName(hid_t type)
{
    size_t sign = 0;
    size_t exponentStart = 0;
    size_t exponentBits = 0;
    size_t mantissaStart = 0;
    size_t mantissaBits = 0;
    if (H5Tget_fields(type, &sign, &exponentStart, &exponentBits, &mantissaStart, &mantissaBits) < 0)
        return "";
    for (const FloatLayout& layout : floatLayouts)
        if (H5Tget_size(type) == layout.nbytes && exponentBits == layout.exponentBits && mantissaBits == layout.mantissaBits
            && H5Tget_ebias(type) == layout.exponentBias && sign == 8 * layout.nbytes - 1 && exponentStart == layout.mantissaBits && mantissaStart == 0)
            return layout.name;
    return "";
}

/// A copy of a number type in little-endian order.
Handle littleEndian(hid_t type)
{
    Handle copy(H5Tcopy(type));
    if (copy && H5Tget_size(type) > 1 && H5Tset_order(copy.id(), H5T_ORDER_LE) < 0)
        return Handle();
    return copy;
}

ElementType numberType(hid_t type, std::string name)
{
    ElementType out;
    out.writer = fmt::format("{} of {} bytes", H5Tget_class(type) == H5T_FLOAT ? "float" : "integer", H5Tget_size(type));
    out.dtype = std::move(name);
    if (out.dtype.empty())
        return out;
    out.bigEndian = H5Tget_size(type) > 1 && H5Tget_order(type) == H5T_ORDER_BE;
    out.memory = littleEndian(type);
    if (!out.memory)
        out.dtype.clear();
    return out;
}

std::string memberName(hid_t type, unsigned index)
{
    char* const name = H5Tget_member_name(type, index);
    std::string out = name ? name : "";
    H5free_memory(name);
    return out;
}

/// h5py writes bool as an enumeration of one byte, FALSE = 0 and TRUE = 1.
ElementType enumType(hid_t type)
{
    const Handle base(H5Tget_super(type));
    ElementType out = numberType(base.id(), integerName(base.id()));
    out.writer = "enumeration";
    const bool isBool = H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2 && memberName(type, 0) == "FALSE" && memberName(type, 1) == "TRUE";
    if (isBool)
        out.dtype = "BOOL";
    // of one byte nothing needs converting, and the same type converts fastest; longer ones convert by name, so keep it too
    out.memory = H5Tget_size(type) == 1 ? Handle(H5Tcopy(type)) : Handle();
    if (!out.memory)
        out.dtype.clear();
    return out;
}

/// h5py writes complex numbers as a compound of r and i.
ElementType complexType(hid_t type, const std::string& part, const Handle& member)
{
    ElementType out;
    out.writer = "complex";
    out.bigEndian = H5Tget_order(member.id()) == H5T_ORDER_BE;
    const Handle little = littleEndian(member.id());
    const size_t nbytes = H5Tget_size(member.id());
    Handle memory(H5Tcreate(H5T_COMPOUND, 2 * nbytes));
    if (!little || !memory || H5Tinsert(memory.id(), memberName(type, 0).c_str(), 0, little.id()) < 0
        || H5Tinsert(memory.id(), memberName(type, 1).c_str(), nbytes, little.id()) < 0)
        return out;
    out.dtype = part == "F64" ? "C128" : part == "F32" ? "C64" : "C32";
    out.memory = std::move(memory);
    return out;
}

std::string compoundDescription(hid_t type)
{
    std::string out;
    const int members = H5Tget_nmembers(type);
    for (int i = 0; i < members && out.size() < descriptionNbytes; ++i)
        out += fmt::format("{}{}", i ? ", " : "", memberName(type, static_cast<unsigned>(i)));
    return "compound {" + out + "}";
}

ElementType compoundType(hid_t type)
{
    if (H5Tget_nmembers(type) == 2 && H5Tget_member_class(type, 0) == H5T_FLOAT) {
        const Handle first(H5Tget_member_type(type, 0));
        const Handle second(H5Tget_member_type(type, 1));
        const std::string part = floatName(first.id());
        const bool named = (memberName(type, 0) == "r" && memberName(type, 1) == "i") || (memberName(type, 0) == "real" && memberName(type, 1) == "imag");
        const bool packed = H5Tget_size(type) == 2 * H5Tget_size(first.id()) && H5Tget_member_offset(type, 1) == H5Tget_size(first.id());
        if (named && packed && (part == "F64" || part == "F32" || part == "F16") && H5Tequal(first.id(), second.id()) > 0)
            return complexType(type, part, first);
    }
    ElementType out;
    out.writer = compoundDescription(type);
    return out;
}

/// Arrays as elements become further dimensions; an array of arrays stays unknown.
ElementType arrayType(hid_t type)
{
    const Handle base(H5Tget_super(type));
    const int rank = H5Tget_array_ndims(type);
    ElementType out;
    if (base && H5Tget_class(base.id()) != H5T_ARRAY && rank > 0 && rank <= H5S_MAX_RANK) {
        out = elementTypeOf(base.id());
        out.arrayShape.resize(static_cast<size_t>(rank));
        H5Tget_array_dims2(type, out.arrayShape.data());
        if (out.memory)
            out.memory = Handle(H5Tarray_create2(out.memory.id(), static_cast<unsigned>(rank), out.arrayShape.data()));
    }
    out.writer = "array of " + out.writer;
    if (!out.memory)
        out.dtype.clear();
    return out;
}

ElementType opaqueType(hid_t type)
{
    char* const tag = H5Tget_tag(type);
    ElementType out;
    out.writer = fmt::format("opaque {} of {} bytes", tag ? tag : "", H5Tget_size(type));
    H5free_memory(tag);
    out.memory = Handle(H5Tcopy(type));
    return out;
}

} // namespace

ElementType elementTypeOf(hid_t type)
{
    ElementType out;
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
        return numberType(type, integerName(type));
    case H5T_FLOAT:
        return numberType(type, floatName(type));
    case H5T_ENUM:
        return enumType(type);
    case H5T_COMPOUND:
        return compoundType(type);
    case H5T_ARRAY:
        return arrayType(type);
    case H5T_OPAQUE:
        return opaqueType(type);
    case H5T_STRING:
        out.dtype = "STRING";
        out.writer = "string";
        return out;
    case H5T_VLEN:
        out.writer = "variable-length sequence";
        return out;
    case H5T_REFERENCE:
        out.writer = "reference";
        return out;
    case H5T_BITFIELD:
        out.writer = fmt::format("bit field of {} bytes", H5Tget_size(type));
        return out;
    default:
        out.writer = "unknown";
        return out;
    }
}

} // namespace weighbridge
