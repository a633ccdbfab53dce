// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/ssh_trouble.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr int ofSsh = 255;         ///< ssh(1): the status of ssh's own failures
constexpr int commandNotFound = 127; ///< POSIX shells

/// A phrase of OpenSSH's, and what it means.
struct Phrase {
    std::string_view phrase;
    const char* rule;
    const char* sentence; ///< {} is the host
    const char* fix;
};

constexpr std::array phrases{
    Phrase{"Could not resolve hostname", "unreachable", "There is no host {}: neither ssh's config nor the DNS knows it.", "Check the host in the address."},
    Phrase{"Host key verification failed", "no-access", "ssh does not know the key of {}, or it has changed, so that this may be another machine.", "Connect once with ssh in a terminal and see what it says about the key."},
    Phrase{"Permission denied", "no-access", "{} does not let this user in.", "Check the user in the address, and that ssh connects without Weighbridge: ssh-add a key, or set up an askpass program."},
    Phrase{"Too many authentication failures", "no-access", "{} does not let this user in.", "Name the key for this host in ~/.ssh/config (IdentityFile, IdentitiesOnly)."},
    Phrase{"Connection refused", "unreachable", "Nobody answers to ssh on {}.", "Check the host and the port in the address."},
    Phrase{"No route to host", "unreachable", "There is no way to {} in the network.", "Check the network, or a VPN that it needs."},
    Phrase{"Network is unreachable", "unreachable", "There is no way to {} in the network.", "Check the network, or a VPN that it needs."},
    Phrase{"Connection timed out", "unreachable", "{} does not answer.", "Check the network, or a VPN that it needs."},
};

constexpr size_t quotedNbytes = 500; ///< the last ones: there ssh says what it comes to

/// Without the lines that ssh writes in any case, and the frame around its warning.
std::string saidBy(const WorkerProcess& ssh)
{
    std::string out;
    for (std::string_view line : split(ssh.complaint(), '\n')) {
        line = line.substr(0, line.find_last_not_of(" \r") + 1);
        if (!line.empty() && !line.starts_with('@') && !line.starts_with("Warning: Permanently added"))
            out += (out.empty() ? "" : " ") + std::string(line);
    }
    return out;
}

std::string quoted(const std::string& said)
{
    return shown(std::string_view(said).substr(said.size() - std::min(said.size(), quotedNbytes)), quotedNbytes);
}

Error ofConnecting(const std::string& host, const std::string& said)
{
    for (const Phrase& phrase : phrases)
        if (said.find(phrase.phrase) != std::string::npos)
            return Error(phrase.rule, fmt::format(fmt::runtime(phrase.sentence), host)).fixedBy(phrase.fix);
    return Error("unreachable", fmt::format("ssh could not connect to {}.", host)).fixedBy("See whether ssh connects in a terminal.");
}

Error beforeItAnswered(const SshAddress& address, int status, const std::string& said)
{
    const std::string host = shown(address.host);
    if (status == ofSsh)
        return ofConnecting(host, said);
    if (status == commandNotFound || said.find("not found") != std::string::npos)
        return Error("dependency-missing", fmt::format("weighbridge-cli is not installed on {}, or not where its shell looks for programs.", host)).fixedBy(howToInstallThere(address));
    return Error("unsupported-version", fmt::format("weighbridge-cli on {} does not know the command that is needed: it is of an older version.", host)).fixedBy(howToInstallThere(address));
}

} // namespace

std::string howToInstallThere(const SshAddress& address)
{
    const std::string user = address.user.empty() ? "" : fmt::format("{}@", address.user);
    return fmt::format("Install the package there: scp{} weighbridge-cli_*.deb {}{}: and, on it, sudo apt install ./weighbridge-cli_*.deb", address.port ? fmt::format(" -P {}", address.port) : "", user,
                       address.host);
}

Error sshTrouble(const Error& trouble, const WorkerProcess& ssh, const SshAddress& address, bool hasAnswered)
{
    const std::string host = shown(address.host);
    const std::string said = saidBy(ssh);
    Error out = trouble;
    if (trouble.rule == "worker-hung")
        out = Error("unreachable", fmt::format("{} was silent for too long.", host)).fixedBy("Try again, or wait longer with WEIGHBRIDGE_TIMEOUT (seconds).");
    else if (trouble.rule == "worker" && !hasAnswered)
        out = Error("worker", fmt::format("Something else than weighbridge-cli spoke on {} first, most often an echo in ~/.bashrc there.", host)).fixedBy("Let the shell's start files there print only when they run in a terminal.");
    else if (trouble.rule == "worker")
        out = Error("worker", fmt::format("What {} answers breaks the protocol.", host)).fixedBy("Check whether weighbridge-cli there is what it should be.");
    else if (trouble.rule == "worker-died" && !hasAnswered && ssh.exitStatus())
        out = beforeItAnswered(address, *ssh.exitStatus(), said);
    else if (trouble.rule == "worker-died")
        out = Error("connection-lost", fmt::format("The connection to {} was cut, or weighbridge-cli there was ended.", host)).fixedBy("Try again.");
    else if (trouble.rule == "dependency-missing")
        out = Error("dependency-missing", "The program ssh is needed for this and is not installed.").fixedBy("Install it: sudo apt install openssh-client");
    out.found = quoted(said);
    return out;
}

} // namespace weighbridge
