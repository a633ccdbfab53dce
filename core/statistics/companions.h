// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/features.h"

#include <span>
#include <string>
#include <vector>

namespace weighbridge {

/// What the vectors beside a matrix (bias, norm) say about their module. Ordered: the worst of several counts.
enum class Companion : uint8_t {
    None,      ///< there is none
    Exact,     ///< all of them are untouched output of torch's generator
    Initial,   ///< all are constants 0 or 1, or exact
    Plausible, ///< some are uniform within the bound of torch's default, which may still be what they were initialised with
    Unknown,
    Moved,     ///< at least one is none of that: it has been trained
};

/// The tensors of a model by module, and the state of the vectors among them.
class Companions {
public:
    Companions(std::span<const std::string> names, std::span<const TensorFeatures> features);

    /// Of the module that holds tensor `index`.
    [[nodiscard]] Companion ofModule(size_t index) const;
    /// Of the vector `index` itself; None if it is no vector of weights.
    [[nodiscard]] Companion ofVector(size_t index) const { return m_states[index]; }
    /// The first matrix in the module of tensor `index`; its own index if there is none.
    [[nodiscard]] size_t matrixBeside(size_t index) const;
    /// Vectors that have moved, over all vectors whose state is known.
    [[nodiscard]] double movedShare() const;
    [[nodiscard]] size_t moved() const;
    [[nodiscard]] const std::vector<std::vector<size_t>>& modules() const { return m_modules; } ///< in the order of the first tensor

private:
    [[nodiscard]] Companion stateOf(size_t index, std::span<const std::string> names, std::span<const TensorFeatures> features) const;

    std::vector<std::vector<size_t>> m_modules;
    std::vector<size_t> m_moduleOf;   ///< index into m_modules, by tensor
    std::vector<size_t> m_matrices;   ///< first matrix, by module; npos if there is none
    std::vector<Companion> m_states;
};

} // namespace weighbridge
