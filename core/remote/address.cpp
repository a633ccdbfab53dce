// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/address.h"

#include "core/base/text.h"
#include "core/remote/percent.h"
#include "core/remote/ssh_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace weighbridge {
namespace {

constexpr std::string_view hubScheme = "hf:";
constexpr size_t longestAddress = 8192;

/// First parts of the hub's addresses that are no owner.
constexpr std::array reservedOwners{std::string_view("api"),    std::string_view("blog"),  std::string_view("collections"), std::string_view("datasets"),
                                    std::string_view("docs"),   std::string_view("join"),  std::string_view("login"),       std::string_view("models"),
                                    std::string_view("papers"), std::string_view("posts"), std::string_view("settings"),    std::string_view("spaces")};

Error badAddress(const std::string& address, std::string message)
{
    return Error("bad-address", std::move(message)).at(shown(address, 400)).fixedBy("Write https://host/path/file, ssh://host/path or hf:owner/model@revision.");
}

bool isName(std::string_view text)
{
    return !text.empty() && text != "." && text != ".." && std::all_of(text.begin(), text.end(), isUnreserved);
}

size_t lengthOfScheme(std::string_view url)
{
    for (const std::string_view scheme : {std::string_view("https://"), std::string_view("http://")})
        if (lowered(url.substr(0, scheme.size())) == scheme)
            return scheme.size();
    return 0;
}

/// The revision at the start of `text`, and behind it its file: refs/pr/1 and refs/convert/x hold slashes.
std::pair<std::string, std::string> splitRevision(std::string_view text)
{
    size_t end = text.find('/');
    if (text.starts_with("refs/") && (end = text.find('/', 5)) != std::string_view::npos)
        end = text.find('/', end + 1);
    std::string revision(text.substr(0, end));
    for (size_t slash = revision.find('/'); slash != std::string::npos; slash = revision.find('/'))
        revision.replace(slash, 1, "%2F");
    return {std::move(revision), end == std::string_view::npos ? std::string() : std::string(text.substr(end + 1))};
}

/// A page of the hub's, as people copy it from a browser: /owner/model, /owner/model/tree/main, /owner/model/blob/main/file.
std::optional<HubAddress> hubPage(std::string_view url)
{
    const std::string endpoint = hubEndpoint();
    if (!url.starts_with(endpoint) || url.size() <= endpoint.size() || url[endpoint.size()] != '/')
        return std::nullopt;
    std::string_view path = url.substr(endpoint.size() + 1);
    path = path.substr(0, path.find('?'));
    while (path.ends_with('/'))
        path.remove_suffix(1);
    const auto parts = split(path, '/');
    if (parts.size() < 2 || !isName(parts[0]) || !isName(parts[1]) || std::find(reservedOwners.begin(), reservedOwners.end(), parts[0]) != reservedOwners.end())
        return std::nullopt;
    HubAddress out{fmt::format("{}/{}", parts[0], parts[1]), "main", {}};
    if (parts.size() == 2)
        return out;
    const size_t rest = parts[0].size() + parts[1].size() + parts[2].size() + 3;
    if (parts.size() == 3 || (parts[2] != "tree" && parts[2] != "blob" && parts[2] != "resolve"))
        return std::nullopt;
    std::tie(out.revision, out.file) = splitRevision(path.substr(rest));
    return out;
}

Result<std::string> cleanUrl(const std::string& address)
{
    const size_t scheme = lengthOfScheme(address);
    std::string_view rest = std::string_view(address).substr(scheme);
    rest = rest.substr(0, rest.find('#'));
    const size_t hostEnd = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view host = rest.substr(0, hostEnd);
    if (host.find('@') != std::string_view::npos)
        return failure(Error("bad-address", "A user or a password in an address would be shown and written wherever the address is; it is not used.")
                           .fixedBy("Put them into ~/.netrc, where curl and Weighbridge look for them, and leave them out of the address."));
    if (host.empty() || host.front() == ':')
        return failure(badAddress(address, "The address names no host."));
    const std::string_view tail = rest.substr(hostEnd);
    const size_t query = std::min(tail.find('?'), tail.size());
    const std::string path = query == 0 ? "/" : percentEncoded(tail.substr(0, query), "/%:@!$&'()*+,;=");
    // a slash in a query would look like a folder
    std::string out = fmt::format("{}{}{}{}", lowered(address.substr(0, scheme)), lowered(host), path, percentEncoded(tail.substr(query), "?%:@!$&'()*+,;="));
    if (const auto page = hubPage(out))
        return page->text();
    return out;
}

} // namespace

