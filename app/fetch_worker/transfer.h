// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "response.h"

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <span>
#include <unordered_map>

namespace weighbridge {

/// Where the bytes go while they come, and the signs of life between them. False stops the transfer.
struct TransferSink {
    std::function<bool(std::span<const std::byte>)> take;
    std::function<bool()> live; ///< called once a second or so, also while nothing comes
};

/// Fetches over HTTP, with one connection that is kept. One thread.
class Transfer {
public:
    Transfer();

    /// Bytes [offset, offset + count), or up to the end; of a server without ranges the whole file, if it is small. Goes on after a break
    /// where it stopped. Errors: see fetchRange().
    Result<RemoteState> range(const std::string& address, uint64_t offset, uint64_t count, const TransferSink& sink);
    Result<RemoteState> document(const std::string& url, const TransferSink& sink);

private:
    struct Attempt;

    Result<RemoteState> rangeOnce(const std::string& url, Attempt& attempt);
    Result<void> perform(const std::string& url, Attempt& attempt);
    void prepare(const std::string& url, Attempt& attempt);
    [[nodiscard]] Error explain(CURLcode code, const std::string& url, const Attempt& attempt) const;
    static size_t takeHeader(char* text, size_t size, size_t count, void* attempt);
    static size_t takeBody(char* bytes, size_t size, size_t count, void* attempt);
    static int showProgress(void* attempt, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> m_curl;
    std::array<char, CURL_ERROR_SIZE> m_reason{};
    std::unordered_map<std::string, std::string> m_targets; ///< where a redirect led, so that the next range asks there at once
};

} // namespace weighbridge
