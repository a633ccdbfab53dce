// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/zip.h"

#include <QTest>

using namespace weighbridge;

namespace {

using Bytes = std::vector<std::byte>;

void append(Bytes& out, std::string_view text)
{
    for (const char c : text)
        out.push_back(static_cast<std::byte>(c));
}

void number(Bytes& out, uint64_t value, int nbytes)
{
    for (int i = 0; i < nbytes; ++i)
        out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

/// What a test may set differently from an honest stored entry.
struct Spec {
    std::string name;
    std::string data;
    std::string localName = {};
    uint16_t method = 0;
    uint16_t flags = 0;
    uint32_t crc = 0;
    std::optional<uint64_t> nbytes = {};
    std::optional<uint32_t> headerOffset = {};
    std::string localExtra = {};
};

/// Writes an archive; `entriesInEnd` replaces the count of the end record.
Bytes archiveOf(const std::vector<Spec>& specs, std::optional<uint16_t> entriesInEnd = {}, std::string_view comment = {}, std::string_view prefix = {})
{
    Bytes out;
    append(out, prefix);
    std::vector<size_t> offsets;
    for (const Spec& spec : specs) {
        offsets.push_back(out.size());
        const std::string& name = spec.localName.empty() ? spec.name : spec.localName;
        append(out, "PK\x03\x04");
        number(out, 20, 2);
        number(out, spec.flags, 2);
        number(out, spec.method, 2);
        number(out, 0, 4);
        const bool open = (spec.flags & 8) != 0;
        number(out, open ? 0 : spec.crc, 4);
        number(out, open ? 0 : spec.data.size(), 4);
        number(out, open ? 0 : spec.nbytes.value_or(spec.data.size()), 4);
        number(out, name.size(), 2);
        number(out, spec.localExtra.size(), 2);
        append(out, name);
        append(out, spec.localExtra);
        append(out, spec.data);
    }
    const size_t directory = out.size();
    for (size_t i = 0; i < specs.size(); ++i) {
        const Spec& spec = specs[i];
        append(out, "PK\x01\x02");
        number(out, 20, 2);
        number(out, 20, 2);
        number(out, spec.flags, 2);
        number(out, spec.method, 2);
        number(out, 0, 4);
        number(out, spec.crc, 4);
        number(out, spec.data.size(), 4);
        number(out, spec.nbytes.value_or(spec.data.size()), 4);
        number(out, spec.name.size(), 2);
        number(out, 0, 12);
        number(out, spec.headerOffset.value_or(static_cast<uint32_t>(offsets[i])), 4);
        append(out, spec.name);
    }
    const size_t end = out.size();
    append(out, "PK\x05\x06");
    number(out, 0, 4);
    number(out, entriesInEnd.value_or(static_cast<uint16_t>(specs.size())), 2);
    number(out, entriesInEnd.value_or(static_cast<uint16_t>(specs.size())), 2);
    number(out, end - directory, 4);
    number(out, directory, 4);
    number(out, comment.size(), 2);
    append(out, comment);
    return out;
}

Result<ZipArchive> opened(Bytes bytes)
{
    JobContext job;
    return ZipArchive::open(memorySource(std::move(bytes), "test.zip"), job);
}

constexpr uint32_t crcOfHello = 0x3610a686; // "hello"

} // namespace

class TestZip : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsStoredEntriesAtTheLocalHeadersOffset();
    void verifiesChecksums();
    void takesZeroChecksumsForNotComputed();
    void refuses_data();
    void refuses();
    void warns_data();
    void warns();
    void everyCutIsAnError();
    void everyFlippedByteIsHandled();
    void localHeadersShowWhatIsLeft();
    void refusesToUnpackABomb();
};

void TestZip::readsStoredEntriesAtTheLocalHeadersOffset()
{
    // torch aligns data with an extra field that only the local header has, and leaves the local sizes zero (flag 8)
    const auto archive = opened(archiveOf({{.name = "a/data.pkl", .data = "hello", .flags = 0x808, .crc = crcOfHello, .localExtra = std::string("FB\x03\0zzz", 7)}}));
    QVERIFY2(archive, archive ? "" : archive.error().message.c_str());
    const ZipEntry* entry = archive->find("a/data.pkl");
    QVERIFY(entry);
    QVERIFY(!archive->find("data.pkl"));
    QCOMPARE(entry->dataOffset, uint64_t{30 + 10 + 7});
    JobContext job;
    const auto bytes = archive->read(*entry, job);
    QVERIFY(bytes);
    QCOMPARE(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()), std::string("hello"));
    const auto storage = archive->storage(*entry, 3);
    QVERIFY(storage);
    QCOMPARE(storage->offset, entry->dataOffset);
    QCOMPARE(storage->nbytes, uint64_t{5});
    QCOMPARE(storage->shard, 3u);
    QVERIFY(storage->kind == StorageKind::Raw);
}

