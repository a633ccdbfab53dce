// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "transfer.h"

#include "core/base/text.h"
#include "core/remote/address.h"
#include "core/remote/silence.h"
#include "credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace weighbridge {

/// One request and what has come of it.
struct Transfer::Attempt {
    const TransferSink& sink;
    bool wantsRange = false;
    uint64_t offset = 0; ///< of the next byte that is wanted
    uint64_t asked = 0;  ///< the offset when the request was sent
    uint64_t before = 0; ///< bytes that the sink had by then
    uint64_t end = 0;    ///< one past the last
    Response response{};
    uint64_t taken = 0;  ///< bytes that the sink has, of this and earlier requests
    std::optional<Error> refusal{}; ///< why the body is not taken
    bool isGone = false; ///< the sink wants no more
    bool hasToken = false;
    std::chrono::steady_clock::time_point lastSign = std::chrono::steady_clock::now();
};

namespace {

using namespace std::chrono_literals;

constexpr int mostAttempts = 4;
constexpr long connectSeconds = 20;
constexpr long mostRedirects = 10;
constexpr size_t mostTargets = 10'000;

bool mayPass(const Error& error)
{
    return error.rule == "truncated" || error.found == "HTTP 429" || error.found.starts_with("HTTP 5");
}

Error noRanges(const Response& response)
{
    const std::string size = response.hasLength() ? formatNbytes(response.state().nbytes) : "of unknown size";
    return Error("no-ranges", fmt::format("The server cannot send parts of a file, only the whole ({}): nothing of it was fetched.", size))
        .expecting("HTTP 206").finding(fmt::format("HTTP {}", response.status())).fixedBy("Download the file and open it here.");
}

/// Why the body that follows this header is not what was asked for.
std::optional<Error> refusalOf(const Response& response, bool wantsRange, uint64_t offset, uint64_t end)
{
    if (response.status() == 200) {
        if (response.hasLength() ? response.state().nbytes > wholeNbytes : false)
            return noRanges(response);
        return std::nullopt;
    }
    if (response.status() != 206)
        return std::nullopt; // an error's page: perform() looks at the status
    if (!wantsRange || !response.hasLength() || response.start() != offset || response.end() > end || response.end() <= offset)
        return Error("corrupt", "The server sends another part of the file than was asked for.")
            .expecting(fmt::format("bytes {} to {}", offset, end)).finding(fmt::format("bytes {} to {}", response.start(), response.end()));
    return std::nullopt;
}

/// The authorities that are trusted in place of the system's: a file that one of these variables names, as curl itself, OpenSSL and the hub's tools
/// have them.
std::string authoritiesPath()
{
    for (const char* name : {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"})
        if (const char* path = std::getenv(name); path && *path)
            return path;
    return {};
}

/// The length that was not announced is that of what came.
RemoteState whole(RemoteState state, uint64_t taken)
{
    state.nbytes = taken;
    return state;
}

} // namespace

Transfer::Transfer() : m_curl(curl_easy_init(), &curl_easy_cleanup) {}

size_t Transfer::takeHeader(char* text, size_t size, size_t count, void* attempt)
{
    static_cast<Attempt*>(attempt)->response.addLine({text, size * count});
    return size * count;
}

size_t Transfer::takeBody(char* bytes, size_t size, size_t count, void* data)
{
    Attempt& attempt = *static_cast<Attempt*>(data);
    const size_t nbytes = size * count;
    const int status = attempt.response.status();
    if (status != 200 && status != 206)
        return nbytes; // an error's page
    attempt.refusal = refusalOf(attempt.response, attempt.wantsRange, attempt.asked, attempt.end);
    if (status == 200 && (attempt.before > 0 || attempt.taken + nbytes > wholeNbytes))
        attempt.refusal = noRanges(attempt.response);
    if (attempt.refusal)
        return 0;
    attempt.taken += nbytes;
    attempt.offset += nbytes;
    attempt.isGone = !attempt.sink.take(std::as_bytes(std::span(bytes, nbytes)));
    return attempt.isGone ? 0 : nbytes;
}

int Transfer::showProgress(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    Attempt& attempt = *static_cast<Attempt*>(data);
    if (const auto now = std::chrono::steady_clock::now(); now - attempt.lastSign > 1s) {
        attempt.lastSign = now;
        attempt.isGone = attempt.isGone || !attempt.sink.live();
    }
    return attempt.isGone ? 1 : 0;
}

void Transfer::prepare(const std::string& url, Attempt& attempt)
{
    CURL* curl = m_curl.get();
    curl_easy_reset(curl); // keeps the connections
    m_reason[0] = '\0';
    const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_USERAGENT, "weighbridge/" WEIGHBRIDGE_VERSION);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, url.starts_with("https:") ? "https" : "http,https"); // never out of TLS
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, mostRedirects);
    set(CURLOPT_CONNECTTIMEOUT, connectSeconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, longestSilence().count());
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
    set(CURLOPT_BUFFERSIZE, 262144L);
    set(CURLOPT_ERRORBUFFER, m_reason.data());
    set(CURLOPT_HEADERFUNCTION, &takeHeader);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&attempt));
    set(CURLOPT_WRITEFUNCTION, &takeBody);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&attempt));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &showProgress);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(&attempt));
    if (const std::string path = authoritiesPath(); !path.empty())
        set(CURLOPT_CAINFO, path.c_str());
    const std::string token = originOf(url) == originOf(hubEndpoint()) ? hubToken() : "";
    attempt.hasToken = !token.empty();
    if (!token.empty()) { // curl sends it to this host alone, wherever redirects lead
        set(CURLOPT_HTTPAUTH, static_cast<unsigned long>(CURLAUTH_BEARER));
        set(CURLOPT_XOAUTH2_BEARER, token.c_str());
    }
    if (attempt.wantsRange)
        set(CURLOPT_RANGE, fmt::format("{}-{}", attempt.offset, attempt.end - 1).c_str());
}

