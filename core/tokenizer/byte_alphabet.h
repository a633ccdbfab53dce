// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// GPT-2's way to write any byte as a character that can be seen: bytes that are printable in Latin-1 stand for themselves,
/// the others for U+0100 and on, in order.
std::string bytesAsCharacters(std::string_view bytes);
/// Back; characters of another alphabet stay as they are.
std::string charactersAsBytes(std::string_view text);

} // namespace weighbridge
