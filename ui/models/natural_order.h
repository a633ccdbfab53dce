// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string_view>

namespace weighbridge {

/// "layer.9" before "layer.10": runs of digits compare as numbers, longer runs being greater.
[[nodiscard]] bool naturallyLess(std::string_view a, std::string_view b);

} // namespace weighbridge
