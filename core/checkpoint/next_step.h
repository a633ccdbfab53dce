// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string_view>

namespace weighbridge {

/// What to do about an Error or a finding of a reader that says nothing better, by its rule; empty for rules about which there is nothing to say.
[[nodiscard]] std::string_view nextStep(std::string_view rule);

} // namespace weighbridge
