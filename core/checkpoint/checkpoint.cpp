// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/checkpoint.h"

#include <algorithm>

namespace weighbridge {

const TensorInfo* Checkpoint::find(std::string_view name) const
{
    const auto found = std::find_if(tensors.begin(), tensors.end(), [name](const TensorInfo& tensor) { return tensor.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

uint64_t Checkpoint::parameters() const
{
    uint64_t sum = 0;
    for (const TensorInfo& tensor : tensors)
        sum += tensor.elements();
    return sum;
}

uint64_t Checkpoint::nbytes() const
{
    uint64_t sum = 0;
    for (const TensorInfo& tensor : tensors)
        sum += tensor.nbytes();
    return sum;
}

} // namespace weighbridge
