// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <string_view>

/// Percent-encoding of addresses (RFC 3986).
namespace weighbridge {

/// Letters, digits, -._~
[[nodiscard]] bool isUnreserved(char c);
/// Escapes all but unreserved characters and what stands in `kept`.
[[nodiscard]] std::string percentEncoded(std::string_view text, std::string_view kept);
/// A percent sign that begins no escape stays.
[[nodiscard]] std::string percentDecoded(std::string_view text);

} // namespace weighbridge
