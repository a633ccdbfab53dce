// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "read_dataset.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace weighbridge {
namespace {

std::string outsideFile(hid_t creation, H5D_layout_t layout)
{
    std::array<char, 1024> name{};
    if (layout == H5D_VIRTUAL) {
        if (H5Pget_virtual_filename(creation, 0, name.data(), name.size()) < 0)
            name[0] = '\0';
    } else {
        off_t offset = 0;
        hsize_t nbytes = 0;
        if (H5Pget_external_count(creation) <= 0 || H5Pget_external(creation, 0, name.size(), name.data(), &offset, &nbytes) < 0)
            return "";
    }
    name.back() = '\0';
    return name[0] ? name.data() : "(unnamed)";
}

void readFilters(hid_t creation, StorageLayout& out)
{
    const int count = H5Pget_nfilters(creation);
    out.hasFilters = count > 0;
    for (int i = 0; i < count; ++i) {
        std::array<char, 256> name{};
        size_t values = 0;
        unsigned flags = 0;
        unsigned config = 0;
        const H5Z_filter_t id = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr, name.size() - 1, name.data(), &config);
        if (id < 0 || H5Zfilter_avail(id) <= 0)
            out.missingFilter = fmt::format("{} (number {})", name[0] ? name.data() : "unnamed", static_cast<int>(id));
    }
}

Error hdf5Error(const std::string& doing)
{
    const std::string why = lastHdf5Error();
    const bool isChecksum = lowered(why).find("checksum") != std::string::npos;
    return Error(isChecksum ? "checksum" : "corrupt", fmt::format("{}: {}.", doing, why)).fixedBy("Download or copy the file again.");
}

Result<void> checkReadable(const StorageLayout& storage)
{
    if (!storage.outside.empty())
        return failure(Error("path-traversal", fmt::format("The values lie outside of this file, in the external file {}, and were not read.", shown(storage.outside)))
                           .fixedBy("Ask for a file that holds its values itself."));
    if (!storage.missingFilter.empty())
        return failure(Error("unreadable", fmt::format("The values are packed with the filter {}, which is not available here.", shown(storage.missingFilter)))
                           .fixedBy("Save the file again without that filter."));
    if (storage.chunkNbytes > chunkLimitNbytes)
        return failure(Error("resource-bomb", fmt::format("The values come in chunks of {}, more than the limit of {}.", formatNbytes(storage.chunkNbytes),
                                                          formatNbytes(chunkLimitNbytes)))
                           .fixedBy("Save the file again with smaller chunks."));
    return {};
}

/// Walks a shape in row-major order in boxes of at most `limit` elements. A box is one run in memory: whole in the inner
/// dimensions, a range of the splitting one, single in the outer ones.
class Boxes {
public:
    Boxes(std::vector<hsize_t> shape, uint64_t limit, const std::vector<hsize_t>& chunk) : m_shape(std::move(shape)), m_start(m_shape.size(), 0)
    {
        uint64_t inner = 1;
        m_split = m_shape.size();
        while (m_split > 0 && inner * m_shape[m_split - 1] <= limit)
            inner *= m_shape[--m_split];
        if (m_split == 0)
            return;
        --m_split;
        m_step = std::max<hsize_t>(1, limit / inner);
        // whole chunks, so that each is unpacked once
        if (m_split < chunk.size() && m_step >= chunk[m_split])
            m_step -= m_step % chunk[m_split];
    }

    [[nodiscard]] const std::vector<hsize_t>& start() const { return m_start; }
    [[nodiscard]] std::vector<hsize_t> counts() const
    {
        std::vector<hsize_t> out(m_shape);
        for (size_t d = 0; d < m_split && m_step > 0; ++d)
            out[d] = 1;
        if (m_step > 0)
            out[m_split] = std::min(m_step, m_shape[m_split] - m_start[m_split]);
        return out;
    }
    /// Moves on; false after the last box.
    bool next()
    {
        if (m_step == 0)
            return false;
        m_start[m_split] += m_step;
        for (size_t d = m_split; m_start[d] >= m_shape[d]; --d) {
            m_start[d] = 0;
            if (d == 0)
                return false;
            ++m_start[d - 1];
        }
        return true;
    }

private:
    std::vector<hsize_t> m_shape;
    std::vector<hsize_t> m_start;
    size_t m_split = 0;
    hsize_t m_step = 0; ///< 0: one box holds everything
};

