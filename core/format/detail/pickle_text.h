// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// The bytes of a Python string literal without prefix ('a\x00b'), as the opcode STRING has it; nothing if the quotes do not fit.
std::optional<std::string> decodeQuoted(std::string_view literal);
/// UTF-8 of Python's raw-unicode-escape, as the opcode UNICODE has it: Latin-1 with \uXXXX and \UXXXXXXXX.
std::string decodeRawUnicodeEscape(std::string_view text);
/// The bytes whose Latin-1 text this UTF-8 is: how protocol 2 writes bytes (_codecs.encode(text, 'latin1')); nothing if a character is above U+00FF.
std::optional<std::string> latin1FromUtf8(std::string_view text);

} // namespace weighbridge