void TestZip::verifiesChecksums()
{
    const auto archive = opened(archiveOf({{.name = "a", .data = "hello", .crc = crcOfHello}, {.name = "b", .data = "hellO", .crc = crcOfHello}}));
    QVERIFY(archive);
    JobContext job;
    QVERIFY(archive->read(*archive->find("a"), job));
    const auto damaged = archive->read(*archive->find("b"), job);
    QVERIFY(!damaged);
    QCOMPARE(damaged.error().rule, std::string("checksum"));
    QVERIFY(damaged.error().message.find("b") != std::string::npos);
    const auto all = archive->verifyAll(job);
    QVERIFY(!all);
    QCOMPARE(all.error().rule, std::string("checksum"));
}

void TestZip::takesZeroChecksumsForNotComputed()
{
    const auto archive = opened(archiveOf({{.name = "a", .data = "hello"}, {.name = "b", .data = "x"}}));
    QVERIFY(archive);
    QVERIFY(!archive->hasChecksums());
    JobContext job;
    QVERIFY(archive->read(*archive->find("a"), job));
    const auto all = archive->verifyAll(job);
    QVERIFY(all);
    QCOMPARE(*all, uint64_t{0});
}

void TestZip::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("rule");
    QTest::addColumn<QString>("word");
    const auto row = [](const char* name, const Bytes& bytes, const char* rule, const char* word) {
        QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())) << rule << word;
    };
    const Spec a{.name = "a", .data = "hello", .crc = crcOfHello};
    const auto changed = [&](size_t fromEnd, uint8_t value) {
        Bytes bytes = archiveOf({a});
        bytes[bytes.size() - fromEnd] = static_cast<std::byte>(value);
        return bytes;
    };
    row("two entries of one name", archiveOf({a, a}), "duplicate-key", "duplicate");
    row("two entries at one place", archiveOf({a, {.name = "b", .data = "hello", .crc = crcOfHello, .headerOffset = 0}}), "overlapping-tensors", "overlap");
    row("an entry inside another", archiveOf({{.name = "a", .data = "0123456789", .crc = 1, .headerOffset = {}}, {.name = "b", .data = "x", .crc = 1, .headerOffset = 5}}),
        "overlapping-tensors", "overlap");
    row("names differ", archiveOf({{.name = "a", .data = "hello", .localName = "b", .crc = crcOfHello}}), "corrupt", "name");
    row("an encrypted entry", archiveOf({{.name = "a", .data = "hello", .flags = 1}}), "encrypted", "encrypted");
    row("strong encryption", archiveOf({{.name = "a", .data = "hello", .flags = 0x40}}), "encrypted", "encrypted");
    row("AES", archiveOf({{.name = "a", .data = "hello", .method = 99}}), "encrypted", "encrypted");
    row("stored with two sizes", archiveOf({{.name = "a", .data = "hello", .nbytes = 6}}), "corrupt", "sizes");
    row("an offset past the end", archiveOf({{.name = "a", .data = "hello", .headerOffset = 0x7fffffff}}), "corrupt", "central directory");
    row("an end record that counts too many", archiveOf({a}, 60000), "corrupt", "60000");
    row("an end record that counts too few", archiveOf({a}, 0), "corrupt", "entries");
    row("one of several disks", changed(18, 1), "corrupt", "disk");
    row("a directory somewhere else", changed(6, 7), "corrupt", "central directory");
    row("a comment that is cut", changed(2, 9), "truncated", "comment");
    row("zip64 without its record", archiveOf({a}, 0xFFFF), "corrupt", "zip64");
    row("three bytes", Bytes(3, std::byte{'P'}), "truncated", "central directory");
    Bytes many;
    append(many, "PK\x03\x04");
    many.resize(600);
    row("no directory", many, "truncated", "central directory");
    row("two directory entries over one kernel that declares 1 GiB",
        archiveOf({{.name = "k", .data = std::string(200, 'x'), .method = 8, .crc = 1, .nbytes = 0x20000000},
                   {.name = "l", .data = std::string(200, 'x'), .method = 8, .crc = 1, .nbytes = 0x20000000, .headerOffset = 0}}),
        "resource-bomb", "bomb");
}

