// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/http_server.h"

#include "tests/support/loopback.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sys/socket.h>
#include <unistd.h>

namespace weighbridge::test {
namespace {

using namespace std::chrono_literals;

std::string header(const std::string& text, const std::string& name)
{
    const size_t at = text.find("\r\n" + name + ": ");
    if (at == std::string::npos)
        return {};
    const size_t start = at + name.size() + 4;
    return text.substr(start, text.find("\r\n", start) - start);
}

uint64_t sizeOf(const Resource& resource)
{
    return std::max<uint64_t>(resource.nbytes, resource.head.size());
}

/// "bytes=a-b"; what is asked for, cut at the end of the resource.
std::optional<std::pair<uint64_t, uint64_t>> rangeOf(const std::string& text, uint64_t nbytes)
{
    const size_t dash = text.find('-');
    if (!text.starts_with("bytes=") || dash == std::string::npos)
        return std::nullopt;
    return std::pair(std::strtoull(text.c_str() + 6, nullptr, 10), std::min<uint64_t>(std::strtoull(text.c_str() + dash + 1, nullptr, 10) + 1, nbytes));
}

} // namespace

HttpServer::HttpServer()
{
    m_listener = listenOnLoopback();
    m_port = portOf(m_listener);
    m_acceptor = std::thread([this] { accept(); });
}

HttpServer::~HttpServer()
{
    m_isClosing = true;
    ::shutdown(m_listener, SHUT_RDWR);
    m_acceptor.join();
    {
        const std::scoped_lock lock(m_mutex);
        for (const int connection : m_connections)
            ::shutdown(connection, SHUT_RDWR);
    }
    for (std::thread& talker : m_talkers)
        talker.join();
    for (const int connection : m_connections)
        ::close(connection);
    ::close(m_listener);
}

void HttpServer::serve(const std::string& path, Resource resource)
{
    const std::scoped_lock lock(m_mutex);
    m_resources[path] = std::move(resource);
    m_counts[path] = 0;
}

std::string HttpServer::url(const std::string& path) const
{
    return "http://127.0.0.1:" + std::to_string(m_port) + path;
}

std::vector<Request> HttpServer::requests() const
{
    const std::scoped_lock lock(m_mutex);
    return m_requests;
}

void HttpServer::forgetRequests()
{
    const std::scoped_lock lock(m_mutex);
    m_requests.clear();
    m_sentNbytes = 0;
}

void HttpServer::accept()
{
    while (!m_isClosing) {
        const int connection = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0)
            continue;
        const std::scoped_lock lock(m_mutex);
        m_connections.push_back(connection);
        m_talkers.emplace_back([this, connection] { talk(connection); });
    }
}

void HttpServer::talk(int connection)
{
    std::string text;
    char part[4096];
    while (!m_isClosing) {
        const size_t end = text.find("\r\n\r\n");
        if (end == std::string::npos) {
            const ssize_t got = ::recv(connection, part, sizeof(part), 0);
            if (got <= 0)
                break;
            text.append(part, static_cast<size_t>(got));
            continue;
        }
        const std::string head = text.substr(0, end + 2);
        text.erase(0, end + 4);
        const size_t space = head.find(' ');
        const Request request{head.substr(space + 1, head.find(' ', space + 1) - space - 1), header(head, "Range"), header(head, "Authorization")};
        if (!answer(connection, request))
            break;
    }
    ::shutdown(connection, SHUT_RDWR);
}

bool HttpServer::answer(int connection, const Request& request)
{
    Resource resource;
    {
        const std::scoped_lock lock(m_mutex);
        m_requests.push_back(request);
        const auto found = m_resources.find(request.path);
        if (found == m_resources.end())
            resource.status = 404;
        else
            resource = found->second;
        if (++m_counts[request.path] > 1 && !resource.etagLater.empty())
            resource.etag = resource.etagLater;
    }
    const int atOnce = ++m_atOnce;
    m_mostAtOnce = std::max(m_mostAtOnce.load(), atOnce); // two at the same time may miss one: it is a lower bound
    std::this_thread::sleep_for(m_latency.load());
    --m_atOnce;
    while (resource.isSilent && !m_isClosing)
        std::this_thread::sleep_for(20ms);
    if (!resource.redirect.empty())
        return send(connection, "HTTP/1.1 302 Found\r\nLocation: " + resource.redirect + "\r\nContent-Length: 0\r\n\r\n");
    if (resource.status != 0)
        return send(connection, "HTTP/1.1 " + std::to_string(resource.status) + " No\r\nContent-Length: 5\r\n\r\nsorry");
    const uint64_t nbytes = sizeOf(resource);
    const auto range = resource.hasRanges ? rangeOf(request.range, nbytes) : std::nullopt;
    const std::string tag = resource.etag.empty() ? "" : "ETag: " + resource.etag + "\r\n";
    if (range && range->first >= nbytes)
        return send(connection, "HTTP/1.1 416 No\r\nContent-Length: 0\r\nContent-Range: bytes */" + std::to_string(nbytes) + "\r\n\r\n");
    const uint64_t start = range ? range->first : 0;
    const uint64_t end = range ? range->second : nbytes;
    std::string head = std::string("HTTP/1.1 ") + (range ? "206 Partial Content" : "200 OK") + "\r\n" + tag;
    if (range)
        head += "Content-Range: bytes " + std::to_string(static_cast<int64_t>(start) + resource.shift) + "-" + std::to_string(static_cast<int64_t>(end) - 1 + resource.shift) + "/"
            + std::to_string(nbytes) + "\r\n";
    head += resource.hasLength ? "Content-Length: " + std::to_string(end - start) + "\r\n" : std::string("Connection: close\r\n");
    return send(connection, head + "\r\n") && sendBody(connection, resource, start, end) && resource.hasLength;
}

bool HttpServer::sendBody(int connection, const Resource& resource, uint64_t start, uint64_t end)
{
    const uint64_t step = resource.bytesPerSecond > 0 ? std::max<uint64_t>(1, resource.bytesPerSecond / 20) : 65536;
    const uint64_t stop = std::min(end, start + std::min(resource.sentNbytes, end - start));
    for (uint64_t at = start; at < stop && !m_isClosing; at += step) {
        std::string part(static_cast<size_t>(std::min(step, stop - at)), '\0');
        for (size_t i = 0; i < part.size() && at + i < resource.head.size(); ++i)
            part[i] = resource.head[at + i];
        if (!send(connection, part))
            return false;
        if (resource.bytesPerSecond > 0)
            std::this_thread::sleep_for(50ms);
    }
    return stop == end;
}

bool HttpServer::send(int connection, const std::string& text)
{
    for (size_t done = 0; done < text.size();) {
        const ssize_t sent = ::send(connection, text.data() + done, text.size() - done, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        done += static_cast<size_t>(sent);
        m_sentNbytes += static_cast<uint64_t>(sent);
    }
    return true;
}

} // namespace weighbridge::test
