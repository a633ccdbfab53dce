// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/row_state.h"

#include <array>

namespace weighbridge {
namespace {

struct StateText {
    std::string_view word;
    std::string_view glyph;
};

/// In the order of RowState.
constexpr std::array<StateText, rowStateCount> stateTexts{{
    {"present", "status-ok"},
    {"matched", "status-ok"},
    {"tied", "status-tied"},
    {"ignored", "status-note"},
    {"renamed", "status-renamed"},
    {"dtype", "status-dtype"},
    {"undecidable", "status-undecidable"},
    {"unexpected", "status-unexpected"},
    {"shape", "status-shape"},
    {"zero", "status-nan"},
    {"never trained", "status-random"},
    {"NaN, Inf", "status-nan"},
    {"missing", "status-missing"},
    {"lost", "status-missing"},
}};

} // namespace

std::string_view word(RowState state)
{
    return stateTexts[static_cast<size_t>(state)].word;
}

std::string_view glyphName(RowState state)
{
    return stateTexts[static_cast<size_t>(state)].glyph;
}

} // namespace weighbridge