std::string HubAddress::text() const
{
    return fmt::format("hf:{}@{}{}{}", repository, revision, file.empty() ? "" : "/", file);
}

bool isAddress(std::string_view path)
{
    return path.starts_with(hubScheme) || isSshAddress(path) || lengthOfScheme(path) > 0;
}

std::optional<HubAddress> hubAddress(std::string_view path)
{
    if (!path.starts_with(hubScheme))
        return std::nullopt;
    path.remove_prefix(hubScheme.size());
    while (path.ends_with('/'))
        path.remove_suffix(1);
    HubAddress out{{}, "main", {}};
    const size_t at = path.find('@');
    std::string_view repository = path.substr(0, at);
    if (at != std::string_view::npos) {
        std::tie(out.revision, out.file) = splitRevision(path.substr(at + 1));
    } else if (const size_t first = path.find('/'), second = first == std::string_view::npos ? first : path.find('/', first + 1); second != std::string_view::npos) {
        repository = path.substr(0, second);
        out.file = path.substr(second + 1);
    }
    out.repository = repository;
    const auto names = split(repository, '/');
    if (names.size() > 2 || !std::all_of(names.begin(), names.end(), isName) || out.revision.empty())
        return std::nullopt;
    return out;
}

std::string hubEndpoint()
{
    const char* given = std::getenv("HF_ENDPOINT");
    std::string endpoint = given && lengthOfScheme(given) > 0 ? given : "https://huggingface.co";
    endpoint.resize(endpoint.find_last_not_of('/') + 1);
    return endpoint;
}

Result<std::string> cleanAddress(const std::string& address)
{
    const bool hasControls = std::any_of(address.begin(), address.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; });
    if (hasControls || address.size() > longestAddress)
        return failure(badAddress(address, "The address holds control characters, or is longer than any address."));
    if (isSshAddress(address))
        return parseSshAddress(address).map(&SshAddress::text);
    if (!address.starts_with(hubScheme))
        return cleanUrl(address);
    const auto hub = hubAddress(address);
    if (!hub)
        return failure(badAddress(address, "This is no address of the hub."));
    return hub->text();
}

std::string addressBeside(const std::string& folder, std::string_view name)
{
    const std::string_view slash = folder.ends_with('/') ? "" : "/";
    return fmt::format("{}{}{}", folder, slash, folder.starts_with(hubScheme) ? std::string(name) : percentEncoded(name, "/:@!$&'()*+,;="));
}

std::string urlOf(const std::string& address)
{
    const auto hub = hubAddress(address);
    return hub ? fmt::format("{}/{}/resolve/{}/{}", hubEndpoint(), hub->repository, percentEncoded(hub->revision, "%"), percentEncoded(hub->file, "/")) : address;
}

std::string originOf(std::string_view url)
{
    const size_t scheme = lengthOfScheme(url);
    return std::string(url.substr(0, std::min(url.find_first_of("/?#", scheme), url.size())));
}

std::string hostOf(const std::string& address)
{
    if (isSshAddress(address))
        return parseSshAddress(address).map([](const SshAddress& parts) { return parts.host; }).value_or("");
    const std::string origin = originOf(address.starts_with(hubScheme) ? hubEndpoint() : address);
    return origin.substr(lengthOfScheme(origin));
}

} // namespace weighbridge
