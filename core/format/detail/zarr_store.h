// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"

#include <functional>
#include <memory>
#include <string>

namespace weighbridge {

/// The values of one array, by their keys behind its name: "0.0", "c/0/0".
class ZarrValues {
public:
    virtual ~ZarrValues() = default;
    /// Null if there is none: such a chunk holds the fill value. Errors: missing-shard, truncated, unreadable.
    [[nodiscard]] virtual Result<SourcePtr> value(const std::string& key) const = 0;
};

/// Where zarr arrays lie: each key a file in a folder, or all of them in an OCDBT database. Names have no slash at their ends.
class ZarrStore {
public:
    virtual ~ZarrStore() = default;
    /// For each array in the order of the names: its name and its description (.zarray of version 2, zarr.json of version 3).
    using Take = std::function<Result<void>(const std::string& name, const SourcePtr& description)>;
    [[nodiscard]] virtual Result<void> eachArray(JobContext& job, const Take& take) const = 0;
    [[nodiscard]] virtual Result<std::unique_ptr<ZarrValues>> valuesOf(const std::string& name, JobContext& job) const = 0;
};

/// Whether a folder holds such a store, by the names of its files.
bool isZarrStore(const std::string& folder);
/// Errors: those of Ocdbt.
Result<std::unique_ptr<ZarrStore>> openZarrStore(const std::string& folder);

} // namespace weighbridge
