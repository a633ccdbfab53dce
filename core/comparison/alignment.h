// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"
#include "core/comparison/loader_names.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// The name that a tensor has in every framework: "/" and TensorFlow's ":0" undone, gamma, kernel, scale -> weight, beta -> bias.
[[nodiscard]] std::string commonName(std::string_view name);

/// commonName() of a PyTorch model's tensor as GGUF writers call it ("blk.0.attn_q.weight").
[[nodiscard]] std::string ggufName(std::string name);

/// The axes of B in A's order, if B has A's sizes in the order of another framework; empty if not, or if the shapes are the same.
[[nodiscard]] std::vector<int> transposingAxes(const Shape& a, const Shape& b);

/// Which tensor of A is which of B.
class Alignment {
public:
    struct Partner {
        int b = -1;
        PairReason reason = PairReason::Exact;
        std::string rule;
        std::vector<int> axes;
    };
    using Rename = std::function<std::string(const std::string&)>;

    Alignment(const Checkpoint& a, const Checkpoint& b);

    /// Names that are the same, then names that are the same but for a prefix.
    void byName();
    /// The same, after both sides' names have been rewritten.
    void byRenamed(const Rename& ofA, const Rename& ofB);
    /// What is left: tensors of one shape (in any order of the axes) by their first values, then by their place. Reads a little of each.
    void byStructure(JobContext& job);

    [[nodiscard]] const std::vector<Partner>& partners() const { return m_partners; } ///< by tensor of A
    [[nodiscard]] bool isTaken(size_t b) const { return m_isTaken[b]; }

private:
    void byKeys(const std::vector<std::string>& keysA, const std::vector<std::string>& keysB, bool areRenamed);
    bool byPrefix(const std::vector<std::string>& keysA, const std::vector<std::string>& keysB, bool areRenamed);
    void pair(size_t a, size_t b, PairReason reason, std::string rule);
    [[nodiscard]] std::vector<size_t> openA() const;
    [[nodiscard]] std::vector<size_t> openB() const;
    void byValues(const std::vector<size_t>& groupA, const std::vector<size_t>& groupB, JobContext& job);
    void byPlace(std::vector<size_t> groupA, std::vector<size_t> groupB);

    const Checkpoint& m_a;
    const Checkpoint& m_b;
    std::vector<Partner> m_partners;
    std::vector<bool> m_isTaken;
};

} // namespace weighbridge
