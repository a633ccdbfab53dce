// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string_view>

namespace weighbridge {

/// What a row says about a tensor, from quiet to loud: of two states the greater one is the worse, and a group shows its worst.
enum class RowState : uint8_t {
    Present,      ///< nothing is expected: the tensor is there
    Matched,      ///< loads as it is
    Tied,         ///< not in the file: its values are those of another tensor, which is
    Ignored,      ///< missing or unexpected, but the loader says nothing about it
    Renamed,      ///< the loader itself maps the name
    DTypeDiffers,
    Undecidable,  ///< the values cannot tell whether the tensor was trained
    Unexpected,
    ShapeDiffers,
    AllZero,
    NeverTrained,
    NonFinite,    ///< holds NaN or Inf
    Missing,
    Lost,         ///< named in the header, but its bytes are not in the file
};
inline constexpr int rowStateCount = 14;

/// The word beside the glyph ("missing", "never trained"), untranslated; also what status: finds.
[[nodiscard]] std::string_view word(RowState state);
/// Name of the glyph in resources/icons: "status-missing" (without .svg).
[[nodiscard]] std::string_view glyphName(RowState state);
/// Whether the state is one that Next deviation stops at (worse than Renamed).
[[nodiscard]] constexpr bool deviates(RowState state) { return state > RowState::Renamed; }

} // namespace weighbridge
