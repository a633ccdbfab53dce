// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/check.h"
#include "core/statistics/origin.h"
#include "core/report/row_state.h"

#include <memory>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Names a tensor in every view. A tensor that is expected as it loads is named by its index in that ExpectedModel::tensors, any other by
/// its index in Checkpoint::tensors; so an id survives the step from the header to the check, and `As it loads | After the fix`.
struct TensorId {
    enum class Side : uint8_t { None, Expected, Found };
    Side side = Side::None;
    int index = -1;
    [[nodiscard]] bool isValid() const { return side != Side::None; }
    bool operator==(const TensorId&) const = default;
};

/// One tensor: expected, found or both.
struct TensorRow {
    std::string_view name;       ///< the expected name, else the file's; lives as long as the TensorRows
    int expected = -1;           ///< index into expectedModel()->tensors
    int found = -1;              ///< index into Checkpoint::tensors
    RowState state = RowState::Present; ///< the worse of structure and values
    int tiedTo = -1;             ///< Tied: the row of the tensor that holds its values; -1 for any other
    uint64_t elements = 0;       ///< of the found tensor, else of the expected one
    uint64_t nbytes = 0;         ///< of the found tensor; of a missing one in its expected dtype, 0 if that is not known
    TensorId id;                 ///< None for what only a corrected config expects and the file lacks
};

/// `As it loads` or `After the fix`.
enum class View : uint8_t { AsItLoads, AfterFix };

/// All tensors of a window in the order in which they are shown: the model's, then those that are in the file only.
/// Immutable once made; any thread. Qt-free.
class TensorRows {
public:
    /// The header alone: everything is Present.
    static std::shared_ptr<const TensorRows> fromCheckpoint(CheckpointPtr checkpoint);
    /// What is expected, before there is a checkpoint: everything is Present.
    static std::shared_ptr<const TensorRows> fromExpected(std::shared_ptr<const ExpectedModel> expected);
    /// With an expectation: one row per match. Findings about values (nan-or-inf, all-zero, never-loaded-layer,
    /// whole-model-random) and about bytes (truncated) make the rows of their tensors worse.
    /// Without an expectation: as fromCheckpoint(), with those findings. AfterFix without a fix gives null.
    /// With the origin of the values, tensors that look random and the modules that do are NeverTrained.
    static std::shared_ptr<const TensorRows> fromCheck(std::shared_ptr<const CheckResult> check, View view = View::AsItLoads, const ModelOrigin* origin = nullptr);
    /// The same after the fix of any finding (applyFix()); null gives null.
    static std::shared_ptr<const TensorRows> fromFix(std::shared_ptr<const CheckResult> check, std::shared_ptr<const AfterFix> fix, const ModelOrigin* origin = nullptr);

    [[nodiscard]] const std::vector<TensorRow>& rows() const { return m_rows; }
    [[nodiscard]] size_t expectedCount() const { return m_expectedCount; } ///< rows before the first that is in the file only
    [[nodiscard]] size_t tiedCount() const { return m_tiedCount; }         ///< rows that the file holds under another name
    [[nodiscard]] bool hasExpectation() const { return m_expected != nullptr; }
    [[nodiscard]] const Checkpoint* checkpoint() const { return m_checkpoint.get(); }     ///< null before one is open
    [[nodiscard]] const ExpectedModel* expectedModel() const { return m_expected.get(); } ///< null if nothing is expected
    [[nodiscard]] const TensorInfo* foundOf(const TensorRow& row) const;                  ///< null if it is missing
    [[nodiscard]] const ExpectedTensor* expectedOf(const TensorRow& row) const;           ///< null if it is not expected
    /// Index of the row that an id names, also if it was made for other rows of the same checkpoint; -1 if none.
    [[nodiscard]] int rowOf(TensorId id) const;
    /// Index of the row with this name (the expected or the file's), as findings give them; -1 if none. Linear.
    [[nodiscard]] int rowNamed(std::string_view name) const;

private:
    void addRow(int expected, int found, RowState state);
    void addFound();
    void addMatches(const Comparison& comparison);
    void tie(const Comparison& comparison);
    void nameAsBefore();
    void renameFound();
    void index();
    void worsen(const std::vector<Finding>& findings);
    void worsen(const ModelOrigin& origin);

    CheckpointPtr m_checkpoint;
    std::shared_ptr<const ExpectedModel> m_expected;
    std::shared_ptr<const CheckResult> m_check; ///< keeps the names alive, and so does
    std::shared_ptr<const AfterFix> m_fix;      ///< null as it loads
    std::vector<TensorRow> m_rows;
    size_t m_expectedCount = 0;
    size_t m_tiedCount = 0;
    std::vector<int> m_rowOfExpected;
    std::vector<int> m_rowOfFound;
};

using TensorRowsPtr = std::shared_ptr<const TensorRows>;

} // namespace weighbridge
