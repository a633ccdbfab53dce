// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/remote_source.h"

#include "core/base/checked.h"
#include "core/base/interruptible_reads.h"
#include "core/base/limits.h"
#include "core/remote/block_cache.h"
#include "core/remote/disk_blocks.h"
#include "core/remote/fetch_client.h"
#include "core/remote/host_files.h"
#include "core/remote/ssh_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>

namespace weighbridge {
namespace {

constexpr uint64_t blockNbytes = BlockCache::blockNbytes;
constexpr uint64_t requestNbytes = 16 * limits::MiB; ///< of one request at most
constexpr uint64_t keptNbytes = limits::MiB;         ///< larger requests are for values that are read once
constexpr uint64_t aheadNbytes = limits::MiB;        ///< reading on in order fetches up to this much at once

/// Shared, so that it outlives the last source.
std::shared_ptr<BlockCache> blockCache()
{
    static const auto cache = std::make_shared<BlockCache>();
    return cache;
}

uint64_t nextSource()
{
    static std::atomic<uint64_t> next{1};
    return next++;
}

/// Nothing to tell one state from the next: what is kept could be of another.
std::string cacheFolderFor(const std::string& address, const RemoteState& state)
{
    const bool isAlike = state.etag.empty() && state.modified.empty();
    return isAlike || isSshAddress(address) ? std::string() : addressCacheFolder();
}

Result<FetchedRange> rangeOf(const std::string& address, uint64_t offset, uint64_t count)
{
    if (!isSshAddress(address))
        return fetchRange(address, offset, count, currentJob());
    return parseSshAddress(address).and_then([&](const SshAddress& parts) { return hostRange(parts, offset, count, currentJob()); });
}

class RemoteSource final : public ByteSource {
public:
    RemoteSource(std::string address, RemoteState state)
        : m_address(std::move(address)), m_state(std::move(state)), m_id(nextSource()),
          m_disk(cacheFolderFor(m_address, m_state), fmt::format("{}\n{}\n{}\n{}", m_address, m_state.nbytes, m_state.etag, m_state.modified))
    {
    }
    ~RemoteSource() override { m_cache->forget(m_id); }
    RemoteSource(const RemoteSource&) = delete;
    RemoteSource& operator=(const RemoteSource&) = delete;

    uint64_t nbytes() const override { return m_state.nbytes; }
    const std::string& path() const override { return m_address; }
    FileIdentity identity() const override
    {
        const std::hash<std::string> hash;
        return {0, hash(m_address), m_state.nbytes, static_cast<int64_t>(hash(m_state.etag + '\n' + m_state.modified))};
    }

    Result<void> readAt(uint64_t offset, std::span<std::byte> out) const override
    {
        if (!fits(offset, out.size(), m_state.nbytes))
            return failure(Error("truncated", fmt::format("The file stops at byte {} of {} that are needed.", m_state.nbytes, offset + out.size())).at(m_address).atByte(m_state.nbytes));
        while (!out.empty()) {
            const uint64_t block = offset / blockNbytes;
            const auto known = findBlock(block);
            if (known.empty()) {
                const auto got = readMissing(offset, out);
                if (!got)
                    return tl::unexpected(got.error());
                offset += *got;
                out = out.subspan(*got);
                continue;
            }
            const size_t start = offset - block * blockNbytes;
            if (start >= known.size())
                return failure("corrupt", "A block of the cache is too short.");
            const size_t count = std::min(known.size() - start, out.size());
            std::copy_n(known.begin() + static_cast<ptrdiff_t>(start), count, out.begin());
            offset += count;
            out = out.subspan(count);
        }
        return {};
    }

    /// Whether these are all bytes of some blocks.
    [[nodiscard]] bool areBlocks(uint64_t offset, uint64_t count) const
    {
        return offset % blockNbytes == 0 && fits(offset, count, m_state.nbytes) && (count % blockNbytes == 0 || offset + count == m_state.nbytes);
    }

    /// Takes what a request brought for whole blocks from `first` on.
    void keep(uint64_t first, std::span<const std::byte> bytes) const
    {
        const std::scoped_lock lock(m_mutex);
        for (uint64_t block = first; !bytes.empty(); ++block) {
            const auto part = bytes.first(std::min<size_t>(bytes.size(), blockNbytes));
            m_cache->add(m_id, block, {part.begin(), part.end()});
            m_disk.add(block, part);
            bytes = bytes.subspan(part.size());
        }
    }

private:
    [[nodiscard]] uint64_t sizeOf(uint64_t block) const { return std::min(blockNbytes, m_state.nbytes - block * blockNbytes); }

