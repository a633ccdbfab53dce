// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace weighbridge {

/// A tensor that is to be written.
struct TensorToWrite {
    std::string name;
    DType dtype = DType::Unknown;
    Shape shape;
    [[nodiscard]] uint64_t nbytes() const { return nbytesOf(dtype, numel(shape).value_or(0)).value_or(0); }
};

/// Streams the elements of the tensor with this index (row-major, little-endian) into the sink.
using ElementSource = std::function<Result<void>(size_t index, JobContext& job, const BlockSink& sink)>;

/// What was written.
struct WrittenModel {
    std::vector<std::string> files;   ///< names in the folder; the first is the one to open (an index, if there are several shards)
    std::vector<std::string> sha256;  ///< of each tensor's elements, in the order of the tensors
};

/// Whether safetensors has a name for elements of this type.
[[nodiscard]] bool isSafetensorsDType(DType dtype);

/// Writes model.safetensors into a folder, or, beyond `maximumShardNbytes` of values, numbered shards with their index
/// (model.safetensors.index.json). Header and listing keep the tensors' order; the values lie with the widest elements first, so that each
/// begins at a multiple of its size. Never holds more than a block of values. Reports bytes. Errors: bad-dtype, duplicate-key,
/// truncated (the source gave too little), those of the source and of NewFile, cancelled.
Result<WrittenModel> writeSafetensors(const std::string& folder, const std::vector<TensorToWrite>& tensors, const Value::Map& metadata, uint64_t maximumShardNbytes,
                                      const ElementSource& source, JobContext& job);

/// The same into one file, which a finished one replaces. Gives the sha256 of each tensor's elements.
Result<std::vector<std::string>> writeSafetensorsFile(const std::string& path, const std::vector<TensorToWrite>& tensors, const Value::Map& metadata, const ElementSource& source,
                                                      JobContext& job);

} // namespace weighbridge
