// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/ssh_address.h"

#include "core/base/text.h"
#include "core/remote/percent.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weighbridge {
namespace {

constexpr std::string_view scheme = "ssh://";
constexpr std::string_view keptInPaths = "/@!$&'()*+,;=:";
constexpr size_t longestWord = 255;

Error badAddress(std::string_view address, std::string message)
{
    return Error("bad-address", std::move(message)).at(shown(address, 400)).fixedBy("Write ssh://host/path or ssh://user@host:port/path.");
}

/// A word that neither ssh nor a command in its config can take for anything else.
bool isWord(std::string_view text, std::string_view more)
{
    const auto isPlain = [more](char c) { return (isUnreserved(c) && c != '~') || more.find(c) != std::string_view::npos; };
    return !text.empty() && text.size() <= longestWord && text.front() != '-' && std::all_of(text.begin(), text.end(), isPlain);
}

bool isIpv6(std::string_view text)
{
    return !text.empty() && text.size() <= 45 && text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos && text.find(':') != std::string_view::npos;
}

} // namespace

bool isSshAddress(std::string_view address)
{
    return lowered(address.substr(0, scheme.size())) == scheme;
}

std::string SshAddress::place() const
{
    const bool isBracketed = host.find(':') != std::string::npos;
    return fmt::format("{}{}{}{}{}{}{}", scheme, user, user.empty() ? "" : "@", isBracketed ? "[" : "", host, isBracketed ? "]" : "", port ? fmt::format(":{}", port) : "");
}

std::string SshAddress::text() const
{
    return place() + percentEncoded(path, keptInPaths);
}

Result<SshAddress> parseSshAddress(std::string_view address)
{
    const std::string_view rest = address.substr(scheme.size());
    const size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view host = rest.substr(0, slash);
    SshAddress out;
    if (const size_t at = host.rfind('@'); at != std::string_view::npos) {
        out.user = host.substr(0, at);
        host.remove_prefix(at + 1);
        if (out.user.find(':') != std::string::npos)
            return failure(Error("bad-address", "A password in an address would be shown and written wherever the address is; it is not used.").fixedBy("Leave it out: ssh asks for it, or use a key."));
        if (!isWord(out.user, "+"))
            return failure(badAddress(address, "The user in the address is no plain name."));
    }
    const bool isBracketed = host.starts_with('[') && host.find(']') != std::string_view::npos;
    const size_t hostEnd = isBracketed ? host.find(']') + 1 : std::min(host.find(':'), host.size());
    std::string_view port = host.substr(hostEnd);
    out.host = isBracketed ? host.substr(1, hostEnd - 2) : host.substr(0, hostEnd);
    if (isBracketed ? !isIpv6(out.host) : !isWord(out.host, ""))
        return failure(badAddress(address, out.host.empty() ? "The address names no host." : "The host in the address is no plain name."));
    if (!port.empty()) {
        port.remove_prefix(1);
        const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (host[hostEnd] != ':' || failed != std::errc() || end != port.data() + port.size() || out.port == 0)
            return failure(badAddress(address, "The port in the address is none: it is a number from 1 to 65535."));
    }
    out.path = percentDecoded(rest.substr(slash));
    while (out.path.size() > 1 && out.path.ends_with('/'))
        out.path.pop_back();
    if (out.path.empty())
        out.path = "/";
    if (out.path.find('\0') != std::string::npos)
        return failure(badAddress(address, "The path holds a NUL byte, which no file's name has."));
    return out;
}

} // namespace weighbridge
