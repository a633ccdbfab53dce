// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The machines that a config of ssh names (ssh_config(5)): the words of its Host lines, without patterns, each once, at most 1000.
[[nodiscard]] std::vector<std::string> hostsOfSshConfig(std::string_view text);

/// Those of the user's own config, ~/.ssh/config; none if there is none or it has more than 1 MiB. Reads a file: any thread but the GUI's.
[[nodiscard]] std::vector<std::string> knownSshHosts();

} // namespace weighbridge
