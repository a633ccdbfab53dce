// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/remote/fetch_client.h"
#include "core/remote/host_protocol.h"
#include "core/remote/ssh_address.h"

#include <functional>
#include <string>
#include <vector>

/// The file system of another machine, one request each. Errors as askHost(); `worker` for answers that make no sense.
namespace weighbridge {

Result<host::Entry> hostEntry(const SshAddress& address, const JobContext& job);
Result<std::vector<host::Name>> hostNames(const SshAddress& folder, const JobContext& job);
/// A folder that is looked around in.
struct HostFolder {
    std::string path;              ///< from the root; "~" is resolved
    std::string file;              ///< the name in it that was asked for, if that was no folder; empty otherwise
    std::vector<host::Name> names; ///< at most host::namesMaximum
};
/// The folder at an address, or the one that the file there lies in. Error `not-found` for neither.
Result<HostFolder> hostFolder(const SshAddress& address, const JobContext& job);
/// As fetchRange(); at most host::rangeNbytes.
Result<FetchedRange> hostRange(const SshAddress& file, uint64_t offset, uint64_t count, const JobContext& job);

/// What is sent ahead of what opening a checkpoint will ask for. Paths are of the machine.
struct SentAhead {
    std::function<void()> beginsAgain; ///< the connection was cut: all comes once more
    std::function<void(const std::string& path, host::Entry entry)> entry;
    std::function<void(const std::string& folder, std::vector<host::Name> names)> names; ///< some of them; more may follow
    std::function<Result<void>(const std::string& path, uint64_t offset, std::vector<std::byte> bytes)> bytes;
};
/// Opens a checkpoint there, beside its files, and gives what that read; the path without ~. What cannot be opened there is no Error: it will not be here either.
Result<std::string> openOnHost(const SshAddress& address, const JobContext& job, const SentAhead& sent);

} // namespace weighbridge
