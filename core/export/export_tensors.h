// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace weighbridge {

/// The element type that a .npy file of this tensor has: its own where NumPy knows it, else F32 or F64, whichever holds every value exactly
/// (BF16, float8, dequantized GGUF blocks: F32). Unknown for dtypes that are no numbers.
[[nodiscard]] DType npyDTypeOf(DType dtype);

/// Writes one tensor as .npy, version 1.0, row-major, little-endian. Errors of all three: bad-dtype, those of readTensor() and of NewFile,
/// source-file (the path is a file of the checkpoint itself), cancelled. They report bytes, hold one block, and the file appears
/// when it is whole. Any thread.
Result<void> exportNpy(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::string& path, JobContext& job);

/// Writes one tensor as text: a line per index of dimension 0, the other dimensions in a row, separated by commas; a complex element as
/// two numbers. Integers exactly, other values with as many digits as give the same value back.
Result<void> exportCsv(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::string& path, JobContext& job);

/// Writes some tensors (indices into Checkpoint::tensors, in their order) into one safetensors file. Error duplicate-key for two of one name.
Result<void> exportSafetensors(const Checkpoint& checkpoint, std::span<const size_t> tensors, const std::string& path, JobContext& job);

/// By the ending of the path: .npy and .csv hold one tensor, .safetensors any number. Error wrong-format for others.
Result<void> exportTensors(const Checkpoint& checkpoint, std::span<const size_t> tensors, const std::string& path, JobContext& job);

/// Error source-file if the path names a file of the checkpoint: those are only read.
Result<void> expectNotSource(const Checkpoint& checkpoint, const std::string& path);

/// Reads one tensor block by block and hands each to `write` until that fails; reports bytes. Errors: those of both, cancelled.
Result<void> writeBlocks(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const std::function<Result<void>(std::span<const std::byte>)>& write);

} // namespace weighbridge
