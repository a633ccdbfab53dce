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

/// The address in its one form. A model of the hub at the commit that its revision is now: all that is read afterwards is of that one. For an ssh address the
/// other machine opens the checkpoint first and sends what that read, so that opening it here costs no more waiting.
/// Errors: bad-address, and those of fetchHubListing() and askHost().
Result<std::string> resolveAddress(const std::string& address, const JobContext& job);
/// The next look at any address asks its server again.
void forgetAddresses();

Result<SourcePtr> openRemoteFile(const std::string& address);
/// Asks web servers for all of these at once, so that looking at one after another afterwards asks nobody. What lies elsewhere is passed over.
void askAtOnce(std::span<const std::string> addresses);
[[nodiscard]] bool isRemoteFile(const std::string& address);
[[nodiscard]] bool isRemoteFolder(const std::string& address);
/// The names of the folders in one at an ssh address.
[[nodiscard]] std::vector<std::string> remoteFoldersIn(const std::string& folder);
/// As targetOf().
[[nodiscard]] std::string remoteTargetOf(const std::string& address);
[[nodiscard]] std::vector<FoundFile> remoteFilesIn(const std::string& folder, std::span<const std::string_view> usualNames);

} // namespace weighbridge
