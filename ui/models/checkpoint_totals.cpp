// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/checkpoint_totals.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace weighbridge {

CheckpointTotals::CheckpointTotals(const Checkpoint& checkpoint)
{
    std::map<std::string_view, size_t> counts;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const uint64_t elements = tensor.elements();
        parameters += elements;
        nbytes += tensor.nbytes();
        ++counts[tensor.dtypeName()];
        if (tensor.isBuffer) {
            ++buffers;
            bufferElements += elements;
        }
    }
    for (const FileEntry& file : checkpoint.files)
        filesNbytes += file.nbytes;
    dtypes.assign(counts.begin(), counts.end());
    std::stable_sort(dtypes.begin(), dtypes.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
}

} // namespace weighbridge
