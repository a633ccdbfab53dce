// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"
#include "core/base/value.h"
#include "core/diagnosis/finding.h"

#include <string>

namespace weighbridge {

/// What says which architecture is expected: config.json, a YAML file, an old bert_config.json, ...
struct Config {
    Value root;                    ///< a map, with the file's own field names
    std::string path;
    std::string format;            ///< "json", "yaml"
    std::vector<Finding> findings; ///< duplicate keys, BOM, NaN, auto_map, numbers beyond sense: what a reader notices
    [[nodiscard]] std::string modelType() const { const Value* v = root.find("model_type"); return v ? v->stringOr("") : ""; }
};

/// Reads a config by content. Never constructs anything that a YAML tag names. Errors: config-syntax (line, column), truncated,
/// git-lfs-pointer, html-page, empty, resource-bomb, unsafe-pickle (YAML tags that would run code), config-format.
Result<Config> loadConfig(const std::string& path, JobContext& job);
Result<Config> loadConfig(const ByteSource& source);

} // namespace weighbridge
