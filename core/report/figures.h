// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/check.h"
#include "core/report/change_table.h"
#include "core/report/report_document.h"
#include "core/report/report_plots.h"
#include "core/report/tensor_rows.h"

#include <optional>
#include <vector>

/// The drawings of a report, as data in and SVG out.
namespace weighbridge {

/// One cell per tensor: expected above found above what the fix would give; afterFix may be null. Nothing without tensors.
[[nodiscard]] std::optional<FigureBlock> stripFigure(const TensorRows& asItLoads, const TensorRows* afterFix);

/// Standard deviations, layer by kind of tensor. Nothing if no layers repeat, or if they have more kinds than there is room for.
[[nodiscard]] std::optional<FigureBlock> mapFigure(const TensorRowsPtr& rows, const CheckpointStatistics& values);

/// Histograms of these tensors and, where they are known, their singular values beside them; siblings thin behind, the initialiser that they fit
/// dashed. Nothing if none has one.
[[nodiscard]] std::optional<FigureBlock> valuesFigure(const Checkpoint& checkpoint, const CheckpointStatistics& values, const Siblings& siblings, const Spectra& spectra,
                                                      const std::vector<size_t>& tensors);

/// One cell per pair: A above B, which is shaded by its change.
[[nodiscard]] std::optional<FigureBlock> comparisonStripFigure(const Difference& difference);
/// The change of the kinds of matrices that moved most over the layers. Nothing if no layers repeat or no values were compared.
[[nodiscard]] std::optional<FigureBlock> changeDepthFigure(const ChangeTable& table);
/// The change of each tensor, layer by kind; nothing as above, or if there are more kinds or layers than there is room for.
[[nodiscard]] std::optional<FigureBlock> changeMapFigure(const ChangeTable& table);
/// Histograms of A over B, and of their difference: one drawing per pair, so that they can stand on two pages; the last has the caption.
[[nodiscard]] std::vector<FigureBlock> pairFigures(const Difference& difference, const std::vector<ReportedPair>& pairs);

} // namespace weighbridge
