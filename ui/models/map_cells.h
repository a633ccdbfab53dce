// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/row_state.h"
#include "core/report/shade_scale.h"
#include "core/statistics/tensor_statistics.h"

#include <QString>

#include <optional>
#include <span>
#include <string_view>

namespace weighbridge {

/// What the map's cells say.
enum class MapMode : uint8_t { Origin, Std, Kurtosis, NonFinite };

/// How a cell is drawn; each differs in form, not in colour alone.
enum class CellForm : uint8_t {
    Pending,     ///< no statistics yet: grey
    Unreadable,  ///< there will be none: a red outline
    Shade,       ///< filled in a step of the sequential scale
    Trained,     ///< filled
    Constant,    ///< pale
    Undecidable, ///< a dotted outline
    NeverTrained, ///< hatched, in every mode
    NonFinite,   ///< filled red with a cross, in every mode
};

struct CellLook {
    CellForm form = CellForm::Pending;
    int step = 0;          ///< of Shade: 0 to shadeSteps - 1
    QString text;          ///< in the cell where there is room: "0.095", "= 1"
    bool operator==(const CellLook&) const = default;
};
/// What is known of one tensor.
struct CellFacts {
    const TensorStatistics* statistics = nullptr; ///< null while not known
    bool isUnreadable = false;
    RowState state = RowState::Present;
    std::string_view origin;                      ///< word of the verdict; empty while not known
};

[[nodiscard]] CellLook cellLook(MapMode mode, const CellFacts& facts, const ShadeScale& scale);
/// What Std and Kurtosis shade; nothing in the other modes, and for constants.
[[nodiscard]] std::optional<double> shadedValue(MapMode mode, const TensorStatistics& statistics);
/// At most five characters for everyday sizes: 0.095, 2.35, 137, 0.0012, 4e−05.
[[nodiscard]] QString cellNumber(double value);

} // namespace weighbridge
