// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/base/value.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// The language of the worker programs (weighbridge-hdf5, weighbridge-inference) on their standard streams.
///
/// A frame is: 4 bytes little-endian, the length of the payload; 1 byte, its kind; the payload.
///   'J'  one JSON document, UTF-8
///   'B'  raw bytes: values of tensors
///   'P'  UTF-8 text, worker to client only: where the worker is at ("group a/b"). Not an answer: the client keeps the
///        last one, so that it can say where a worker died, and takes it as a sign of life.
/// The client sends requests as 'J' (and 'B', where a command says so). The worker answers a request with any number of
/// 'J', 'B' and 'P', then with a last 'J' that holds "done" or "error" ({"rule", "message", ...} as in the command line's answers).
/// A worker that reads the end of its input ends.
namespace weighbridge {

enum class FrameKind : char { Json = 'J', Bytes = 'B', Place = 'P' };

struct Frame {
    FrameKind kind = FrameKind::Json;
    std::vector<std::byte> payload;

    [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(payload.data()), payload.size()}; }
};

struct FrameHeader {
    uint32_t nbytes = 0;
    FrameKind kind = FrameKind::Json;
};

inline constexpr size_t frameHeaderNbytes = 5;
[[nodiscard]] std::array<std::byte, frameHeaderNbytes> encodeFrameHeader(FrameHeader header);
/// Nothing if the kind is none of FrameKind.
[[nodiscard]] std::optional<FrameHeader> decodeFrameHeader(std::span<const std::byte, frameHeaderNbytes> bytes);

/// An Error as the payload of a last frame, and back. What comes from a worker is cut and made valid before it is believed.
[[nodiscard]] Value errorToValue(const Error& error);
[[nodiscard]] Error errorFromValue(const Value& value);

/// The worker's end of the channel: blocking, on two open descriptors. One thread, one object per process.
class WorkerChannel {
public:
    WorkerChannel(int input, int output);
    ~WorkerChannel();
    WorkerChannel(const WorkerChannel&) = delete;
    WorkerChannel& operator=(const WorkerChannel&) = delete;

    /// The next request; nothing at the end of the input. Error `worker` for anything that is no JSON frame of at most `maximum` bytes.
    Result<std::optional<Value>> receive(uint64_t maximum);
    /// Raw bytes that the client was asked for, exactly as many. False for anything else, and when the client has gone.
    [[nodiscard]] bool receiveBytes(std::span<std::byte> out);
    // These return false when the client has gone: the worker has nothing more to do then.
    [[nodiscard]] bool sendJson(const Value& value);
    [[nodiscard]] bool sendBytes(std::span<const std::byte> bytes);
    /// Like sendJson(), but may wait for more: for many small answers. What waits is sent even when a signal ends the worker.
    [[nodiscard]] bool queueJson(const Value& value);
    [[nodiscard]] bool queuePlace(std::string_view place);
    /// Sends what waits. The client cannot see a place before.
    [[nodiscard]] bool flush();

private:
    [[nodiscard]] bool send(FrameKind kind, std::span<const std::byte> payload);
    [[nodiscard]] bool queue(FrameKind kind, std::span<const std::byte> payload);
    static void flushAndDie(int signal);

    int m_input;
    int m_output;
    // a signal handler reads these: whole frames only, the size is set last
    std::array<std::byte, 65536> m_waiting{};
    volatile size_t m_waitingNbytes = 0;
};

} // namespace weighbridge
