// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weighbridge::test {

/// What a path of the server answers.
struct Resource {
    std::string head;               ///< the first bytes; zeros follow
    uint64_t nbytes = 0;            ///< of the whole; 0: that of `head`
    std::string etag = "\"one\"";
    std::string etagLater;          ///< from the second request on; empty: the same
    bool hasRanges = true;
    int status = 0;                 ///< nothing but this status
    std::string redirect;           ///< to this URL
    uint64_t sentNbytes = UINT64_MAX; ///< the connection ends after so many bytes of a body
    int64_t shift = 0;              ///< what Content-Range says is off by so much
    uint64_t bytesPerSecond = 0;    ///< 0: as fast as it goes
    bool isSilent = false;          ///< takes the request and says nothing
    bool hasLength = true;
};

struct Request {
    std::string path;
    std::string range;
    std::string authorization;
};

/// An HTTP/1.1 server on a free port of this machine, with every fault that a test asks for. A thread for each connection.
class HttpServer {
public:
    HttpServer();
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    void serve(const std::string& path, Resource resource);
    [[nodiscard]] std::string url(const std::string& path = {}) const;
    [[nodiscard]] std::vector<Request> requests() const;
    [[nodiscard]] uint64_t sentNbytes() const { return m_sentNbytes; }
    void forgetRequests();
    void setLatency(std::chrono::milliseconds latency) { m_latency = latency; } ///< passes before each answer
    [[nodiscard]] int mostAtOnce() const { return m_mostAtOnce; } ///< requests that waited for their answers together

private:
    void accept();
    void talk(int connection);
    bool answer(int connection, const Request& request);
    bool sendBody(int connection, const Resource& resource, uint64_t start, uint64_t end);
    bool send(int connection, const std::string& text);

    int m_listener = -1;
    int m_port = 0;
    std::atomic<bool> m_isClosing{false};
    std::atomic<uint64_t> m_sentNbytes{0};
    std::atomic<std::chrono::milliseconds> m_latency{};
    std::atomic<int> m_atOnce{0}, m_mostAtOnce{0};
    mutable std::mutex m_mutex; ///< guards what follows
    std::map<std::string, Resource> m_resources;
    std::map<std::string, int> m_counts;
    std::vector<Request> m_requests;
    std::vector<std::thread> m_talkers;
    std::vector<int> m_connections;
    std::thread m_acceptor;
};

} // namespace weighbridge::test
