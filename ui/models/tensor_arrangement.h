// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "ui/models/tensor_filter.h"
#include "ui/models/tensor_tree.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// What the rows of a layer tree are sorted by; siblings among each other.
enum class TensorOrder : uint8_t { Model, Name, Status, Expected, DType, Parameters, Found, Size, Spread };

/// What is asked of a layer tree: which tensors, in which order.
struct ArrangementRequest {
    TensorFilter filter;
    TensorOrder order = TensorOrder::Model;
    bool isDescending = false;
    OriginOfTensor origin;                         ///< called on the thread that arranges
    std::unordered_map<int, double> deviations;    ///< for TensorOrder::Spread: std by found tensor; those without one come first

    [[nodiscard]] bool isPlain() const { return filter.isEmpty() && order == TensorOrder::Model; }
};

/// The answer: which children of each node are shown, in which order. Immutable.
struct TensorArrangement {
    TensorFilter filter;         ///< that was asked for
    FilterHits hits;             ///< empty without a filter
    std::vector<int> children;   ///< those of a node follow one another
    std::vector<int> first;      ///< per node, into `children`
    std::vector<int> count;      ///< per node
    std::vector<int> row;        ///< per node; -1: hidden
};
using TensorArrangementPtr = std::shared_ptr<const TensorArrangement>;

/// Filters and sorts; null if the job was cancelled. `before` (null: none) is an arrangement of the same tree: if its filter is one that
/// this one only narrows, as when more is typed, what it left out is not looked at again. Any thread; about 0.1 µs per tensor and term.
[[nodiscard]] TensorArrangementPtr arrangeTensors(const TensorTree& tree, const ArrangementRequest& request, const TensorArrangement* before, const JobContext& job);

} // namespace weighbridge
