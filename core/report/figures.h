// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/check.h"
#include "core/report/report_document.h"
#include "core/report/tensor_rows.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

/// The drawings of a report, as data in and SVG out.
namespace weighbridge {

/// One cell per tensor: expected above found above what the fix would give; afterFix may be null. Nothing without tensors.
[[nodiscard]] std::optional<FigureBlock> stripFigure(const TensorRows& asItLoads, const TensorRows* afterFix);

/// Standard deviations, layer by kind of tensor. Nothing if no layers repeat, or if they have more kinds than there is room for.
[[nodiscard]] std::optional<FigureBlock> mapFigure(const TensorRows& rows, const CheckpointStatistics& values);

/// The same tensor in the other layers, where it is trained.
class Siblings {
public:
    Siblings(const Checkpoint& checkpoint, const CheckpointStatistics& values);
    /// Indices into Checkpoint::tensors, nearest layer first.
    [[nodiscard]] std::vector<size_t> of(size_t tensor) const;

private:
    const Checkpoint& m_checkpoint;
    std::unordered_map<std::string, std::vector<std::pair<int64_t, size_t>>> m_trained; ///< by the name without its layer: layer, tensor
};

/// Histograms of these tensors side by side, their siblings thin behind them, the initialiser that they fit dashed. Nothing if none has one.
[[nodiscard]] std::optional<FigureBlock> histogramFigure(const Checkpoint& checkpoint, const CheckpointStatistics& values, const Siblings& siblings, const std::vector<size_t>& tensors);

} // namespace weighbridge
