// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "attributes.h"
#include "core/base/result.h"
#include "core/base/worker_channel.h"
#include "element_type.h"
#include "handle.h"
#include "read_dataset.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// Lists a file: one JSON frame for each dataset, each group with its attributes and each link that is no plain one, with the place before each.
/// Link by link with a stack of its own: H5Ovisit() needs quadratic time for deep groups, and follows what should not be followed.
class Walk {
public:
    /// `verifiedNbytes`: of packed values that may be unpacked to see whether they are whole.
    Walk(hid_t file, WorkerChannel& channel, uint64_t verifiedNbytes)
        : m_file(file)
        , m_channel(channel)
        , m_verifiable(verifiedNbytes)
    {
    }

    /// Error only if the root group cannot be read, or if the client has gone. What else is broken is a frame {"broken": path, "why"}.
    Result<void> run();

private:
    struct Link {
        std::string name;
        H5L_type_t kind;
        haddr_t address; ///< of hard links only
    };
    struct Level {
        Handle group;
        std::string path;
        std::vector<Link> links;
        size_t next = 0;
    };
    static herr_t collectLink(hid_t, const char* name, const H5L_info_t* info, void* links);

    bool enterGroup(Handle group, std::string path);
    bool visit(const Level& level, const Link& link);
    bool visitObject(const Level& level, const Link& link, const std::string& path);
    bool sendSoftLink(const Level& level, const Link& link, const std::string& path);
    bool sendExternalLink(const Level& level, const Link& link, const std::string& path);
    bool sendDataset(hid_t dataset, haddr_t address, const std::string& path);
    bool verify(hid_t dataset, const ElementType& element, const StorageLayout& storage, const std::string& path);
    bool sendUnopened(const std::string& path, const std::string& why);
    bool sendBroken(const std::string& path, const std::string& why, const char* rule = "corrupt");
    [[nodiscard]] std::string linkValue(const Level& level, const Link& link) const;

    hid_t m_file;
    WorkerChannel& m_channel;
    AttributeBudget m_budget;
    uint64_t m_verifiable; ///< of packed values that may still be unpacked
    std::vector<Level> m_levels;
    std::unordered_map<haddr_t, std::string> m_seen; ///< object -> the path that it was first found under
};

} // namespace weighbridge
