// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/inflate.h"

#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

namespace weighbridge {
namespace {

class Inflater {
public:
    Inflater(const ByteSource& source, const DeflatedRange& range) : m_source(source), m_range(range), m_packed(256 * 1024) {}
    ~Inflater()
    {
        if (m_started)
            inflateEnd(&m_stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    Result<void> start()
    {
        m_started = inflateInit2(&m_stream, -MAX_WBITS) == Z_OK;
        if (!m_started)
            return failure("unreadable", "The decompressor could not be started.");
        return {};
    }

    /// Fills `out` completely, or fails.
    Result<void> fill(std::span<std::byte> out)
    {
        return inflateInto(out).and_then([&](size_t got) -> Result<void> {
            if (got < out.size())
                return failure(corrupt("ends"));
            m_produced += got;
            return {};
        });
    }

    /// Nothing may follow what was declared.
    Result<void> expectEnd()
    {
        std::byte more{};
        return inflateInto({&more, 1}).and_then([this](size_t got) -> Result<void> {
            if (got > 0)
                return failure(corrupt("goes on"));
            return {};
        });
    }

private:
    Result<size_t> inflateInto(std::span<std::byte> out)
    {
        m_stream.next_out = reinterpret_cast<Bytef*>(out.data());
        m_stream.avail_out = static_cast<uInt>(out.size());
        while (m_stream.avail_out > 0 && m_status != Z_STREAM_END) {
            if (m_stream.avail_in == 0) {
                const auto refilled = refill();
                if (!refilled)
                    return tl::unexpected(refilled.error());
                if (!*refilled)
                    break;
            }
            m_status = inflate(&m_stream, Z_NO_FLUSH);
            if (m_status != Z_OK && m_status != Z_STREAM_END && m_status != Z_BUF_ERROR)
                return failure(corrupt("is damaged"));
        }
        return out.size() - m_stream.avail_out;
    }

    Result<bool> refill()
    {
        const uint64_t count = std::min<uint64_t>(m_packed.size(), m_range.packedNbytes - m_consumed);
        if (count == 0)
            return false;
        if (auto read = m_source.readAt(m_range.offset + m_consumed, std::span(m_packed.data(), static_cast<size_t>(count))); !read)
            return tl::unexpected(read.error());
        m_stream.next_in = reinterpret_cast<Bytef*>(m_packed.data());
        m_stream.avail_in = static_cast<uInt>(count);
        m_consumed += count;
        return true;
    }

    [[nodiscard]] Error corrupt(const char* what) const
    {
        return Error("corrupt", fmt::format("The compressed data of {} {} after {} of {} bytes.", shown(m_range.name), what, m_produced, m_range.nbytes))
            .at(m_source.path())
            .atByte(m_range.offset + m_consumed - m_stream.avail_in)
            .fixedBy("Download or copy the file again.");
    }

    const ByteSource& m_source;
    const DeflatedRange& m_range;
    std::vector<std::byte> m_packed;
    z_stream m_stream{};
    bool m_started = false;
    int m_status = Z_OK;
    uint64_t m_consumed = 0;
    uint64_t m_produced = 0;
};

} // namespace

Result<void> inflateRange(const ByteSource& source, const DeflatedRange& range, uint64_t unit, JobContext& job,
                          const std::function<bool(std::span<std::byte>)>& take)
{
    Inflater inflater(source, range);
    if (auto started = inflater.start(); !started)
        return started;
    const uint64_t step = std::max(unit, limits::blockNbytes / unit * unit);
    std::vector<std::byte> buffer(static_cast<size_t>(std::min(step, range.nbytes)));
    for (uint64_t done = 0; done < range.nbytes; done += step) {
        if (job.cancelled())
            return failure(cancelledError());
        const std::span<std::byte> block(buffer.data(), static_cast<size_t>(std::min(step, range.nbytes - done)));
        if (auto filled = inflater.fill(block); !filled)
            return filled;
        if (!take(block))
            return {};
    }
    return inflater.expectEnd();
}

Result<std::vector<std::byte>> unpackDeflated(std::span<const std::byte> packed, uint64_t maximum)
{
    constexpr int eitherHeader = 32; // of zlib or gzip: inflateInit2() looks which one it is
    z_stream stream{};
    if (packed.size() > UINT32_MAX || inflateInit2(&stream, eitherHeader + MAX_WBITS) != Z_OK)
        return failure("unreadable", "The decompressor could not be started.");
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::vector<std::byte> out;
    int status = Z_OK;
    while (status == Z_OK && out.size() <= maximum) {
        const size_t done = out.size();
        out.resize(done + static_cast<size_t>(std::min(limits::blockNbytes, maximum + 1 - done)));
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
        stream.avail_out = static_cast<uInt>(out.size() - done);
        status = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (out.size() > maximum)
        return failure("resource-bomb", fmt::format("The compressed data unpack to more than {}, the limit here.", formatNbytes(maximum)));
    if (status == Z_BUF_ERROR)
        return failure("truncated", fmt::format("The compressed data end after {} unpacked bytes.", out.size()));
    if (status != Z_STREAM_END)
        return failure("corrupt", fmt::format("The compressed data are damaged after {} unpacked bytes.", out.size()));
    return out;
}

} // namespace weighbridge
