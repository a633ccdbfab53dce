// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/error.h"
#include "core/base/worker_process.h"
#include "core/remote/ssh_address.h"

#include <string>

namespace weighbridge {

/// Why ssh, or the program that it started on the other machine, ended or was ended. `trouble` is what WorkerProcess says of it; `hasAnswered`: it was
/// weighbridge-cli that spoke there.
[[nodiscard]] Error sshTrouble(const Error& trouble, const WorkerProcess& ssh, const SshAddress& address, bool hasAnswered);

/// How weighbridge-cli comes onto another machine.
[[nodiscard]] std::string howToInstallThere(const SshAddress& address);

} // namespace weighbridge
