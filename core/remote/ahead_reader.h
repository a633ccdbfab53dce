// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/remote/host_connection.h"
#include "core/remote/host_files.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// Takes apart what another machine sends of a checkpoint that it opens (`open` of core/remote/host_protocol.h). It is a stranger's: what makes no
/// sense, or is more than any checkpoint has, is an Error, which ends the connection.
class AheadReader {
public:
    explicit AheadReader(const SentAhead& sent)
        : m_sent(sent)
    {
    }

    Result<void> take(HostFrame frame);

    /// The path that was opened; empty if none was named.
    [[nodiscard]] const std::string& opened() const { return m_opened; }

private:
    Result<void> takeBytes(std::vector<std::byte> bytes);
    Result<void> takeNames(const Value& document);
    Result<void> takeEntry(const Value& document);

    const SentAhead& m_sent;
    std::string m_opened;
    std::string m_path;
    std::optional<uint64_t> m_offset; ///< of bytes that must come next
    uint64_t m_nbytes = 0;
    size_t m_names = 0;
    size_t m_entries = 0;
};

} // namespace weighbridge
