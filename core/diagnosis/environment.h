// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace weighbridge {

/// The packages of an installed Python environment, as their metadata name them. Nothing of it is run.
struct Environment {
    std::string path;                              ///< the folder that was looked into
    bool isActive = false;                         ///< of this process's surroundings, not named by the user
    std::map<std::string, std::string> versions;   ///< by normalised name (lower case, "-" for "_" and "."), packaging.python.org's PEP 503

    [[nodiscard]] std::string version(std::string_view name) const; ///< empty: not installed
};

/// Reads every *.dist-info/METADATA below lib/python3*/site-packages (or Lib/site-packages, or the folder itself).
/// Errors: not-found where there is no such folder.
Result<Environment> readEnvironment(const std::string& path, JobContext& job);

/// The active virtual or conda environment of this process ($VIRTUAL_ENV, $CONDA_PREFIX); empty if none is active.
[[nodiscard]] std::string activeEnvironment();

/// -1, 0 or 1 as `a` is an older, the same or a newer version: the numbers of the release segment are compared, "4.49.0.dev0" as 4.49.0.
[[nodiscard]] int compareVersions(std::string_view a, std::string_view b);

} // namespace weighbridge
