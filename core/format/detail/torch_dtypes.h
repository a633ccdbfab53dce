// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/dtype.h"

#include <optional>
#include <string_view>

namespace weighbridge {

/// An element type of PyTorch: ours, and the bytes of one element, which we also know for types that we have no name for (dtype Unknown).
struct TorchDType {
    std::string_view name;
    DType dtype = DType::Unknown;
    uint64_t nbytes = 1;
};

/// `float32`, `torch.float32`, `half`, `float8_e4m3fn` ...; nothing if PyTorch has no such dtype.
std::optional<TorchDType> torchDType(std::string_view name);
/// `FloatStorage` ...; `UntypedStorage` is bytes (U8). Nothing if PyTorch has no such storage.
std::optional<TorchDType> torchStorageType(std::string_view name);
/// `FloatTensor` ..., as files from before 2017 name them; nothing for others.
std::optional<TorchDType> torchTensorType(std::string_view name);
/// per_tensor_affine and the other quantization schemes, strided and the other layouts.
bool isTorchScheme(std::string_view name);

} // namespace weighbridge
