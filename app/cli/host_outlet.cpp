// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/host_outlet.h"

namespace weighbridge::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto beatEvery = 3s;
constexpr auto progressEvery = 200ms;

} // namespace

HostOutlet::HostOutlet(WorkerChannel& channel) : m_channel(channel), m_beat([this](const std::stop_token& stop) { beat(stop); }) {}

HostOutlet::~HostOutlet()
{
    m_beat.request_stop();
    m_beat.join();
}

void HostOutlet::beat(const std::stop_token& stop)
{
    std::unique_lock lock(m_mutex);
    while (!m_ends.wait_for(lock, stop, beatEvery, [&stop] { return stop.stop_requested(); }))
        (void)(m_channel.queuePlace("at work") && m_channel.flush());
}

void HostOutlet::send(const Value& document)
{
    const std::scoped_lock lock(m_mutex);
    (void)m_channel.sendJson(document);
}

void HostOutlet::send(const Value& document, std::span<const std::byte> bytes)
{
    const std::scoped_lock lock(m_mutex);
    (void)(m_channel.sendJson(document) && m_channel.sendBytes(bytes));
}

void HostOutlet::send(std::span<const std::byte> bytes)
{
    const std::scoped_lock lock(m_mutex);
    (void)m_channel.sendBytes(bytes);
}

std::function<void(const Progress&)> HostOutlet::progress()
{
    return [this](const Progress& progress) {
        const std::scoped_lock lock(m_mutex);
        if (const auto now = std::chrono::steady_clock::now(); now - m_lastProgress >= progressEvery) {
            m_lastProgress = now;
            (void)m_channel.sendJson(Value::Map{{"progress", Value::Map{{"done", progress.done}, {"total", progress.total}}}, {"what", progress.what}});
        }
    };
}

} // namespace weighbridge::cli
