// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/export/export_tensors.h"

#include "core/repair/safetensors_writer.h"

namespace weighbridge {

Result<void> exportSafetensors(const Checkpoint& checkpoint, std::span<const size_t> tensors, const std::string& path, JobContext& job)
{
    if (auto vacant = expectNotSource(checkpoint, path); !vacant)
        return vacant;
    std::vector<TensorToWrite> wanted;
    for (const size_t index : tensors)
        wanted.push_back({checkpoint.tensors[index].name, checkpoint.tensors[index].dtype, checkpoint.tensors[index].shape});
    const auto source = [&](size_t index, JobContext& inner, const BlockSink& sink) { return readTensor(checkpoint, checkpoint.tensors[tensors[index]], inner, sink); };
    return writeSafetensorsFile(path, wanted, Value::Map{{"format", "pt"}}, source, job).map([](const std::vector<std::string>&) {});
}

} // namespace weighbridge
