// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

struct YamlDocument {
    Value value;
    std::vector<std::string> duplicateKeys; ///< keys that one map holds twice; at most 100
    std::vector<std::string> oddities;      ///< sentences: an alias inside what it stands for, further documents
};

/// Parses the first document of a YAML text. Nothing is ever constructed that a tag names: such a tag is an Error `unsafe-pickle`.
/// Plain scalars are read as YAML 1.1 loaders do (yes and no are truth values, 1_000 is a number), except that 12:30:45 stays text and
/// that 1e-3 is a number. Errors: corrupt (line, column), resource-bomb (nodes, depth; aliases count with what they repeat).
Result<YamlDocument> parseYaml(std::string_view text, const std::string& path);

} // namespace weighbridge
