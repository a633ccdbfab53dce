// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// Whether a path names something on another machine: "https://…", "http://…", "ssh://…" or "hf:…". Looks at the text alone.
[[nodiscard]] bool isAddress(std::string_view path);

/// A file or folder of the hub, or of a server that speaks as it does: "hf:owner/model@revision/file".
struct HubAddress {
    std::string repository; ///< "owner/model", or "model" of the first ones
    std::string revision;   ///< as in an address: a slash is %2F
    std::string file;       ///< empty for the whole
    [[nodiscard]] std::string text() const;
};

/// The parts of an address that begins with "hf:"; nothing for another or a malformed one. No revision is "main".
[[nodiscard]] std::optional<HubAddress> hubAddress(std::string_view path);

/// Where "hf:" leads: HF_ENDPOINT, or https://huggingface.co. Without a slash at the end.
[[nodiscard]] std::string hubEndpoint();

/// An address in the one form that is used everywhere: pages of the hub as "hf:", spaces and what is no ASCII escaped, no fragment.
/// Error `bad-address`: no host, a user or password in it, control characters, malformed "hf:"; those of parseSshAddress().
Result<std::string> cleanAddress(const std::string& address);

/// The file `name` (of an index, say) beside others at an address; what would end the path or begin a query is escaped.
[[nodiscard]] std::string addressBeside(const std::string& folder, std::string_view name);

/// The http(s) address behind any address.
[[nodiscard]] std::string urlOf(const std::string& address);

/// "https://host:port", without anything else.
[[nodiscard]] std::string originOf(std::string_view url);

/// What is shown as the place that is asked: the host.
[[nodiscard]] std::string hostOf(const std::string& address);

} // namespace weighbridge