    /// From memory or the disk; empty if it must be fetched.
    [[nodiscard]] std::vector<std::byte> findBlock(uint64_t block) const
    {
        auto known = m_cache->find(m_id, block);
        if (!known.empty())
            return known;
        const std::scoped_lock lock(m_mutex);
        known = m_disk.find(block);
        if (known.size() != sizeOf(block))
            return {};
        m_cache->add(m_id, block, known);
        return known;
    }

    /// Fetches from the block of `offset` on what is not known of `out`; how many bytes of `out` were filled.
    Result<size_t> readMissing(uint64_t offset, std::span<std::byte> out) const
    {
        const uint64_t first = offset / blockNbytes;
        const uint64_t start = first * blockNbytes;
        uint64_t end = start + blockNbytes;
        while (end < offset + out.size() && end - start < requestNbytes && findBlock(end / blockNbytes).empty())
            end += blockNbytes;
        end = std::min(std::max(end, start + readAhead(start)), m_state.nbytes);
        const auto bytes = fetch(start, end - start);
        if (!bytes)
            return tl::unexpected(bytes.error());
        if (bytes->size() <= keptNbytes)
            keep(first, *bytes);
        const size_t skipped = offset - start;
        const size_t count = std::min<size_t>(bytes->size() - skipped, out.size());
        std::copy_n(bytes->begin() + static_cast<ptrdiff_t>(skipped), count, out.begin());
        const std::scoped_lock lock(m_mutex);
        m_lastStart = start;
        m_lastEnd = end;
        return count;
    }

    /// Twice as much as before where reading goes on in order: a long header in few requests.
    [[nodiscard]] uint64_t readAhead(uint64_t start) const
    {
        const std::scoped_lock lock(m_mutex);
        return start == m_lastEnd ? std::min(2 * (m_lastEnd - m_lastStart), aheadNbytes) : 0;
    }

    Result<std::vector<std::byte>> fetch(uint64_t start, uint64_t count) const
    {
        if (m_hasChanged)
            return failure(changed({}));
        auto fetched = rangeOf(m_address, start, count);
        if (!fetched)
            return tl::unexpected(fetched.error());
        if (!fetched->state.hasRanges || !m_state.agreesWith(fetched->state)) {
            m_hasChanged = true;
            return failure(changed(fetched->state));
        }
        return std::move(fetched->bytes);
    }

    [[nodiscard]] Error changed(const RemoteState& now) const
    {
        return Error("changed", "The file at this address is another than when it was opened: what was read of it does not belong together.")
            .at(m_address)
            .expecting(fmt::format("{} bytes, {}", m_state.nbytes, m_state.etag.empty() ? m_state.modified : m_state.etag))
            .finding(now.nbytes == 0 ? "" : fmt::format("{} bytes, {}", now.nbytes, now.etag.empty() ? now.modified : now.etag))
            .fixedBy("Open it again.");
    }

    std::string m_address;
    RemoteState m_state;
    uint64_t m_id;
    std::shared_ptr<BlockCache> m_cache = blockCache();
    mutable std::atomic<bool> m_hasChanged{false};
    mutable std::mutex m_mutex; ///< guards what follows
    mutable DiskBlocks m_disk;
    mutable uint64_t m_lastStart = 0; ///< of the last request
    mutable uint64_t m_lastEnd = blockNbytes;
};

} // namespace

Result<SourcePtr> openRemote(const std::string& address)
{
    auto head = fetchRange(address, 0, blockNbytes, currentJob());
    if (!head)
        return tl::unexpected(head.error());
    if (!head->state.hasRanges)
        return memorySource(std::move(head->bytes), address);
    auto source = std::make_shared<RemoteSource>(address, head->state);
    source->keep(0, head->bytes);
    return source;
}

SourcePtr remoteSource(const std::string& address, const RemoteState& state)
{
    return std::make_shared<RemoteSource>(address, state);
}

bool keepSentAhead(const ByteSource& file, uint64_t offset, std::span<const std::byte> bytes)
{
    const auto* const source = dynamic_cast<const RemoteSource*>(&file);
    if (!source || !source->areBlocks(offset, bytes.size()))
        return false;
    source->keep(offset / blockNbytes, bytes);
    return true;
}

} // namespace weighbridge
