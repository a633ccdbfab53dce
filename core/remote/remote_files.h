// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/files.h"
#include "core/base/job_context.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// core/base/files.h for addresses. What was found is remembered until forgetAddresses(), so that asking twice is one request.
namespace weighbridge {

/// The address in its one form, a model of the hub at the commit that its revision is now: all that is read afterwards is of that one.
/// Errors: bad-address, and those of fetchHubListing().
Result<std::string> resolveAddress(const std::string& address, const JobContext& job);
/// The next look at any address asks its server again.
void forgetAddresses();

Result<SourcePtr> openRemoteFile(const std::string& address);
[[nodiscard]] bool isRemoteFile(const std::string& address);
[[nodiscard]] bool isRemoteFolder(const std::string& address);
[[nodiscard]] std::vector<FoundFile> remoteFilesIn(const std::string& folder, std::span<const std::string_view> usualNames);

} // namespace weighbridge
