// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/packing/packed_parts.h"
#include "core/packing/packed_tensors.h"
#include "core/packing/packed_weight.h"

#include <memory>
#include <optional>
#include <span>
#include <string_view>

/// To add a packing: write core/packing/x.cpp that derives from Packing and defines `const Packing& xPacking()`, and list `x` in
/// core/packing/CMakeLists.txt.
namespace weighbridge {

/// The values of a packed weight, row by row: a row is the last dimension of its shape.
class WeightRows {
public:
    virtual ~WeightRows() = default;
    /// Writes the values of a row; `out` has room for exactly one. Called with rows in ascending order.
    virtual void read(uint64_t row, std::span<float> out) = 0;
};

/// A way to keep a weight in fewer bits: packed numbers, and beside them what makes them weights again. Stateless and const; any thread.
class Packing {
public:
    virtual ~Packing() = default;
    [[nodiscard]] virtual std::string_view id() const = 0;
    /// Whether a tensor of this name may belong to such a weight, and tells of it. Cheap.
    [[nodiscard]] virtual bool isMark(std::string_view name) const = 0;
    /// The weight that the tensor tells of, without its id; nothing if what is there does not fit together. What a shape says is checked here, once.
    [[nodiscard]] virtual std::optional<PackedWeight> find(const TensorInfo& mark, PackedTensors& tensors) const = 0;
    /// Reads what all rows need, as far as PackedParts::error() tells none. Only for weights that are unpacked.
    [[nodiscard]] virtual std::unique_ptr<WeightRows> rows(const PackedWeight& weight, PackedParts& parts) const = 0;
};

/// In the order of core/packing/CMakeLists.txt (generated); the first that finds a weight is taken.
[[nodiscard]] std::span<const Packing* const> allPackings();

} // namespace weighbridge
