// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/remote/address.h"

#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge {

/// The files of one commit of a model on the hub.
struct HubListing {
    struct File {
        std::string name; ///< path inside the model
        uint64_t nbytes = 0;
    };
    std::string commit;
    std::vector<File> files;
};

/// Asks the hub: huggingface.co/docs/hub/api. Errors as fetchDocument(), corrupt.
Result<HubListing> fetchHubListing(const HubAddress& address, const JobContext& job);

/// What the hub's answer says. Any text.
Result<HubListing> parseHubListing(const std::string& text);

} // namespace weighbridge
