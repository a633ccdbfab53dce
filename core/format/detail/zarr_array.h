// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/tensor_reader.h"
#include "core/format/detail/zarr_store.h"
#include "core/tensor/tensor_info.h"

#include <array>
#include <string>
#include <vector>

namespace weighbridge {

/// How one array is cut into chunks and packed, by its description: zarr version 2 (.zarray) or 3 (zarr.json).
/// https://zarr-specs.readthedocs.io, with the data types that TensorStore adds.
struct ZarrArray {
    enum class Packing : uint8_t { Zstandard, Blosc, Deflate, Crc32c }; ///< Deflate: zlib and gzip

    /// Chunks inside chunks (sharding_indexed): a chunk of the store then has an index of the inner ones.
    struct Sharding {
        Shape shape;                  ///< of an outer chunk
        bool indexAtStart = false;
        bool indexHasChecksum = true;
    };

    DType dtype = DType::Unknown;
    std::string writerDtype;
    bool bigEndian = false;
    Shape shape;
    Shape chunk;                      ///< of those that are packed one by one; the last along a dimension may reach past the shape
    bool isFortran = false;           ///< the first dimension varies fastest inside a chunk
    std::vector<Packing> packings;    ///< in the order of writing
    std::string unknownPacking;       ///< a codec that is not read; empty: all are
    std::vector<std::byte> fill;      ///< one element, for chunks that are absent; empty: zeros
    std::string keyStart;             ///< of the keys of chunks: "c/" in version 3
    char separator = '.';
    std::optional<Sharding> sharding;
    int version = 2;

    [[nodiscard]] uint64_t elementNbytes() const { return nbytesOf(dtype, 1).value_or(0); }
};

/// Errors: corrupt, bad-shape, bad-dtype, resource-bomb. A group's zarr.json is no array: nothing.
Result<std::optional<ZarrArray>> readZarrArray(const ByteSource& description);

/// Streams the values in row-major order, some rows of the first dimension at a time: those of one row of chunks are held in memory.
/// Errors: corrupt, truncated, checksum, unreadable, resource-bomb, cancelled and those of the store.
Result<void> readZarrValues(const ZarrArray& array, const ZarrValues& values, JobContext& job, const BlockSink& sink);

} // namespace weighbridge
