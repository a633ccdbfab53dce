// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/value.h"
#include "core/diagnosis/finding.h"
#include "core/packing/packed_weight.h"
#include "core/tensor/tensor_info.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weighbridge {

/// One file of a checkpoint that holds tensors.
struct Shard {
    std::string path;
    std::string format;   ///< id of the format that it was read as
    SourcePtr source;     ///< null for a shard that is absent
};

/// A box of a tensor that lies in a storage of its own, contiguous and row-major.
struct TensorPiece {
    Storage storage;              ///< Raw or Memory; nbytes is that of the elements
    std::vector<int64_t> start;   ///< the box's first element in the tensor, one number per dimension
    Shape shape;
};

/// How the values of a tensor of StorageKind::Pieces are put together. The pieces cover the shape once each.
struct Assembly {
    Shape shape;                  ///< that of the tensor, or its elements in one dimension where the pieces are runs of them
    std::vector<TensorPiece> pieces;
};

/// A file that belongs to what was opened.
struct FileEntry {
    std::string path;
    uint64_t nbytes = 0;
    std::string format;   ///< a format's id, or "config", "tokenizer", "other"
};

/// The tensors of a checkpoint, in the file's order.
using StateDict = std::vector<TensorInfo>;

/// What was opened: immutable once built, passed between threads as shared_ptr<const Checkpoint>.
struct Checkpoint {
    std::string path;                  ///< as the user named it
    std::string format;                ///< id of the format: "safetensors", "model-folder", ...
    std::vector<Shard> shards;
    StateDict tensors;
    Value metadata;                    ///< a map: what the file says besides its tensors, nesting kept
    std::vector<FileEntry> files;
    std::vector<Finding> findings;     ///< what the reader noticed (checksums, globals, holes, ...)
    std::vector<std::vector<std::byte>> inlineStorages; ///< of StorageKind::Memory
    std::vector<Assembly> assemblies;  ///< of StorageKind::Pieces
    std::map<std::string, PackedWeight, std::less<>> packedWeights; ///< quantized weights, by the tensor that holds their numbers (filled in by openCheckpoint())

    // A model folder only; empty otherwise.
    std::string configPath;
    std::string weightsPath;           ///< the file of the folder that was taken as the model
    std::vector<std::string> tokenizerPaths;

    [[nodiscard]] const TensorInfo* find(std::string_view name) const; ///< linear; null if there is none
    /// The weight that a tensor of packed numbers stands for, under the same name: F32, of its real shape, StorageKind::Packed. Any other tensor as it is.
    [[nodiscard]] TensorInfo unpacked(const TensorInfo& tensor) const;
    [[nodiscard]] uint64_t parameters() const; ///< sum of the elements
    [[nodiscard]] uint64_t nbytes() const;     ///< sum of the tensors' bytes
};

/// Whether the pieces are boxes inside the shape that cover as many elements as it has, and their storages hold elements of `dtype`.
[[nodiscard]] bool isWhole(const Assembly& assembly, DType dtype);

using CheckpointPtr = std::shared_ptr<const Checkpoint>;

} // namespace weighbridge
