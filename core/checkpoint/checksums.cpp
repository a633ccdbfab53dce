// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/checksums.h"

#include "core/base/byte_source.h"
#include "core/base/limits.h"
#include "core/base/run_on_threads.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/base/within_memory.h"
#include "core/checkpoint/host_digests.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/remote/ssh_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <mutex>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t smallNbytes = 1 * limits::MiB; ///< of a pointer, a record or a list of sums

/// Hashes the tensors that no other thread has taken yet.
class TensorHasher {
public:
    TensorHasher(const Checkpoint& checkpoint, JobContext& job) : m_checkpoint(checkpoint), m_job(job), m_total(checkpoint.nbytes()), m_hashes(checkpoint.tensors.size()) {}

    void work()
    {
        for (size_t i = m_next++; i < m_hashes.size() && !m_job.cancelled(); i = m_next++) {
            JobContext quiet{m_job.stop, {}};
            auto hash = withinMemory([&] { return sha256OfTensor(m_checkpoint, m_checkpoint.tensors[i], quiet); });
            const std::scoped_lock lock(m_mutex);
            if (hash)
                m_hashes[i] = std::move(*hash);
            else if (hash.error().rule != "bad-dtype" && hash.error().rule != "unreadable" && i < m_failedAt) {
                m_failedAt = i;
                m_error = hash.error();
            }
            m_done += m_checkpoint.tensors[i].nbytes();
            m_job.report({"sha256", m_done, m_total});
        }
    }

    Result<std::vector<std::string>> result()
    {
        if (m_job.cancelled())
            return failure(cancelledError());
        if (m_failedAt != SIZE_MAX)
            return failure(std::move(m_error));
        return std::move(m_hashes);
    }

private:
    const Checkpoint& m_checkpoint;
    JobContext& m_job;
    const uint64_t m_total;
    std::atomic<size_t> m_next = 0;
    std::mutex m_mutex; ///< guards all below, and the progress
    std::vector<std::string> m_hashes;
    uint64_t m_done = 0;
    size_t m_failedAt = SIZE_MAX;
    Error m_error;
};

bool isSha256(std::string_view text)
{
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// The text of a small file; empty if it is large, absent or no file.
std::string smallText(const fs::path& path)
{
    const auto source = openFile(path.string());
    const auto bytes = source && (*source)->nbytes() <= smallNbytes ? (*source)->read(0, (*source)->nbytes()) : failure("not-found", "");
    return bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : std::string();
}

/// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
std::optional<KnownSha256> fromPointer(std::string_view text)
{
    constexpr std::string_view oid = "oid sha256:";
    if (!text.starts_with("version https://git-lfs"))
        return std::nullopt;
    KnownSha256 out{{}, std::nullopt, "git-lfs pointer"};
    for (const std::string_view line : split(text, '\n')) {
        uint64_t nbytes = 0;
        if (line.starts_with(oid))
            out.sha256 = lowered(line.substr(oid.size(), 64));
        else if (line.starts_with("size ") && std::from_chars(line.data() + 5, line.data() + line.size(), nbytes).ec == std::errc())
            out.nbytes = nbytes;
    }
    return isSha256(out.sha256) ? std::optional(out) : std::nullopt;
}

/// Lines of sha256sum: digits, a blank, a blank or star, a name. A line of digits alone is about any file.
std::optional<KnownSha256> fromList(std::string_view text, const std::string& name, std::string source)
{
    for (const std::string_view line : split(text, '\n')) {
        const std::string digits = lowered(line.substr(0, 64));
        std::string_view rest = line.substr(std::min<size_t>(line.size(), 64));
        rest.remove_prefix(std::min(rest.find_first_not_of(" *\t\r"), rest.size()));
        if (rest.ends_with('\r'))
            rest.remove_suffix(1);
        if (isSha256(digits) && (rest.empty() || fs::path(rest).filename() == name))
            return KnownSha256{digits, std::nullopt, std::move(source)};
    }
    return std::nullopt;
}

/// huggingface_hub names a large file of its cache by its sha256, and writes it into the second line of a record of each download.
std::optional<KnownSha256> fromHuggingFace(const fs::path& path)
{
    std::error_code failed;
    const fs::path real = fs::canonical(path, failed);
    if (!failed && real.parent_path().filename() == "blobs" && isSha256(real.filename().string()))
        return KnownSha256{real.filename().string(), std::nullopt, "Hugging Face cache"};
    const fs::path record = path.parent_path() / ".cache/huggingface/download" / (path.filename().string() + ".metadata");
    const std::string text = smallText(record);
    const auto lines = split(text, '\n');
    if (lines.size() >= 2 && isSha256(lines[1]))
        return KnownSha256{std::string(lines[1]), std::nullopt, "record of the download"};
    return std::nullopt;
}

} // namespace

Result<std::vector<std::string>> sha256OfTensors(const Checkpoint& checkpoint, JobContext& job)
{
    if (isSshAddress(checkpoint.path))
        if (auto there = sha256OfTensorsThere(checkpoint, job))
            return *there;
    TensorHasher hasher(checkpoint, job);
    runOnThreads(0, checkpoint.tensors.size(), [&hasher] { hasher.work(); });
    return hasher.result();
}

Result<KnownSha256> knownSha256From(const std::string& given, const std::string& path)
{
    if (const std::string digits = lowered(given); isSha256(digits))
        return KnownSha256{digits, std::nullopt, "given"};
    const std::string text = smallText(given);
    auto known = fromPointer(text);
    if (!known)
        known = fromList(text, fs::path(path).filename().string(), "given list");
    if (!known)
        return failure(Error("usage", fmt::format("{} is neither a sha256 of 64 hexadecimal digits nor a git-lfs pointer or list of sums that names {}.", shown(given, 120), shown(fs::path(path).filename().string(), 120))));
    return *known;
}

std::optional<KnownSha256> knownSha256Of(const std::string& path)
{
    if (auto known = fromHuggingFace(path))
        return known;
    return fromList(smallText(path + ".sha256"), fs::path(path).filename().string(), fs::path(path).filename().string() + ".sha256");
}

Result<ComparedFile> compareFile(const std::string& path, KnownSha256 known, JobContext& job)
{
    const auto source = openFile(path);
    if (!source)
        return tl::unexpected(source.error());
    ComparedFile out{path, {}, std::move(known)};
    const uint64_t nbytes = (*source)->nbytes();
    if (out.known.nbytes && *out.known.nbytes != nbytes)
        return out;
    if (const auto there = isSshAddress(path) ? sha256OfFileThere(path, job) : std::nullopt)
        return there->map([&out](const std::string& sha256) { return ComparedFile{out.path, sha256, out.known}; });
    Sha256 hash;
    for (uint64_t done = 0; done < nbytes;) {
        if (job.cancelled())
            return failure(cancelledError());
        job.report({"sha256", done, nbytes});
        const auto block = (*source)->readUpTo(done, limits::blockNbytes);
        if (!block)
            return tl::unexpected(block.error());
        hash.update(*block);
        done += block->size();
    }
    out.sha256 = hash.finish();
    return out;
}

} // namespace weighbridge
