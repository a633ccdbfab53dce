// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

struct JsonDocument {
    Value value;
    std::vector<std::string> duplicateKeys; ///< keys that one object holds twice, as path `a.b`; at most 100 are kept
    bool byteOrderMark = false;             ///< a UTF-8 BOM was skipped
    std::vector<std::string> nonFinite;     ///< paths of NaN, Infinity, -Infinity (Python's dialect) and of numbers like 1e400, kept as doubles
};

/// Parses one JSON document (RFC 8259, plus Python's NaN and Infinity). Integers beyond int64 become doubles.
/// Error `corrupt` with line and column, `truncated` if the text ends inside a value, `resource-bomb` beyond the caps.
/// `path` is only for the message.
Result<JsonDocument> parseJson(std::string_view text, const std::string& path = {});

/// Writes a value as JSON. indent 0: one line. Strings that are not UTF-8 get U+FFFD; NaN and infinities become null.
std::string toJson(const Value& value, int indent = 0);

} // namespace weighbridge
