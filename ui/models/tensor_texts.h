// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/error.h"
#include "core/statistics/tensor_statistics.h"
#include "ui/models/tensor_tree.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <string>

namespace weighbridge {

/// The texts of the layer tree's cells: translated where they are words, made safe where they come from a file.

/// The context in which QCoreApplication::translate() knows core's sentences.
inline constexpr const char* coreContext = "weighbridge::core";
/// What core says (verdicts, findings, errors) in the window's language, its numbers as the window writes them; what is not translated stays
/// English. To be made safe like any text.
[[nodiscard]] std::string translated(const std::string& english);
/// What went wrong and what to do, translated and safe to show, up to `maximum` bytes.
[[nodiscard]] QString errorText(const Error& error, size_t maximum = 800);
[[nodiscard]] QString fromFile(std::string_view text);            ///< shown(), as QString
[[nodiscard]] QString fromCore(const std::string& english, size_t maximum = 300); ///< translated() and made safe, up to `maximum` bytes
[[nodiscard]] QString longText(std::string_view text);            ///< the same for paragraphs: line ends are kept, up to 4000 bytes
[[nodiscard]] QString fileName(const QString& path);              ///< the last part of a path, also of "folder/", made safe
[[nodiscard]] inline QString fileName(const std::string& path) { return fileName(QString::fromStdString(path)); }
[[nodiscard]] QString stateWord(RowState state);                  ///< "missing"
[[nodiscard]] QString stateSentence(RowState state);              ///< what it means, for tooltips
[[nodiscard]] QString shapeText(const Shape& shape);              ///< "30522 x 384", "scalar"
[[nodiscard]] QString significant(double number);                 ///< three digits, true minus; 3.56e−05 below 1e-3 and from 1e6 on
[[nodiscard]] QString exactBytes(uint64_t nbytes);                ///< "90 868 376 bytes"

[[nodiscard]] QString labelText(const TensorTree& tree, int node);      ///< label and note
[[nodiscard]] QString fullNameText(const TensorTree& tree, int node);   ///< of a tensor or module; of what stands above all, its label
[[nodiscard]] int mutedFrom(const TensorTree& tree, int node);          ///< first character in the second text colour; -1: none
/// A state with its glyph ("status-missing"; empty: none).
struct StatusPart {
    QString glyph;
    QString text;
};
/// Of a tensor its state; of a group its two worst states with their counts, the second only if it deviates or nothing does, and "…" if
/// more deviate.
[[nodiscard]] QList<StatusPart> statusParts(const TensorTree& tree, int node);
[[nodiscard]] QString statusText(const TensorTree& tree, int node);     ///< "missing", of a group "10 never trained, 29 unexpected"
[[nodiscard]] QString tiedText(const TensorRows& rows, const TensorRow& row); ///< what a tied tensor is tied to; empty for any other
[[nodiscard]] QStringList tiedPairs(const TensorRows& rows);            ///< "lm_head.weight = wte.weight", a dozen of them at most
[[nodiscard]] QString expectedText(const TensorTree& tree, int node);
[[nodiscard]] QString foundText(const TensorTree& tree, int node);
[[nodiscard]] QString dtypeText(const TensorTree& tree, int node);      ///< "F32", "F16 → F32"
[[nodiscard]] QString valuesText(const TensorStatistics& statistics);   ///< "mean 0.000142, std 0.0822, min −0.427, max 0.419"
/// Dimensions in which the shapes of both sides differ; all of the longer side's where their number differs.
[[nodiscard]] QList<int> differingDimensions(const TensorTree& tree, int node);

} // namespace weighbridge
