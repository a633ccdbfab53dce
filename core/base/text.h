// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// 86.7 MiB: IEC units, three digits.
std::string formatNbytes(uint64_t nbytes);
/// 22 713 216, digits grouped by `separator` (default U+202F).
std::string groupDigits(uint64_t number, std::string_view separator = "\u202f");
/// 37 of 104 as percentage with one decimal; "0 %" and "100 %" only when exact (99.996 % gives "99.9 %").
std::string formatPercent(uint64_t part, uint64_t whole);
/// 30522 x 384; "scalar" for no dimension.
std::string formatShape(const std::vector<int64_t>& shape);
/// Text from a file as it may be shown: control, bidi and invalid bytes escaped as \xNN or \u{NNNN}; cut at `maximum` bytes.
std::string shown(std::string_view text, size_t maximum = 300);
/// {0-2, 5}: an exact description of a set of numbers, gaps never bridged. Input need not be sorted.
std::string formatIndices(std::vector<int64_t> indices);

[[nodiscard]] bool isValidUtf8(std::string_view text);
[[nodiscard]] std::string lowered(std::string_view ascii);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

} // namespace weighbridge
