// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the system refuses while a checkpoint is read: reads that fail, are interrupted or come up short, files that change, memory that is not
// there. pread() and operator new are replaced in this program. The promise: an answer or an Error with a sentence, and never other values.
#include "core/checkpoint/open_checkpoint.h"
#include "tests/support/format_samples.h"
#include "tests/support/listing.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <new>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

struct Faults {
    std::atomic<int64_t> reads = 0;          ///< calls of pread() so far
    std::atomic<int64_t> failedRead = -1;    ///< the one that fails with EIO
    std::atomic<bool> areInterrupted = false; ///< every second one
    std::atomic<size_t> longestRead = SIZE_MAX;
    std::atomic<int64_t> allocations = 0;
    std::atomic<int64_t> failedAllocation = -1;
};

Faults faults;

} // namespace

extern "C" ssize_t pread(int descriptor, void* out, size_t nbytes, off_t offset)
{
    const int64_t number = faults.reads++;
    if (number == faults.failedRead) {
        errno = EIO;
        return -1;
    }
    if (faults.areInterrupted && number % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return ::syscall(SYS_pread64, descriptor, out, std::min<size_t>(nbytes, faults.longestRead), offset);
}

void* operator new(size_t nbytes)
{
    void* const memory = faults.allocations++ == faults.failedAllocation ? nullptr : std::malloc(nbytes);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

/// Of its own, so that a sanitizer's does not stand between (simdjson allocates so).
void* operator new(size_t nbytes, const std::nothrow_t&) noexcept
{
    return faults.allocations++ == faults.failedAllocation ? nullptr : std::malloc(nbytes);
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, size_t) noexcept
{
    std::free(memory);
}

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

using Hashes = std::map<std::string, std::string>;

Result<CheckpointPtr> opened(const std::string& path)
{
    JobContext job;
    return openCheckpoint(path, job);
}

/// Of each tensor that can be read.
Hashes hashesOf(const Checkpoint& checkpoint)
{
    Hashes out;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        JobContext job;
        if (const auto hash = sha256OfTensor(checkpoint, tensor, job))
            out[tensor.name] = *hash;
        else
            [&] { QVERIFY(!hash.error().message.empty()); }();
    }
    return out;
}

/// Whether all that could be read is as it is when nothing fails.
bool areAsIn(const Hashes& found, const Hashes& healthy)
{
    return std::all_of(found.begin(), found.end(), [&healthy](const auto& entry) {
        const auto place = healthy.find(entry.first);
        return place != healthy.end() && place->second == entry.second;
    });
}

/// About `count` numbers from 0 to `last`, the first ones densely.
std::vector<int64_t> spread(int64_t last, int64_t count)
{
    std::vector<int64_t> out;
    for (int64_t i = 0; i < last; i += i < count / 2 ? 1 : std::max<int64_t>(1, last / count))
        out.push_back(i);
    return out;
}

bool usesWorker(const QString& format)
{
    return format.contains(QStringLiteral("h5")) || format.contains(QStringLiteral("keras")) || format.contains(QStringLiteral("hdf5"));
}

} // namespace

class TstFaults : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup()
    {
        faults.failedRead = faults.failedAllocation = -1;
        faults.areInterrupted = false;
        faults.longestRead = SIZE_MAX;
    }

    void shortAndInterruptedReadsChangeNothing_data() { addFormatSamples(); }
    void shortAndInterruptedReadsChangeNothing()
    {
        QFETCH(QString, path);
        const std::string file = path.toStdString();
        QFETCH(QString, golden);
        faults.areInterrupted = true;
        faults.longestRead = 61;
        const auto checkpoint = opened(file);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        const QByteArray difference = differsFromGolden(golden, listing(**checkpoint));
        QVERIFY2(difference.isEmpty(), difference.constData());
    }

    void aFailedReadIsNeverOtherValues_data() { addFormatSamples(); }
    void aFailedReadIsNeverOtherValues()
    {
        QFETCH(QString, path);
        const std::string file = path.toStdString();
        QFETCH(QString, format);
        faults.reads = 0;
        const auto healthy = opened(file);
        QVERIFY(healthy.has_value());
        const Hashes hashes = hashesOf(**healthy);
        int64_t errors = 0;
        for (const int64_t number : spread(faults.reads, usesWorker(format) ? 12 : 80)) {
            faults.reads = 0;
            faults.failedRead = number;
            const auto checkpoint = opened(file);
            errors += checkpoint ? 0 : 1;
            QVERIFY(checkpoint || !checkpoint.error().message.empty());
            if (checkpoint)
                QVERIFY2(areAsIn(hashesOf(**checkpoint), hashes), qPrintable(QStringLiteral("read %1").arg(number)));
        }
        QVERIFY(errors > 0);
    }

    void aFailedReadIsSaidWithItsByte()
    {
        const TemporaryFolder folder;
        const auto healthy = opened(folder.write(QStringLiteral("m.safetensors"), readFile(dataPath(QStringLiteral("safetensors/dtypes/dt.safetensors")))));
        QVERIFY(healthy.has_value());
        faults.failedRead = faults.reads.load();
        JobContext job;
        const TensorInfo& tensor = (*healthy)->tensors.back();
        const auto hash = sha256OfTensor(**healthy, tensor, job);
        QVERIFY(!hash.has_value());
        QCOMPARE(hash.error().rule, std::string("unreadable"));
        QCOMPARE(hash.error().offset, std::optional<uint64_t>(tensor.storage.offset));
    }

    void aFileThatShrinksWhileOpenIsSaid()
    {
        const TemporaryFolder folder;
        const QByteArray whole = readFile(dataPath(QStringLiteral("safetensors/dtypes/dt.safetensors")));
        const std::string file = folder.write(QStringLiteral("m.safetensors"), whole);
        const auto healthy = opened(file);
        QVERIFY(healthy.has_value() && QFile::resize(QString::fromStdString(file), 64));
        JobContext job;
        const auto hash = sha256OfTensor(**healthy, (*healthy)->tensors.back(), job);
        QVERIFY(!hash.has_value());
        QCOMPARE(hash.error().rule, std::string("truncated"));
        QVERIFY(hash.error().message.find("shorter while it was open") != std::string::npos);
    }

    void aFailedAllocationIsAnErrorOrChangesNothing_data() { addFormatSamples(); }
    void aFailedAllocationIsAnErrorOrChangesNothing()
    {
        QFETCH(QString, path);
        const std::string file = path.toStdString();
        QFETCH(QString, format);
        faults.allocations = 0;
        const auto healthy = opened(file);
        const int64_t count = faults.allocations;
        QVERIFY(healthy.has_value());
        const Hashes hashes = hashesOf(**healthy);
        int64_t errors = 0;
        for (const int64_t number : spread(count, usesWorker(format) ? 12 : 150)) {
            faults.allocations = 0;
            faults.failedAllocation = number;
            const auto checkpoint = opened(file);
            faults.failedAllocation = -1;
            errors += !checkpoint && checkpoint.error().rule == "memory" ? 1 : 0;
            QVERIFY(checkpoint || !checkpoint.error().message.empty());
            if (checkpoint)
                QVERIFY2(areAsIn(hashesOf(**checkpoint), hashes), qPrintable(QStringLiteral("allocation %1").arg(number)));
        }
        QVERIFY(errors > 0);
    }
};

QTEST_APPLESS_MAIN(TstFaults)
#include "tst_faults.moc"
