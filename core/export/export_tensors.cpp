// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/export/export_tensors.h"

#include "core/base/text.h"
#include "core/checkpoint/tensor_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace weighbridge {

Result<void> expectNotSource(const Checkpoint& checkpoint, const std::string& path)
{
    const auto isThatFile = [&path](const std::string& source) {
        std::error_code ignored;
        return std::filesystem::equivalent(source, path, ignored);
    };
    const bool isSource = std::any_of(checkpoint.shards.begin(), checkpoint.shards.end(), [&](const Shard& shard) { return isThatFile(shard.path); })
        || std::any_of(checkpoint.files.begin(), checkpoint.files.end(), [&](const FileEntry& file) { return isThatFile(file.path); });
    if (!isSource)
        return {};
    return failure(Error("source-file", "This file belongs to the checkpoint that is open, and that is only read.").at(path).fixedBy("Choose another name."));
}

Result<void> writeBlocks(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const std::function<Result<void>(std::span<const std::byte>)>& write)
{
    Result<void> written;
    uint64_t done = 0;
    auto read = readTensor(checkpoint, tensor, job, [&](std::span<const std::byte> block) {
        written = write(block);
        job.report({"writing", done += block.size(), tensor.nbytes()});
        return written.has_value() && !job.cancelled();
    });
    if (job.cancelled())
        return failure(cancelledError());
    return read ? written : read;
}

Result<void> exportTensors(const Checkpoint& checkpoint, std::span<const size_t> tensors, const std::string& path, JobContext& job)
{
    const std::string lower = lowered(path);
    if (lower.ends_with(".safetensors"))
        return exportSafetensors(checkpoint, tensors, path, job);
    const bool isNpy = lower.ends_with(".npy");
    if (!isNpy && !lower.ends_with(".csv"))
        return failure(Error("wrong-format", "Tensors are written as .npy, .csv or .safetensors.").at(path).fixedBy("Give the name one of these endings."));
    if (tensors.size() != 1)
        return failure(Error("wrong-format", fmt::format("This kind of file holds one tensor, and {} were chosen.", tensors.size())).at(path).fixedBy("Write a .safetensors file."));
    const TensorInfo& tensor = checkpoint.tensors[tensors[0]];
    return isNpy ? exportNpy(checkpoint, tensor, path, job) : exportCsv(checkpoint, tensor, path, job);
}

} // namespace weighbridge
