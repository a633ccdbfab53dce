// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tensor/shape.h"

#include "core/base/checked.h"

#include <algorithm>

namespace weighbridge {

std::optional<uint64_t> numel(const Shape& shape)
{
    if (std::any_of(shape.begin(), shape.end(), [](int64_t size) { return size < 0; }))
        return std::nullopt;
    if (std::find(shape.begin(), shape.end(), 0) != shape.end())
        return 0;
    int64_t product = 1;
    for (const int64_t size : shape) {
        const auto next = checkedMul(product, size);
        if (!next)
            return std::nullopt;
        product = *next;
    }
    return static_cast<uint64_t>(product);
}

std::vector<int64_t> contiguousStrides(const Shape& shape)
{
    std::vector<int64_t> strides(shape.size(), 1);
    for (size_t i = shape.size(); i-- > 1;)
        strides[i - 1] = strides[i] * std::max<int64_t>(shape[i], 1);
    return strides;
}

} // namespace weighbridge
