// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "response.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <charconv>

namespace weighbridge {
namespace {

constexpr size_t longestTag = 300;

std::string_view trimmed(std::string_view text)
{
    const size_t first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<uint64_t> number(std::string_view text)
{
    uint64_t out = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
    return failed == std::errc() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

} // namespace

void Response::addLine(std::string_view line)
{
    if (line.starts_with("HTTP/")) {
        *this = {};
        const size_t space = line.find(' ');
        m_status = space == std::string_view::npos ? 0 : static_cast<int>(number(line.substr(space + 1, 3)).value_or(0));
        m_state.hasRanges = m_status == 206 || m_status == 416;
        return;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        return;
    const std::string name = lowered(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "etag")
        m_state.etag = value.substr(0, longestTag);
    else if (name == "last-modified")
        m_state.modified = value.substr(0, longestTag);
    else if (name == "content-range")
        addRange(value);
    else if (const auto length = name == "content-length" && m_status == 200 ? number(value) : std::nullopt) {
        m_state.nbytes = *length;
        m_hasLength = true;
    }
}

/// "bytes 0-99/1234", or "bytes */1234" with status 416.
void Response::addRange(std::string_view value)
{
    if (lowered(value.substr(0, 6)) != "bytes ")
        return;
    value = trimmed(value.substr(6));
    const size_t slash = value.find('/');
    const size_t dash = value.find('-');
    const auto total = slash == std::string_view::npos ? std::nullopt : number(value.substr(slash + 1));
    if (!total)
        return;
    m_state.nbytes = *total;
    m_hasLength = true;
    const auto first = dash < slash ? number(value.substr(0, dash)) : std::nullopt;
    const auto last = dash < slash ? number(value.substr(dash + 1, slash - dash - 1)) : std::nullopt;
    if (!first || !last || *first > *last || *last >= *total)
        return;
    m_start = *first;
    m_end = *last + 1;
}

Error statusError(int status, bool hasToken)
{
    if (status == 404 || status == 410)
        return Error("not-found", "There is no such file at this address.").finding(fmt::format("HTTP {}", status)).fixedBy("Check the address.");
    if (status == 401 || status == 403 || status == 407)
        return Error("no-access", hasToken ? "The server does not let this token read the file." : "The server asks for permission to read this file.")
            .finding(fmt::format("HTTP {}", status))
            .fixedBy("For a model of the hub set HF_TOKEN and accept its terms there; for another server put name and password into ~/.netrc.");
    return Error("http-status", fmt::format("The server answers with HTTP {} instead of the file.", status)).finding(fmt::format("HTTP {}", status))
        .fixedBy(status == 429 ? "The server allows no more requests at the moment: wait a while." : "Try again later.");
}

} // namespace weighbridge
