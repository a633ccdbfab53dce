// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

namespace weighbridge {

/// Folder with architectures/ and samples/: $WEIGHBRIDGE_RESOURCES, else share/weighbridge beside the program's bin/.
std::string resourceFolder();

/// Full path of a worker program ("weighbridge-hdf5"): libexec/weighbridge of the installation, else beside this program.
std::string siblingProgram(const std::string& name);

/// Names of the worker programs that begin with `prefix`, sorted.
std::vector<std::string> siblingPrograms(const std::string& prefix);

/// The user's own folder for settings: $XDG_CONFIG_HOME/weighbridge, else ~/.config/weighbridge.
std::string settingsFolder();

} // namespace weighbridge
