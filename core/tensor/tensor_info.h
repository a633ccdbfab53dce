// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge {

/// How the bytes of a storage lie in their shard.
enum class StorageKind : uint8_t {
    Raw,      ///< as they are, at offset
    Deflated, ///< one raw deflate stream of `packedNbytes` at offset (a compressed zip entry)
    Format,   ///< only the format can read it (HDF5 chunks): Format::readStorage()
    Memory,   ///< in Checkpoint::inlineStorages[offset] (small values that lie inside a pickle)
    Pieces,   ///< spread over several storages: Checkpoint::assemblies[offset] says which
    Packed,   ///< computed from the parts of Checkpoint::packedWeights under the tensor's name
    Absent,   ///< there are no values (a meta tensor)
};

/// Where the values of one or several tensors lie. Tensors with the same shard and offset share memory.
struct Storage {
    StorageKind kind = StorageKind::Raw;
    uint32_t shard = 0;         ///< index into Checkpoint::shards
    uint64_t offset = 0;        ///< first byte in the shard
    uint64_t nbytes = 0;        ///< unpacked
    uint64_t packedNbytes = 0;  ///< Deflated only
    bool bigEndian = false;
    std::string key;            ///< the writer's own name of it: a zip entry, a dataset's path; empty if it has none
    bool operator==(const Storage&) const = default;
};

/// A named tensor of a checkpoint: everything but its values.
struct TensorInfo {
    std::string name;            ///< the writer's own full name; keys of nested objects joined with '.'
    DType dtype = DType::Unknown;
    std::string writerDtype;     ///< the writer's own word, if dtype is Unknown
    Shape shape;
    std::vector<int64_t> strides; ///< in elements; empty: contiguous, row-major
    uint64_t elementOffset = 0;   ///< of the first element in the storage, in elements
    Storage storage;
    bool isBuffer = false;        ///< the file says that it is not trained (only some formats can)
    bool isConjugated = false;    ///< complex: the values are the conjugates of what is stored
    bool isNegated = false;       ///< the values are the negatives of what is stored (PyTorch's lazy negative views)
    bool isLost = false;          ///< the file is cut before the end of its values (only in Error::partial)
    std::string layout;           ///< empty: dense; else "sparse_coo", "per_channel_affine", ...: words of the writer

    /// Elements. Formats refuse shapes whose product overflows, so this cannot fail after opening.
    [[nodiscard]] uint64_t elements() const { return numel(shape).value_or(0); }
    /// Bytes of the elements, contiguous; 0 for elements without a fixed size.
    [[nodiscard]] uint64_t nbytes() const { return nbytesOf(dtype, elements()).value_or(0); }
    [[nodiscard]] std::string_view dtypeName() const { return dtype == DType::Unknown && !writerDtype.empty() ? std::string_view(writerDtype) : name_(dtype); }

private:
    static std::string_view name_(DType dtype) { return weighbridge::name(dtype); }
};

} // namespace weighbridge
