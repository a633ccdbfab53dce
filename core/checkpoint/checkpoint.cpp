// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/checkpoint.h"

#include "core/base/checked.h"

#include <algorithm>

namespace weighbridge {

const TensorInfo* Checkpoint::find(std::string_view name) const
{
    const auto found = std::find_if(tensors.begin(), tensors.end(), [name](const TensorInfo& tensor) { return tensor.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

TensorInfo Checkpoint::unpacked(const TensorInfo& tensor) const
{
    const auto found = packedWeights.find(tensor.name);
    if (found == packedWeights.end() || !found->second.isUnpacked())
        return tensor;
    TensorInfo out;
    out.name = tensor.name;
    out.dtype = DType::F32;
    out.shape = found->second.shape;
    out.storage.kind = StorageKind::Packed;
    out.storage.nbytes = out.nbytes();
    return out;
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

bool isWhole(const Assembly& assembly, DType dtype)
{
    uint64_t covered = 0;
    for (const TensorPiece& piece : assembly.pieces) {
        const auto elements = numel(piece.shape);
        if (!elements || piece.shape.size() != assembly.shape.size() || piece.start.size() != assembly.shape.size())
            return false;
        for (size_t d = 0; d < piece.shape.size(); ++d)
            if (piece.start[d] < 0 || piece.shape[d] > assembly.shape[d] || piece.start[d] > assembly.shape[d] - piece.shape[d])
                return false;
        if (nbytesOf(dtype, *elements) != piece.storage.nbytes)
            return false;
        const auto sum = checkedAdd(covered, *elements);
        if (!sum)
            return false;
        covered = *sum;
    }
    return numel(assembly.shape) == covered;
}

} // namespace weighbridge
