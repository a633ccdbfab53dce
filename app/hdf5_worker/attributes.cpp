// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "attributes.h"

#include "handle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace weighbridge {
namespace {

constexpr size_t attributesPerObject = 4096;
constexpr hssize_t elementsPerAttribute = 1'000'000;
constexpr hssize_t numbersPerAttribute = 1024;

struct Names {
    std::vector<std::string> list;
};

herr_t collectName(hid_t, const char* name, const H5A_info_t*, void* out)
try {
    auto& names = static_cast<Names*>(out)->list;
    names.emplace_back(name);
    return names.size() < attributesPerObject ? 0 : 1;
} catch (...) { // nothing may be thrown through libhdf5
    return -1;
}

/// The text of one fixed-length string: up to its first NUL, without the blanks that Fortran pads with.
std::string fixedText(const char* from, size_t nbytes, H5T_str_t padding)
{
    std::string text(from, ::strnlen(from, nbytes));
    if (padding == H5T_STR_SPACEPAD)
        text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

Value listOrOne(std::vector<std::string> texts, bool isScalar)
{
    if (isScalar && texts.size() == 1)
        return std::move(texts[0]);
    return Value::List(std::make_move_iterator(texts.begin()), std::make_move_iterator(texts.end()));
}

Value variableTexts(hid_t attribute, hid_t type, hid_t space, size_t count, bool isScalar, AttributeBudget& budget)
{
    std::vector<char*> pointers(count, nullptr);
    const Handle memory(H5Tcopy(type));
    if (H5Aread(attribute, memory.id(), pointers.data()) < 0)
        return {};
    std::vector<std::string> texts;
    for (const char* text : pointers) {
        const size_t nbytes = text ? std::strlen(text) : 0;
        if (nbytes > budget.nbytes)
            break;
        budget.nbytes -= nbytes;
        texts.emplace_back(text ? text : "", nbytes);
    }
    H5Dvlen_reclaim(memory.id(), space, H5P_DEFAULT, pointers.data());
    return listOrOne(std::move(texts), isScalar);
}

Value texts(hid_t attribute, hid_t type, hid_t space, size_t count, bool isScalar, AttributeBudget& budget)
{
    if (H5Tis_variable_str(type) > 0)
        return variableTexts(attribute, type, space, count, isScalar, budget);
    const size_t width = H5Tget_size(type);
    if (width == 0 || count > budget.nbytes / width)
        return fmt::format("({} strings of {} bytes: too long to be shown)", count, width);
    budget.nbytes -= count * width;
    std::vector<char> raw(count * width);
    if (H5Aread(attribute, type, raw.data()) < 0)
        return {};
    std::vector<std::string> out;
    for (size_t i = 0; i < count; ++i)
        out.push_back(fixedText(raw.data() + i * width, width, H5Tget_strpad(type)));
    return listOrOne(std::move(out), isScalar);
}

template <typename T>
Value numbers(hid_t attribute, hid_t memory, size_t count, bool isScalar)
{
    std::vector<T> raw(count);
    if (H5Aread(attribute, memory, raw.data()) < 0)
        return {};
    if (isScalar && count == 1)
        return raw[0];
    return Value::List(raw.begin(), raw.end());
}

Value valueOf(hid_t attribute, AttributeBudget& budget)
{
    const Handle type(H5Aget_type(attribute));
    const Handle space(H5Aget_space(attribute));
    if (!type || !space)
        return {};
    const H5S_class_t kind = H5Sget_simple_extent_type(space.id());
    const hssize_t elements = H5Sget_simple_extent_npoints(space.id());
    if (kind == H5S_NULL || elements < 0)
        return {};
    const H5T_class_t elementKind = H5Tget_class(type.id());
    const auto count = static_cast<size_t>(elements);
    const bool isScalar = kind == H5S_SCALAR;
    if (elementKind == H5T_STRING && elements <= elementsPerAttribute)
        return texts(attribute, type.id(), space.id(), count, isScalar, budget);
    if (elementKind == H5T_INTEGER && elements <= numbersPerAttribute)
        return numbers<int64_t>(attribute, H5T_NATIVE_INT64, count, isScalar);
    if (elementKind == H5T_FLOAT && elements <= numbersPerAttribute)
        return numbers<double>(attribute, H5T_NATIVE_DOUBLE, count, isScalar);
    return fmt::format("({} elements of {} bytes: not shown)", elements, H5Tget_size(type.id()));
}

} // namespace

Value::Map readAttributes(hid_t object, AttributeBudget& budget)
{
    Names names;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, collectName, &names);
    Value::Map out;
    for (std::string& name : names.list) {
        const Handle attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT));
        if (!attribute)
            continue;
        if (Value value = valueOf(attribute.id(), budget); !value.isNull())
            out.emplace_back(std::move(name), std::move(value));
    }
    return out;
}

} // namespace weighbridge
