// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "walk.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace weighbridge {
namespace {

constexpr size_t deepestGroup = 256;
constexpr size_t linksPerGroup = limits::tensors;

Value::List shapeValue(const std::vector<hsize_t>& dataspace, const std::vector<hsize_t>& array)
{
    Value::List out;
    for (const auto* part : {&dataspace, &array})
        for (const hsize_t size : *part) // -1 stands for what no shape can hold
            out.emplace_back(size <= static_cast<hsize_t>(std::numeric_limits<int64_t>::max()) ? static_cast<int64_t>(size) : int64_t{-1});
    return out;
}

const char* layoutName(H5D_layout_t layout)
{
    switch (layout) {
    case H5D_COMPACT:
        return "compact";
    case H5D_CONTIGUOUS:
        return "contiguous";
    case H5D_CHUNKED:
        return "chunked";
    case H5D_VIRTUAL:
        return "virtual";
    default:
        return "unknown";
    }
}

/// Whether an element is a fixed number of bytes that mean the same wherever they are copied.
bool isSelfContained(hid_t type)
{
    return H5Tdetect_class(type, H5T_STRING) == 0 && H5Tdetect_class(type, H5T_VLEN) == 0 && H5Tdetect_class(type, H5T_REFERENCE) == 0;
}

/// h5py writes bfloat16 as two opaque bytes; Keras says in the attribute `dtype` what they are.
std::string dtypeOf(const ElementType& type, hid_t fileType, const Value::Map& attributes)
{
    const Value all(attributes);
    const Value* said = all.find("dtype");
    const bool isHalf = H5Tget_class(fileType) == H5T_OPAQUE && H5Tget_size(fileType) == 2;
    return isHalf && said && said->stringOr("") == "bfloat16" ? "BF16" : type.dtype;
}

} // namespace

Result<void> Walk::run()
{
    H5O_info_t info{};
    Handle root(H5Gopen2(m_file, "/", H5P_DEFAULT));
    if (!root || H5Oget_info2(root.id(), &info, H5O_INFO_BASIC) < 0)
        return failure(Error("corrupt", fmt::format("The root group cannot be read: {}.", lastHdf5Error())).fixedBy("Download or copy the file again."));
    m_seen.emplace(info.addr, "");
    bool connected = enterGroup(std::move(root), "");
    while (connected && !m_levels.empty()) {
        Level& level = m_levels.back();
        if (level.next == level.links.size()) {
            m_levels.pop_back();
            continue;
        }
        const Link link = std::move(level.links[level.next++]);
        connected = visit(level, link);
    }
    return connected ? Result<void>() : failure("cancelled", "The client has gone.");
}

herr_t Walk::collectLink(hid_t, const char* name, const H5L_info_t* info, void* links)
try {
    auto& out = *static_cast<std::vector<Link>*>(links);
    out.push_back({name, info->type, info->type == H5L_TYPE_HARD ? info->u.address : HADDR_UNDEF});
    return out.size() < linksPerGroup ? 0 : 1;
} catch (...) { // nothing may be thrown through libhdf5
    return -1;
}

