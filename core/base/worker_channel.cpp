// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/worker_channel.h"

#include "core/base/byte_reader.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <unistd.h>

namespace weighbridge {
namespace {

constexpr size_t errorTextNbytes = 2000;
constexpr std::array endingSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU, SIGTERM};

WorkerChannel* volatile dying = nullptr; ///< the channel that a signal handler flushes

/// Fills `out` from a descriptor; false at its end or on failure.
bool readFully(int descriptor, std::span<std::byte> out)
{
    while (!out.empty()) {
        const ssize_t got = ::read(descriptor, out.data(), out.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        out = out.subspan(static_cast<size_t>(got));
    }
    return true;
}

bool writeFully(int descriptor, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t sent = ::write(descriptor, bytes.data(), bytes.size());
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes = bytes.subspan(static_cast<size_t>(sent));
    }
    return true;
}

} // namespace

std::array<std::byte, frameHeaderNbytes> encodeFrameHeader(FrameHeader header)
{
    std::array<std::byte, frameHeaderNbytes> out{};
    for (size_t i = 0; i < 4; ++i)
        out[i] = static_cast<std::byte>(header.nbytes >> (8 * i));
    out[4] = static_cast<std::byte>(header.kind);
    return out;
}

std::optional<FrameHeader> decodeFrameHeader(std::span<const std::byte, frameHeaderNbytes> bytes)
{
    const auto kind = static_cast<FrameKind>(bytes[4]);
    if (kind != FrameKind::Json && kind != FrameKind::Bytes && kind != FrameKind::Place)
        return std::nullopt;
    return FrameHeader{*ByteReader(bytes).little<uint32_t>(), kind};
}

Value errorToValue(const Error& error)
{
    Value::Map map{{"rule", error.rule}, {"message", error.message}, {"expected", error.expected}, {"found", error.found}, {"fix", error.fix}};
    if (error.offset)
        map.emplace_back("offset", *error.offset);
    return map;
}

Error errorFromValue(const Value& value)
{
    const auto field = [&value](std::string_view key) {
        const Value* found = value.find(key);
        return found ? shown(found->stringOr(""), errorTextNbytes) : std::string();
    };
    Error error(field("rule"), field("message"));
    error.expected = field("expected");
    error.found = field("found");
    error.fix = field("fix");
    if (const Value* offset = value.find("offset"); offset && offset->integer() && *offset->integer() >= 0)
        error.offset = static_cast<uint64_t>(*offset->integer());
    if (error.rule.empty())
        error.rule = "worker";
    return error;
}

Result<std::optional<Value>> WorkerChannel::receive(uint64_t maximum)
{
    std::array<std::byte, frameHeaderNbytes> raw{};
    if (!readFully(m_input, raw))
        return std::nullopt;
    const auto header = decodeFrameHeader(raw);
    if (!header || header->kind != FrameKind::Json || header->nbytes > maximum)
        return failure("worker", "The request is no JSON frame, or too long.");
    Frame frame{header->kind, std::vector<std::byte>(header->nbytes)};
    if (!readFully(m_input, frame.payload))
        return std::nullopt;
    return parseJson(frame.text()).map([](JsonDocument&& document) { return std::optional(std::move(document.value)); });
}

bool WorkerChannel::receiveBytes(std::span<std::byte> out)
{
    std::array<std::byte, frameHeaderNbytes> raw{};
    const auto header = readFully(m_input, raw) ? decodeFrameHeader(raw) : std::nullopt;
    return header && header->kind == FrameKind::Bytes && header->nbytes == out.size() && readFully(m_input, out);
}

bool WorkerChannel::sendJson(const Value& value)
{
    const std::string text = toJson(value);
    return send(FrameKind::Json, std::as_bytes(std::span(text)));
}

bool WorkerChannel::sendBytes(std::span<const std::byte> bytes)
{
    return send(FrameKind::Bytes, bytes);
}

bool WorkerChannel::queueJson(const Value& value)
{
    const std::string text = toJson(value);
    return queue(FrameKind::Json, std::as_bytes(std::span(text)));
}

bool WorkerChannel::queuePlace(std::string_view place)
{
    return queue(FrameKind::Place, std::as_bytes(std::span(place)));
}

bool WorkerChannel::flush()
{
    const bool sent = writeFully(m_output, std::span(m_waiting).first(m_waitingNbytes));
    m_waitingNbytes = 0;
    return sent;
}

bool WorkerChannel::queue(FrameKind kind, std::span<const std::byte> payload)
{
    if (frameHeaderNbytes + payload.size() > m_waiting.size())
        return send(kind, payload);
    if (frameHeaderNbytes + payload.size() > m_waiting.size() - m_waitingNbytes && !flush())
        return false;
    const auto header = encodeFrameHeader({static_cast<uint32_t>(payload.size()), kind});
    const auto end = std::copy(header.begin(), header.end(), m_waiting.begin() + static_cast<ptrdiff_t>(m_waitingNbytes));
    std::copy(payload.begin(), payload.end(), end);
    m_waitingNbytes = m_waitingNbytes + header.size() + payload.size();
    return true;
}

bool WorkerChannel::send(FrameKind kind, std::span<const std::byte> payload)
{
    if (payload.size() > std::numeric_limits<uint32_t>::max())
        return false;
    const auto header = encodeFrameHeader({static_cast<uint32_t>(payload.size()), kind});
    return flush() && writeFully(m_output, header) && writeFully(m_output, payload);
}

WorkerChannel::WorkerChannel(int input, int output) : m_input(input), m_output(output)
{
    // a stack of its own, so that an overflow of the stack is survived long enough
    static std::array<std::byte, 65536> signalStack;
    stack_t stack{};
    stack.ss_sp = signalStack.data();
    stack.ss_size = signalStack.size();
    ::sigaltstack(&stack, nullptr);
    dying = this;
    struct sigaction action {};
    action.sa_handler = flushAndDie;
    action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND);
    for (const int signal : endingSignals)
        ::sigaction(signal, &action, nullptr);
}

WorkerChannel::~WorkerChannel()
{
    dying = nullptr;
}

/// Only what is safe in a signal handler.
void WorkerChannel::flushAndDie(int signal)
{
    if (WorkerChannel* const channel = dying) {
        [[maybe_unused]] const bool sent = writeFully(channel->m_output, std::span(channel->m_waiting).first(channel->m_waitingNbytes));
    }
    ::raise(signal); // the default action is in place again
}

} // namespace weighbridge
