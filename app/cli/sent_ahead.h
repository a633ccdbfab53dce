// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "app/cli/host_outlet.h"
#include "core/base/file_observer.h"
#include "core/remote/host_protocol.h"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weighbridge::cli {

/// What lies at a path of this machine.
[[nodiscard]] host::Entry entryAt(const std::string& path);
/// The names in a folder, at most host::namesMaximum. Error `not-found`, `unreadable`.
Result<std::vector<host::Name>> namesIn(const std::string& folder);
/// One or more documents of a folder's names; `first` is what the first one says besides.
[[nodiscard]] std::vector<Value> nameDocuments(const std::vector<host::Name>& names, const Value::Map& always, const Value::Map& first);

/// Sends to the client what this thread asks of the file system, so that the client, which is going to ask the same, needs not wait for each answer.
class SendingAhead final : public FileObserver {
public:
    explicit SendingAhead(HostOutlet& outlet) : m_outlet(outlet) {}

    void asked(const std::string& path) override;
    void listed(const std::string& folder) override;
    void read(const ByteSource& file, uint64_t offset, uint64_t nbytes) override;

private:
    HostOutlet& m_outlet;
    std::unordered_set<std::string> m_asked;
    std::unordered_set<std::string> m_listed;
    std::unordered_map<std::string, std::unordered_set<uint64_t>> m_sentBlocks;
    uint64_t m_nbytes = 0; ///< that were sent
    bool m_isReading = false;
};

} // namespace weighbridge::cli