Error Transfer::explain(CURLcode code, const std::string& url, const Attempt& attempt) const
{
    const std::string host = shown(hostOf(url));
    const std::string reason = shown(m_reason[0] ? m_reason.data() : curl_easy_strerror(code));
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return Error("unreachable", fmt::format("There is no host {}, or this machine is not connected.", host)).fixedBy("Check the address and the network.");
    case CURLE_COULDNT_CONNECT: return Error("unreachable", fmt::format("{} takes no connection: {}.", host, reason)).fixedBy("Check the address, the network and the proxy.");
    case CURLE_OPERATION_TIMEDOUT:
        return Error("unreachable", fmt::format("{} was silent for too long, after {}: {}.", host, formatNbytes(attempt.taken), reason)).fixedBy("Try again, or set WEIGHBRIDGE_TIMEOUT to more seconds.");
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2_STREAM:
        return Error("truncated", fmt::format("{} ended the connection after {} of the {} that it announced.", host, formatNbytes(attempt.taken),
                                              formatNbytes(attempt.taken + (attempt.end > attempt.offset ? attempt.end - attempt.offset : 0)))).fixedBy("Try again.");
    case CURLE_TOO_MANY_REDIRECTS: return Error("http-status", fmt::format("The address leads from one to the next more than {} times.", mostRedirects)).fixedBy("Check the address.");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return Error("no-access", fmt::format("The certificate of {} cannot be trusted: nothing was read from there.", host))
            .finding(reason)
            .fixedBy("If the server is your own, name its authority's certificate in CURL_CA_BUNDLE; otherwise somebody may stand between.");
    case CURLE_UNSUPPORTED_PROTOCOL:
        return Error("no-access", fmt::format("{} leads to an address without encryption, or of another kind, which is not followed.", host))
            .finding(reason)
            .fixedBy("Check the address.");
    default: return Error("unreachable", fmt::format("{} could not be read: {}.", host, reason)).fixedBy("Check the address and the network.");
    }
}

