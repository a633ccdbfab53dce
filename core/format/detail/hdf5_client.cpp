// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/hdf5_client.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"
#include "core/format/detail/hdf5_superblock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace weighbridge {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t copiedNbytes = 2 * limits::GiB;   ///< of a source that is no file and must be copied for the worker
constexpr uint64_t listingNbytes = 512 * limits::MiB; ///< of all answers to one listing
constexpr uint64_t workerNbytes = 1 * limits::GiB;
constexpr auto listingCpu = 1500ms; ///< one object needs microseconds
constexpr auto readingCpu = 10s;    ///< one block may need a large chunk unpacked

/// A descriptor that is closed when it goes.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : m_number(number) {}
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return m_number; }

private:
    int m_number;
};

std::string workerPath()
{
    const char* given = std::getenv("WEIGHBRIDGE_HDF5_WORKER");
    return given && *given ? given : siblingProgram("weighbridge-hdf5");
}

Result<void> copyInto(int descriptor, const ByteSource& source, JobContext& job)
{
    for (uint64_t done = 0; done < source.nbytes();) {
        if (job.cancelled())
            return failure(cancelledError());
        const auto block = source.readUpTo(done, limits::blockNbytes);
        if (!block)
            return tl::unexpected(block.error());
        const ssize_t written = ::pwrite(descriptor, block->data(), block->size(), static_cast<off_t>(done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return failure("memory", "There is not enough memory for a copy of the file.");
        done += static_cast<uint64_t>(written);
    }
    return {};
}

/// A worker that has the source's bytes open.
class Hdf5Worker {
public:
    static Result<Hdf5Worker> start(const ByteSource& source, std::chrono::milliseconds silentCpu, JobContext& job)
    {
        const auto range = source.descriptorRange();
        const Descriptor copy(range ? -1 : ::memfd_create("hdf5", MFD_CLOEXEC));
        if (!range) {
            if (source.nbytes() > copiedNbytes)
                return failure(Error("resource-bomb", fmt::format("The HDF5 file inside has {}, more than the limit of {}.", formatNbytes(source.nbytes()), formatNbytes(copiedNbytes))));
            if (auto copied = copyInto(copy.number(), source, job); !copied)
                return tl::unexpected(copied.error());
        }
        WorkerOptions options;
        options.program = workerPath();
        options.arguments = {fmt::format("{}", range ? range->offset : 0), fmt::format("{}", source.nbytes())};
        options.descriptor = range ? range->descriptor : copy.number();
        options.silentCpu = silentCpu;
        options.residentNbytes = workerNbytes;
        return WorkerProcess::start(std::move(options)).map([](std::unique_ptr<WorkerProcess>&& process) { return Hdf5Worker(std::move(process)); });
    }

    Result<void> request(const Value& value, JobContext& job)
    {
        return m_process->sendJson(value, job).map_error([this](Error error) { return explain(std::move(error)); });
    }
    Result<Frame> receive(JobContext& job)
    {
        return m_process->receive(job).map_error([this](Error error) { return explain(std::move(error)); });
    }
    /// The document of a JSON frame; the Error that it brings, if it does.
    Result<Value> document(const Frame& frame)
    {
        auto parsed = frame.kind == FrameKind::Json ? parseJson(frame.text()) : failure("worker", "");
        if (!parsed)
            return failure("worker", "The HDF5 worker answered something that it should not.");
        if (const Value* error = parsed->value.find("error"))
            return failure(errorFromValue(*error));
        return std::move(parsed->value);
    }

private:
    explicit Hdf5Worker(std::unique_ptr<WorkerProcess> process) : m_process(std::move(process)) {}

    /// In the words of whoever opened the file: a crash of the library is damage of the file.
    [[nodiscard]] Error explain(Error error) const
    {
        const std::string where = m_process->place().empty() ? "its first structures" : m_process->place();
        if (error.rule == "worker-died")
            return Error("corrupt", fmt::format("The HDF5 library crashed on this file, at {}; it ran in a process of its own ({})", where, error.message))
                .finding(std::move(error.found)).fixedBy("Download or copy the file again.");
        if (error.rule == "worker-hung")
            return Error("corrupt", fmt::format("The HDF5 library did not come to an end at {} and was stopped.", where)).fixedBy("Download or copy the file again.");
        if (error.rule == "memory")
            return Error("resource-bomb", fmt::format("The HDF5 library needed more memory than the limit of {} at {} and was stopped.", formatNbytes(workerNbytes), where));
        return error;
    }

    std::unique_ptr<WorkerProcess> m_process;
};

std::string textOf(const Value& value, std::string_view key)
{
    const Value* found = value.find(key);
    return found ? found->stringOr("") : "";
}

bool flagOf(const Value& value, std::string_view key)
{
    const Value* found = value.find(key);
    return found && found->boolean() && *found->boolean();
}

std::optional<uint64_t> numberOf(const Value& value, std::string_view key)
{
    const Value* found = value.find(key);
    if (!found || !found->integer() || *found->integer() < 0)
        return std::nullopt;
    return static_cast<uint64_t>(*found->integer());
}

Hdf5Dataset datasetFrom(const Value& value)
{
    Hdf5Dataset out;
    out.path = textOf(value, "dataset");
    out.address = numberOf(value, "address").value_or(0);
    out.dtype = dtypeByName(textOf(value, "dtype")).value_or(DType::Unknown);
    out.writerDtype = textOf(value, "writer");
    out.selfContained = flagOf(value, "self_contained");
    out.empty = flagOf(value, "empty");
    out.bigEndian = flagOf(value, "big_endian");
    out.hasFilters = flagOf(value, "filters");
    out.layout = textOf(value, "layout");
    out.offset = numberOf(value, "offset");
    out.storedNbytes = numberOf(value, "stored").value_or(0);
    out.outside = textOf(value, "outside");
    out.missingFilter = textOf(value, "missing_filter");
    if (const Value* shape = value.find("shape"); shape && shape->list())
        for (const Value& size : *shape->list())
            out.shape.push_back(size.integer() ? *size.integer() : -1);
    return out;
}

/// Takes frames until the last one.
Result<void> receiveListing(Hdf5Worker& worker, Hdf5Listing& listing, JobContext& job)
{
    uint64_t received = 0;
    for (uint64_t count = 0;; ++count) {
        const auto frame = worker.receive(job);
        if (!frame)
            return tl::unexpected(frame.error());
        received += frame->payload.size();
        if (received > listingNbytes || count > 3 * limits::tensors)
            return failure(Error("resource-bomb", fmt::format("The file has more objects than the limits allow ({} were listed).", count)));
        const auto document = worker.document(*frame);
        if (!document)
            return tl::unexpected(document.error());
        if (document->find("done"))
            return {};
        addHdf5Answer(listing, *document);
        if (count % 256 == 0)
            job.report({"objects", count, 0});
    }
}

} // namespace

void addHdf5Answer(Hdf5Listing& listing, const Value& value)
{
    if (value.find("dataset"))
        listing.datasets.push_back(datasetFrom(value));
    else if (const Value* attributes = value.find("attributes"))
        listing.groups.push_back({textOf(value, "group"), *attributes});
    else if (value.find("link"))
        listing.links.push_back({textOf(value, "link"), textOf(value, "kind"), textOf(value, "target"), textOf(value, "file"), flagOf(value, "resolves")});
    else if (value.find("broken"))
        listing.broken.push_back({textOf(value, "broken"), textOf(value, "rule"), textOf(value, "why")});
}

Result<Hdf5Listing> listHdf5(const SourcePtr& source, JobContext& job)
{
    if (const auto superblock = readHdf5Superblock(*source); !superblock)
        return tl::unexpected(superblock.error());
    auto worker = Hdf5Worker::start(*source, listingCpu, job);
    if (!worker)
        return tl::unexpected(worker.error());
    Hdf5Listing listing;
    auto listed = worker->request(Value::Map{{"command", "list"}}, job).and_then([&] { return receiveListing(*worker, listing, job); });
    if (listed)
        return listing;
    Error error = listed.error();
    error.path = source->path();
    if (error.rule == "cancelled" || listing.datasets.empty())
        return failure(std::move(error));
    listing.stopped = std::move(error);
    return listing;
}

Result<void> readHdf5(const SourcePtr& source, uint64_t address, uint64_t nbytes, JobContext& job, const BlockSink& sink)
{
    auto worker = Hdf5Worker::start(*source, readingCpu, job);
    if (!worker)
        return tl::unexpected(worker.error());
    if (auto sent = worker->request(Value::Map{{"command", "read"}, {"address", address}}, job); !sent)
        return sent;
    for (uint64_t done = 0;;) {
        const auto frame = worker->receive(job);
        if (!frame)
            return tl::unexpected(frame.error());
        if (frame->kind == FrameKind::Json) {
            const auto last = worker->document(*frame);
            if (last && done != nbytes)
                return failure("corrupt", fmt::format("{} of {} bytes of values came.", done, nbytes));
            return last.map([](const Value&) {});
        }
        done += frame->payload.size();
        if (done > nbytes)
            return failure("corrupt", fmt::format("More than the {} bytes of values that were announced came.", nbytes));
        if (!sink(frame->payload))
            return {};
    }
}

} // namespace weighbridge
