// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/worker_channel.h"

#include "core/base/byte_reader.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <limits>
#include <sys/uio.h>
#include <unistd.h>

namespace weighbridge {
namespace {

constexpr size_t errorTextNbytes = 2000;

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

bool WorkerChannel::sendJson(const Value& value) const
{
    const std::string text = toJson(value);
    return send(FrameKind::Json, std::as_bytes(std::span(text)));
}

bool WorkerChannel::sendBytes(std::span<const std::byte> bytes) const
{
    return send(FrameKind::Bytes, bytes);
}

bool WorkerChannel::sendPlace(std::string_view place) const
{
    return send(FrameKind::Place, std::as_bytes(std::span(place)));
}

bool WorkerChannel::send(FrameKind kind, std::span<const std::byte> payload) const
{
    if (payload.size() > std::numeric_limits<uint32_t>::max())
        return false;
    auto header = encodeFrameHeader({static_cast<uint32_t>(payload.size()), kind});
    // one system call for the whole frame, in the usual case
    iovec parts[2]{{header.data(), header.size()}, {const_cast<std::byte*>(payload.data()), payload.size()}};
    ssize_t sent = 0;
    do
        sent = ::writev(m_output, parts, 2);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return false;
    const auto done = static_cast<size_t>(sent);
    if (done < header.size())
        return writeFully(m_output, std::span(header).subspan(done)) && writeFully(m_output, payload);
    return writeFully(m_output, payload.subspan(done - header.size()));
}

} // namespace weighbridge
