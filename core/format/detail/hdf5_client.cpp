// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/hdf5_client.h"

#include "core/base/file_observer.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"
#include "core/format/detail/hdf5_superblock.h"

#include <fmt/format.h>

#include <cstdlib>

namespace weighbridge {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t verifiedNbytes = 32 * limits::MiB;     ///< of packed values that are unpacked to see whether they are whole
constexpr uint64_t verifiedElsewhereNbytes = limits::MiB; ///< the same where they move over a network
constexpr size_t mostWants = 1'000'000;                   ///< of a worker between two answers: the library reads on and on
constexpr uint64_t listingNbytes = 512 * limits::MiB; ///< of all answers to one listing
constexpr uint64_t workerNbytes = 1 * limits::GiB;
constexpr auto listingCpu = 1500ms; ///< one object needs microseconds
constexpr auto readingCpu = 10s;    ///< one block may need a large chunk unpacked

std::string workerPath()
{
    const char* given = std::getenv("WEIGHBRIDGE_HDF5_WORKER");
    return given && *given ? given : siblingProgram("weighbridge-hdf5");
}

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

/// A worker that reads a source.
class Hdf5Worker {
public:
    /// What it says: a document, or values where that is null.
    struct Answer {
        Value document;
        std::vector<std::byte> values;
        size_t nbytes = 0; ///< of the frame
    };

    static Result<Hdf5Worker> start(const ByteSource& source, std::chrono::milliseconds silentCpu)
    {
        const auto range = FileObserver::ofThisThread() ? std::nullopt : source.descriptorRange(); // an observer is told what is read
        WorkerOptions options;
        options.program = workerPath();
        options.arguments = {range ? fmt::format("{}", range->offset) : "-", fmt::format("{}", source.nbytes())};
        options.descriptor = range ? range->descriptor : -1;
        options.silentCpu = silentCpu;
        options.residentNbytes = workerNbytes;
        return WorkerProcess::start(std::move(options)).map([&source](std::unique_ptr<WorkerProcess>&& process) {
            return Hdf5Worker(source, std::move(process));
        });
    }

    Result<void> request(const Value& value, JobContext& job)
    {
        return m_process->sendJson(value, job).map_error([this](Error error) { return explain(std::move(error)); });
    }

    /// The next answer, or the Error that the worker says. Gives it the bytes that it asks for meanwhile.
    Result<Answer> receive(JobContext& job)
    {
        for (size_t wants = 0;; ++wants) {
            auto frame = m_process->receive(job);
            if (!frame)
                return failure(explain(frame.error()));
            if (frame->kind == FrameKind::Bytes)
                return Answer{{}, std::move(frame->payload), frame->payload.size()};
            auto parsed = parseJson(frame->text());
            if (!parsed || !parsed->value.isMap())
                return failure(noSense());
            if (const Value* error = parsed->value.find("error"))
                return failure(errorFromValue(*error));
            const auto wanted = numberOf(parsed->value, "wanted");
            if (!wanted)
                return Answer{std::move(parsed->value), {}, frame->payload.size()};
            if (wants >= mostWants)
                return failure(explain(Error("worker-hung", "")));
            if (auto given = give(*wanted, numberOf(parsed->value, "nbytes").value_or(0), job); !given)
                return tl::unexpected(given.error());
        }
    }

    /// Whether the bytes that it asked for could not be had: nothing of the file is to blame then.
    [[nodiscard]] bool isStarved() const { return m_isStarved; }

    static Error noSense() { return {"worker", "The HDF5 worker answered something that it should not."}; }

private:
    Hdf5Worker(const ByteSource& source, std::unique_ptr<WorkerProcess> process)
        : m_source(&source)
        , m_process(std::move(process))
    {
    }

    Result<void> give(uint64_t offset, uint64_t nbytes, JobContext& job)
    {
        if (nbytes == 0 || nbytes > hdf5WantedNbytes)
            return failure(noSense());
        const auto bytes = m_source->read(offset, nbytes);
        m_isStarved = !bytes;
        if (!bytes)
            return tl::unexpected(bytes.error());
        return m_process->sendBytes(*bytes, job).map_error([this](Error error) { return explain(std::move(error)); });
    }

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

    const ByteSource* m_source;
    bool m_isStarved = false;
    std::unique_ptr<WorkerProcess> m_process;
};

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
        const auto answer = worker.receive(job);
        if (!answer)
            return tl::unexpected(answer.error());
        received += answer->nbytes;
        if (received > listingNbytes || count > 3 * limits::tensors)
            return failure(Error("resource-bomb", fmt::format("The file has more objects than the limits allow ({} were listed).", count)));
        if (answer->document.isNull())
            return failure(Hdf5Worker::noSense());
        if (answer->document.find("done"))
            return {};
        addHdf5Answer(listing, answer->document);
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
    auto worker = Hdf5Worker::start(*source, listingCpu);
    if (!worker)
        return tl::unexpected(worker.error());
    Hdf5Listing listing;
    const Value request(Value::Map{{"command", "list"}, {"verified", movesOverNetwork(source->path()) ? verifiedElsewhereNbytes : verifiedNbytes}});
    auto listed = worker->request(request, job).and_then([&] { return receiveListing(*worker, listing, job); });
    if (listed)
        return listing;
    Error error = listed.error();
    error.path = source->path();
    if (error.rule == "cancelled" || worker->isStarved() || listing.datasets.empty())
        return failure(std::move(error));
    listing.stopped = std::move(error);
    return listing;
}

Result<void> readHdf5(const SourcePtr& source, uint64_t address, uint64_t nbytes, JobContext& job, const BlockSink& sink)
{
    auto worker = Hdf5Worker::start(*source, readingCpu);
    if (!worker)
        return tl::unexpected(worker.error());
    if (auto sent = worker->request(Value::Map{{"command", "read"}, {"address", address}}, job); !sent)
        return sent;
    for (uint64_t done = 0;;) {
        const auto answer = worker->receive(job);
        if (!answer)
            return tl::unexpected(answer.error());
        if (!answer->document.isNull())
            return done == nbytes ? Result<void>() : failure("corrupt", fmt::format("{} of {} bytes of values came.", done, nbytes));
        done += answer->values.size();
        if (done > nbytes)
            return failure("corrupt", fmt::format("More than the {} bytes of values that were announced came.", nbytes));
        if (!sink(answer->values))
            return {};
    }
}

} // namespace weighbridge