Result<bool> readBox(hid_t dataset, hid_t space, const ElementType& type, size_t elementNbytes, const Boxes& boxes, std::vector<std::byte>& buffer,
                     const TakeValues& take)
{
    const auto counts = boxes.counts();
    hsize_t elements = 1;
    for (const hsize_t count : counts)
        elements *= count;
    if (!counts.empty() && H5Sselect_hyperslab(space, H5S_SELECT_SET, boxes.start().data(), nullptr, counts.data(), nullptr) < 0)
        return failure(hdf5Error("A part of the values could not be selected"));
    buffer.resize(static_cast<size_t>(elements) * elementNbytes);
    const Handle memorySpace(H5Screate_simple(1, &elements, nullptr));
    if (H5Dread(dataset, type.memory.id(), memorySpace.id(), space, H5P_DEFAULT, buffer.data()) < 0)
        return failure(hdf5Error("The values could not be read"));
    return take(buffer);
}

} // namespace

StorageLayout storageLayoutOf(hid_t dataset, size_t elementNbytes)
{
    StorageLayout out;
    const Handle creation(H5Dget_create_plist(dataset));
    if (!creation)
        return out;
    out.layout = H5Pget_layout(creation.id());
    out.outside = outsideFile(creation.id(), out.layout);
    readFilters(creation.id(), out);
    if (out.layout == H5D_CHUNKED) {
        out.chunk.resize(H5S_MAX_RANK);
        const int rank = H5Pget_chunk(creation.id(), H5S_MAX_RANK, out.chunk.data());
        out.chunk.resize(static_cast<size_t>(std::max(rank, 0)));
        uint64_t nbytes = elementNbytes;
        for (const hsize_t size : out.chunk)
            nbytes = checkedMul<uint64_t>(nbytes, size).value_or(std::numeric_limits<uint64_t>::max());
        out.chunkNbytes = nbytes;
    }
    return out;
}

Result<void> readValues(hid_t dataset, const TakeValues& take)
{
    const Handle fileType(H5Dget_type(dataset));
    const Handle space(H5Dget_space(dataset));
    if (!fileType || !space)
        return failure(hdf5Error("The dataset could not be opened"));
    const ElementType type = elementTypeOf(fileType.id());
    if (!type.memory)
        return failure("bad-dtype", fmt::format("Elements of type {} cannot be read as numbers.", shown(type.writer)));
    const StorageLayout storage = storageLayoutOf(dataset, H5Tget_size(fileType.id()));
    if (auto readable = checkReadable(storage); !readable)
        return readable;
    const int rank = H5Sget_simple_extent_ndims(space.id());
    std::vector<hsize_t> shape(static_cast<size_t>(std::max(rank, 0)));
    if (rank < 0 || H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr) < 0)
        return failure(hdf5Error("The shape could not be read"));
    if (std::find(shape.begin(), shape.end(), 0) != shape.end())
        return {};
    const size_t elementNbytes = H5Tget_size(type.memory.id());
    if (elementNbytes == 0 || elementNbytes > limits::blockNbytes)
        return failure("resource-bomb", fmt::format("One element has {} bytes, more than the limit.", elementNbytes));
    const uint64_t perBox = std::max<uint64_t>(1, limits::blockNbytes / elementNbytes);
    std::vector<std::byte> buffer;
    for (Boxes boxes(std::move(shape), perBox, storage.chunk);;) {
        const auto more = readBox(dataset, space.id(), type, elementNbytes, boxes, buffer, take);
        if (!more)
            return tl::unexpected(more.error());
        if (!*more || !boxes.next())
            return {};
    }
}

} // namespace weighbridge