/// In the order of creation where the file keeps one, else by name.
bool Walk::enterGroup(Handle group, std::string path)
{
    if (!m_channel.queueJson(Value::Map{{"group", path}, {"attributes", readAttributes(group.id(), m_budget)}}))
        return false;
    const Handle creation(H5Gget_create_plist(group.id()));
    unsigned order = 0;
    H5Pget_link_creation_order(creation.id(), &order);
    Level level{std::move(group), std::move(path), {}, 0};
    const H5_index_t index = (order & H5P_CRT_ORDER_TRACKED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
    const herr_t listed = H5Literate(level.group.id(), index, H5_ITER_INC, nullptr, collectLink, &level.links);
    if (listed < 0 && !sendBroken(level.path, "its links cannot be listed: " + lastHdf5Error()))
        return false;
    if (listed > 0 && !sendBroken(level.path, fmt::format("it has more than {} links, the limit", linksPerGroup), "resource-bomb"))
        return false;
    m_levels.push_back(std::move(level));
    return true;
}

bool Walk::visit(const Level& level, const Link& link)
{
    const std::string path = level.path.empty() ? link.name : level.path + "/" + link.name;
    if (!m_channel.queuePlace(path))
        return false;
    if (link.kind == H5L_TYPE_SOFT)
        return sendSoftLink(level, link, path);
    if (link.kind == H5L_TYPE_EXTERNAL)
        return sendExternalLink(level, link, path);
    if (link.kind != H5L_TYPE_HARD)
        return sendBroken(path, "it is a link of a kind that this program does not know");
    if (const auto [seen, isNew] = m_seen.emplace(link.address, path); !isNew)
        return m_channel.queueJson(Value::Map{{"link", path}, {"kind", "hard"}, {"target", seen->second}, {"resolves", true}});
    return visitObject(level, link, path);
}

bool Walk::visitObject(const Level& level, const Link& link, const std::string& path)
{
    Handle object(H5Oopen(level.group.id(), link.name.c_str(), H5P_DEFAULT));
    if (!object)
        return sendUnopened(path, lastHdf5Error());
    switch (H5Iget_type(object.id())) {
    case H5I_DATASET:
        return sendDataset(object.id(), link.address, path);
    case H5I_GROUP:
        if (m_levels.size() >= deepestGroup)
            return sendBroken(path, fmt::format("it is nested too deep: deeper than the limit of {} groups", deepestGroup), "resource-bomb");
        return enterGroup(std::move(object), path);
    default: // a named type holds no values
        return true;
    }
}

std::string Walk::linkValue(const Level& level, const Link& link) const
{
    H5L_info_t info{};
    if (H5Lget_info(level.group.id(), link.name.c_str(), &info, H5P_DEFAULT) < 0 || info.u.val_size == 0 || info.u.val_size > limits::nameNbytes)
        return "";
    std::string value(info.u.val_size, '\0');
    return H5Lget_val(level.group.id(), link.name.c_str(), value.data(), value.size(), H5P_DEFAULT) < 0 ? "" : value;
}

bool Walk::sendSoftLink(const Level& level, const Link& link, const std::string& path)
{
    const std::string target = linkValue(level, link);
    // libhdf5 follows 16 soft links and then gives up: cycles do not resolve
    const bool resolves = H5Oexists_by_name(level.group.id(), link.name.c_str(), H5P_DEFAULT) > 0;
    return m_channel.queueJson(Value::Map{{"link", path}, {"kind", "soft"}, {"target", target.c_str()}, {"resolves", resolves}});
}

bool Walk::sendExternalLink(const Level& level, const Link& link, const std::string& path)
{
    const std::string value = linkValue(level, link);
    const char* file = nullptr;
    const char* object = nullptr;
    unsigned flags = 0;
    if (value.empty() || H5Lunpack_elink_val(value.data(), value.size(), &flags, &file, &object) < 0)
        return sendBroken(path, "its external link cannot be read");
    return m_channel.queueJson(Value::Map{{"link", path}, {"kind", "external"}, {"target", object}, {"file", file}, {"resolves", false}});
}

bool Walk::sendDataset(hid_t dataset, haddr_t address, const std::string& path)
{
    const Handle type(H5Dget_type(dataset));
    const Handle space(H5Dget_space(dataset));
    const int rank = space ? H5Sget_simple_extent_ndims(space.id()) : -1;
    if (!type || rank < 0)
        return sendBroken(path, lastHdf5Error());
    std::vector<hsize_t> shape(static_cast<size_t>(rank));
    H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr);
    Value::Map attributes = readAttributes(dataset, m_budget);
    const ElementType element = elementTypeOf(type.id());
    const StorageLayout storage = storageLayoutOf(dataset, H5Tget_size(type.id()));
    const haddr_t offset = storage.layout == H5D_CONTIGUOUS && storage.outside.empty() ? H5Dget_offset(dataset) : HADDR_UNDEF;
    Value::Map out{{"dataset", path},
                   {"address", uint64_t{address}},
                   {"dtype", dtypeOf(element, type.id(), attributes)},
                   {"writer", shown(element.writer, limits::nameNbytes)},
                   {"self_contained", isSelfContained(type.id())},
                   {"big_endian", element.bigEndian},
                   {"shape", shapeValue(shape, element.arrayShape)},
                   {"empty", H5Sget_simple_extent_type(space.id()) == H5S_NULL},
                   {"layout", layoutName(storage.layout)},
                   {"filters", storage.hasFilters},
                   {"chunk_nbytes", storage.chunkNbytes},
                   {"outside", storage.outside},
                   {"missing_filter", storage.missingFilter}};
    if (offset != HADDR_UNDEF)
        out.emplace_back("offset", uint64_t{offset});
    if (storage.outside.empty())
        out.emplace_back("stored", uint64_t{H5Dget_storage_size(dataset)});
    return m_channel.queueJson(out) && verify(dataset, element, storage, path);
}

/// Unpacks packed values, as long as all of them are few: filters find damage that nothing else in the file shows.
bool Walk::verify(hid_t dataset, const ElementType& element, const StorageLayout& storage, const std::string& path)
{
    if (!storage.hasFilters || !element.memory || !storage.outside.empty() || !storage.missingFilter.empty())
        return true;
    const Handle space(H5Dget_space(dataset));
    const hssize_t elements = H5Sget_simple_extent_npoints(space.id());
    const auto nbytes = checkedMul<uint64_t>(static_cast<uint64_t>(std::max<hssize_t>(elements, 0)), H5Tget_size(element.memory.id()));
    if (!nbytes || *nbytes > m_verifiable || storage.chunkNbytes > m_verifiable)
        return true;
    m_verifiable -= *nbytes;
    const auto whole = readValues(dataset, [](std::span<const std::byte>) { return true; });
    return whole || sendBroken(path, whole.error().message, whole.error().rule.c_str());
}

bool Walk::sendUnopened(const std::string& path, const std::string& why)
{
    // only a virtual dataset has selections in its header; HDF5 1.12 and later write them in a form that 1.10 does not read
    if (why.find("hyperslab selection") != std::string::npos)
        return sendBroken(path, "it is a virtual dataset, whose values lie in other, external files (" + why + ")", "path-traversal");
    return sendBroken(path, why);
}

bool Walk::sendBroken(const std::string& path, const std::string& why, const char* rule)
{
    return m_channel.queueJson(Value::Map{{"broken", path}, {"rule", rule}, {"why", why}});
}

} // namespace weighbridge