void TestZip::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, rule);
    QFETCH(QString, word);
    const auto* data = reinterpret_cast<const std::byte*>(bytes.constData());
    const auto archive = opened(Bytes(data, data + bytes.size()));
    QVERIFY(!archive);
    QCOMPARE(QString::fromStdString(archive.error().rule), rule);
    QVERIFY2(QString::fromStdString(archive.error().message).contains(word), archive.error().message.c_str());
}

void TestZip::warns_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("prefix");
    QTest::addColumn<QString>("rule");
    QTest::newRow("parent folder") << "../../x" << "" << "path-traversal";
    QTest::newRow("absolute") << "/etc/passwd" << "" << "path-traversal";
    QTest::newRow("drive letter") << "c:/x" << "" << "path-traversal";
    QTest::newRow("backslashes") << "a\\..\\..\\x" << "" << "path-traversal";
    QTest::newRow("bytes before the first entry") << "a" << "#!/bin/sh\n" << "corrupt";
    QTest::newRow("two dots inside a name are no folder") << "a..b/c" << "" << "";
}

void TestZip::warns()
{
    QFETCH(QString, name);
    QFETCH(QString, prefix);
    QFETCH(QString, rule);
    const auto archive = opened(archiveOf({{.name = name.toStdString(), .data = "x", .crc = 1}}, {}, {}, prefix.toStdString()));
    QVERIFY2(archive, archive ? "" : archive.error().message.c_str());
    QCOMPARE(archive->findings().size(), rule.isEmpty() ? size_t{0} : size_t{1});
    if (!rule.isEmpty())
        QCOMPARE(QString::fromStdString(archive->findings()[0].rule), rule);
}

void TestZip::everyCutIsAnError()
{
    const Bytes whole = archiveOf({{.name = "a", .data = "hello", .crc = crcOfHello}, {.name = "b", .data = "", .flags = 8}}, {}, "a comment");
    QVERIFY(opened(whole));
    for (size_t cut = 0; cut < whole.size(); ++cut) {
        const auto archive = opened(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(cut)));
        QVERIFY2(!archive, qPrintable(QString("cut at %1 was accepted").arg(cut)));
        QCOMPARE(QString::fromStdString(archive.error().rule), QString("truncated"));
    }
}

void TestZip::everyFlippedByteIsHandled()
{
    const Bytes whole = archiveOf({{.name = "a", .data = "hello", .crc = crcOfHello}, {.name = "b", .data = "hello", .flags = 8, .crc = crcOfHello}});
    JobContext job;
    for (size_t at = 0; at < whole.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes bytes = whole;
            bytes[at] ^= static_cast<std::byte>(1 << bit);
            const auto archive = opened(bytes);
            if (!archive) {
                QVERIFY(!archive.error().message.empty());
                continue;
            }
            for (const ZipEntry& entry : archive->entries()) {
                const auto data = archive->read(entry, job);
                if (data && archive->hasChecksums())
                    QCOMPARE(data->size(), size_t{5}); // a flip never changes the data without an Error
            }
        }
    }
}

void TestZip::localHeadersShowWhatIsLeft()
{
    const Bytes whole = archiveOf({{.name = "r/data.pkl", .data = "hello", .flags = 0x808, .crc = crcOfHello}, {.name = "r/data/0", .data = "0123456789", .flags = 0x808, .crc = 1}});
    const Bytes cut(whole.begin(), whole.begin() + 30 + 10 + 5 + 30 + 8 + 4);
    JobContext job;
    const SourcePtr source = memorySource(cut, "cut.pt");
    const auto entries = scanLocalHeaders(*source, job);
    QCOMPARE(entries.size(), size_t{2});
    QCOMPARE(entries[0].name, std::string("r/data.pkl"));
    QCOMPARE(entries[0].nbytes, uint64_t{5});
    QCOMPARE(entries[1].nbytes, uint64_t{4});
    const auto archive = opened(cut);
    QVERIFY(!archive);
    QVERIFY(archive.error().readable.find("r/data/0") != std::string::npos);
}

void TestZip::refusesToUnpackABomb()
{
    const auto archive = opened(archiveOf({{.name = "k", .data = std::string(200, 'x'), .method = 8, .crc = 1, .nbytes = 0x40000000}}));
    QVERIFY(archive);
    QCOMPARE(archive->findings().size(), size_t{1});
    QCOMPARE(archive->findings()[0].rule, std::string("resource-bomb"));
    JobContext job;
    const auto bytes = archive->read(archive->entries()[0], job);
    QVERIFY(!bytes);
    QCOMPARE(bytes.error().rule, std::string("resource-bomb"));
    QVERIFY(!archive->storage(archive->entries()[0], 0));
}

QTEST_APPLESS_MAIN(TestZip)
#include "tst_zip.moc"
