// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/pickle_input.h"

#include "core/base/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace weighbridge {
namespace {

constexpr size_t bufferNbytes = 256 * 1024;

} // namespace

void PickleInput::fail(Error error)
{
    if (m_error)
        return; // the first is the cause
    if (error.path.empty())
        error.path = m_source.path();
    m_error = std::move(error);
}

bool PickleInput::refill(size_t wanted)
{
    if (m_error || !has(wanted, "the next value"))
        return false;
    const uint64_t from = offset();
    auto bytes = m_source.readUpTo(from, std::max(wanted, bufferNbytes));
    if (!bytes) {
        fail(bytes.error());
        return false;
    }
    m_buffer = std::move(*bytes);
    m_bufferStart = from;
    m_position = 0;
    return true;
}

bool PickleInput::has(uint64_t count, std::string_view what)
{
    if (count <= remaining())
        return true;
    fail(Error("truncated", fmt::format("The pickle is cut at byte {}, inside {}: {} more bytes are needed, {} are there.", m_source.nbytes(), what, count, remaining()))
             .atByte(offset())
             .expecting(fmt::format("{} bytes", count))
             .finding(fmt::format("{} bytes", remaining()))
             .fixedBy("Download or copy the file again."));
    return false;
}

std::string_view PickleInput::take(size_t count)
{
    if (m_buffer.size() - m_position < count && !refill(count))
        return {};
    const std::string_view out(reinterpret_cast<const char*>(m_buffer.data()) + m_position, count);
    m_position += count;
    return out;
}

uint64_t PickleInput::little(size_t count)
{
    const std::string_view bytes = take(count);
    uint64_t out = 0;
    for (size_t i = bytes.size(); i-- > 0;)
        out = out << 8 | static_cast<uint8_t>(bytes[i]);
    return out;
}

double PickleInput::bigDouble()
{
    uint64_t bits = 0;
    for (const char c : take(8))
        bits = bits << 8 | static_cast<uint8_t>(c);
    return std::bit_cast<double>(bits);
}

std::string PickleInput::line(size_t maximum)
{
    std::string out;
    while (!m_error) {
        const char c = static_cast<char>(byte());
        if (m_error || c == '\n')
            break;
        out += c;
        if (out.size() > maximum)
            fail(Error("corrupt", fmt::format("A line of the pickle is longer than the limit of {} bytes.", maximum)).atByte(offset()));
    }
    return out;
}

void PickleInput::skip(uint64_t count)
{
    if (!has(count, "a value"))
        return;
    const size_t buffered = m_buffer.size() - m_position;
    if (count <= buffered) {
        m_position += static_cast<size_t>(count);
        return;
    }
    m_bufferStart = offset() + count;
    m_buffer.clear();
    m_position = 0;
}

} // namespace weighbridge