Result<void> Transfer::perform(const std::string& url, Attempt& attempt)
{
    attempt.asked = attempt.offset;
    attempt.before = attempt.taken;
    prepare(url, attempt);
    const CURLcode code = curl_easy_perform(m_curl.get());
    if (attempt.isGone)
        return failure(cancelledError());
    if (attempt.refusal)
        return failure(std::move(*attempt.refusal));
    const int status = attempt.response.status();
    const bool isContent = status == 200 || status == 206 || (status == 416 && attempt.response.state().nbytes <= attempt.offset && attempt.response.hasLength());
    if (status >= 300 && !isContent && (code == CURLE_OK || code == CURLE_PARTIAL_FILE))
        return failure(statusError(status, attempt.hasToken));
    if (code != CURLE_OK)
        return failure(explain(code, url, attempt));
    return isContent ? Result<void>() : failure(statusError(status, attempt.hasToken));
}

/// Asks where a redirect led before, and at the address itself if that has expired.
Result<RemoteState> Transfer::rangeOnce(const std::string& url, Attempt& attempt)
{
    const auto known = m_targets.find(url);
    auto done = perform(known == m_targets.end() ? url : known->second, attempt);
    if (!done && known != m_targets.end() && (done.error().rule == "no-access" || done.error().rule == "not-found" || done.error().rule == "http-status")) {
        m_targets.erase(known);
        done = perform(url, attempt);
    }
    if (!done)
        return tl::unexpected(done.error());
    char* target = nullptr;
    curl_easy_getinfo(m_curl.get(), CURLINFO_EFFECTIVE_URL, &target);
    if (target && url != target && m_targets.size() < mostTargets)
        m_targets[url] = target;
    return attempt.response.state();
}

Result<RemoteState> Transfer::range(const std::string& address, uint64_t offset, uint64_t count, const TransferSink& sink)
{
    const std::string url = urlOf(address);
    if (originOf(url) == originOf(hubEndpoint()) && isHubOffline())
        return failure(Error("unreachable", "HF_HUB_OFFLINE is set: the hub is not asked.").fixedBy("Unset HF_HUB_OFFLINE."));
    Attempt attempt{.sink = sink, .wantsRange = true, .offset = offset, .end = offset + count};
    std::optional<RemoteState> first;
    for (int tries = 1;; ++tries) {
        const uint64_t before = attempt.taken;
        const auto state = rangeOnce(url, attempt);
        if (state && first && !first->agreesWith(*state))
            return failure(Error("changed", "The file at this address became another while it was read.").fixedBy("Open it again."));
        if (state && !state->hasRanges)
            return whole(*state, attempt.taken);
        if (state && attempt.offset >= std::min(attempt.end, state->nbytes))
            return state;
        if (!state && (!mayPass(state.error()) || tries >= mostAttempts || (!attempt.response.state().hasRanges && attempt.taken > before)))
            return state;
        if (state)
            first = first ? first : *state;
        else if (attempt.response.status() == 206)
            first = first ? first : attempt.response.state();
        tries = attempt.taken > before ? 1 : tries;
        if (!sink.live())
            return failure(cancelledError());
        std::this_thread::sleep_for(tries * 300ms);
    }
}

Result<RemoteState> Transfer::document(const std::string& url, const TransferSink& sink)
{
    if (originOf(url) == originOf(hubEndpoint()) && isHubOffline())
        return failure(Error("unreachable", "HF_HUB_OFFLINE is set: the hub is not asked.").fixedBy("Unset HF_HUB_OFFLINE."));
    Attempt attempt{.sink = sink};
    return perform(url, attempt).map([&attempt] { return attempt.response.state(); });
}

} // namespace weighbridge
