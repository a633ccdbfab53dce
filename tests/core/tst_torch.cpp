// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/format/format.h"
#include "tests/support/files.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cstring>

using namespace weighbridge;

namespace {

QString dataFolder()
{
    return QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/torch/");
}

std::vector<std::byte> bytesOf(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray all = file.readAll();
    const auto* data = reinterpret_cast<const std::byte*>(all.constData());
    return {data, data + all.size()};
}

/// One line per tensor: name, dtype, shape, sha256 of the values.
QString listing(const Checkpoint& checkpoint)
{
    JobContext job;
    QString out = QString::fromStdString(checkpoint.format) + "\n";
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const auto hash = sha256OfTensor(checkpoint, tensor, job);
        out += QString("%1 %2 %3 %4\n").arg(QString::fromStdString(shown(tensor.name)), QString::fromUtf8(tensor.dtypeName().data(), static_cast<qsizetype>(tensor.dtypeName().size())),
                                            QString::fromStdString(formatShape(tensor.shape)), hash ? QString::fromStdString(*hash) : QString("-"));
    }
    return out;
}

Result<Checkpoint> openBytes(std::vector<std::byte> bytes, const char* name)
{
    JobContext job;
    return openSource(memorySource(std::move(bytes), name), job);
}

const Finding* findingOf(const Checkpoint& checkpoint, std::string_view rule)
{
    const auto found = std::find_if(checkpoint.findings.begin(), checkpoint.findings.end(), [rule](const Finding& finding) { return finding.rule == rule; });
    return found == checkpoint.findings.end() ? nullptr : &*found;
}

bool hasError(const Checkpoint& checkpoint)
{
    return std::any_of(checkpoint.findings.begin(), checkpoint.findings.end(), [](const Finding& finding) { return finding.severity == Severity::Error; });
}

} // namespace

class TestTorch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void lists_data();
    void lists();
    void refuses_data();
    void refuses();
    void cutFilesAreNeverOk_data();
    void cutFilesAreNeverOk();
    void flippedBytesAreHandled_data();
    void flippedBytesAreHandled();
    void unsafeFilesAreListedAndNamed();
    void wholeModulesAreNamed();
    void nestingIsKeptAsMetadata();
    void changedDataAreFoundByTheirChecksum();
    void itemsOfAFolderAreFoundByTheirChecksum();
    void pickledStoragesAreNoCode();
    void subclassesSayWhatIsInside();
    void nothingIsExecuted();

private:
    QTemporaryDir m_folder;
};

void TestTorch::initTestCase()
{
    QVERIFY(m_folder.isValid());
    QVERIFY(QDir::setCurrent(m_folder.path())); // whatever a pickle would write lands here
}

void TestTorch::lists_data()
{
    QTest::addColumn<QString>("file");
    const QStringList files = QDir(dataFolder()).entryList(QDir::Files, QDir::Name);
    for (const QString& file : files)
        QTest::newRow(qPrintable(file)) << file;
}

void TestTorch::lists()
{
    QFETCH(QString, file);
    JobContext job;
    const auto checkpoint = openCheckpoint((dataFolder() + file).toStdString(), job);
    QVERIFY2(checkpoint, checkpoint ? "" : checkpoint.error().message.c_str());
    QFile golden(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/golden/torch/") + file + ".txt");
    QVERIFY2(golden.open(QIODevice::ReadOnly), qPrintable(golden.fileName()));
    QCOMPARE(listing(**checkpoint), QString::fromUtf8(golden.readAll()));
}

void TestTorch::refuses_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QStringList>("rules");
    QTest::addColumn<QStringList>("outcomes");
    QTest::addColumn<QString>("says");
    const auto bytes = bytesOf(dataFolder() + "bad/cases.json");
    const auto cases = parseJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    QVERIFY(cases);
    const auto texts = [](const Value& row, const char* key) {
        QStringList out;
        for (const Value& text : *row.find(key)->list())
            out << QString::fromStdString(text.stringOr(""));
        return out;
    };
    for (const Value& row : *cases->value.list())
        QTest::newRow(row.find("file")->stringOr("").c_str()) << QString::fromStdString(row.find("file")->stringOr("")) << texts(row, "rules") << texts(row, "outcomes")
                                                               << QString::fromStdString(row.find("says")->stringOr(""));
}

void TestTorch::refuses()
{
    QFETCH(QString, file);
    QFETCH(QStringList, rules);
    QFETCH(QStringList, outcomes);
    QFETCH(QString, says);
    JobContext job;
    const auto checkpoint = openCheckpoint((dataFolder() + "bad/" + file).toStdString(), job);
    QStringList found;
    QString text;
    bool warns = false;
    if (!checkpoint) {
        found << QString::fromStdString(checkpoint.error().rule);
        text = QString::fromStdString(checkpoint.error().message);
    } else {
        for (const Finding& finding : (*checkpoint)->findings) {
            warns |= finding.severity != Severity::Note;
            found << QString::fromStdString(finding.rule);
            text += QString::fromStdString(finding.title + ". " + finding.explanation + " ");
        }
    }
    const QString outcome = !checkpoint || hasError(**checkpoint) ? "error" : warns ? "warning" : "ok";
    QVERIFY2(outcomes.contains(outcome), qPrintable(outcome + ": " + text));
    const bool ruleFits = std::any_of(found.begin(), found.end(), [&](const QString& rule) { return rules.contains(rule); });
    QVERIFY2(ruleFits || (outcome != "error" && (rules.contains("ok") || rules.contains("ok-but-warn"))), qPrintable(found.join(", ") + ": " + text));
    if (outcome != "ok")
        QVERIFY2(QRegularExpression(says, QRegularExpression::CaseInsensitiveOption).match(text).hasMatch(), qPrintable(text));
}

void TestTorch::cutFilesAreNeverOk_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("bytes"); // what the format needs of the file; -1: all
    QTest::newRow("zip") << "zip_params.bin" << -1;
    QTest::newRow("legacy") << "legacy_params.pt" << -1;
    QTest::newRow("plain pickle, protocol 2") << "numpy2.pkl" << -1;
    QTest::newRow("plain pickle, protocol 4") << "numpy4.pickle" << -1;
    QTest::newRow("TorchScript") << "script_frozen.pt" << -1;
    QTest::newRow("pickled tensors") << "pickled2.pkl" << -1;
    QTest::newRow("tar, without its padding") << "tar.pt" << 3674; // the last entry: header at 3072, 90 bytes of data
}

void TestTorch::cutFilesAreNeverOk()
{
    QFETCH(QString, file);
    QFETCH(int, bytes);
    const auto whole = bytesOf(dataFolder() + file);
    QVERIFY(openBytes(whole, file.toUtf8().constData()));
    const size_t end = bytes < 0 ? whole.size() : static_cast<size_t>(bytes);
    for (size_t cut = 0; cut < end; ++cut) {
        const auto checkpoint = openBytes(std::vector(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(cut)), file.toUtf8().constData());
        QVERIFY2(!checkpoint, qPrintable(QString("cut at %1 was accepted").arg(cut)));
        QVERIFY(!checkpoint.error().message.empty());
    }
}

void TestTorch::flippedBytesAreHandled_data()
{
    QTest::addColumn<QString>("file");
    for (const char* file :
         {"zip_params.bin", "legacy_params.pt", "numpy2.pkl", "script_frozen.pt", "unsafe_legacy.bin", "pickled2.pkl", "subclasses.bin"})
        QTest::newRow(file) << file;
}

void TestTorch::flippedBytesAreHandled()
{
    QFETCH(QString, file);
    const auto whole = bytesOf(dataFolder() + file);
    for (size_t at = 0; at < whole.size(); ++at) {
        for (const uint8_t mask : {0x01, 0xFF}) {
            auto bytes = whole;
            bytes[at] ^= static_cast<std::byte>(mask);
            const auto checkpoint = openBytes(std::move(bytes), file.toUtf8().constData());
            if (!checkpoint)
                QVERIFY(!checkpoint.error().message.empty());
            else
                QVERIFY(!listing(*checkpoint).isEmpty()); // whatever it says can be read, too
        }
    }
}

void TestTorch::unsafeFilesAreListedAndNamed()
{
    JobContext job;
    for (const char* file : {"unsafe_zip.bin", "unsafe_legacy.bin"}) {
        const auto checkpoint = openCheckpoint((dataFolder() + file).toStdString(), job);
        QVERIFY(checkpoint);
        const Finding* finding = findingOf(**checkpoint, "unsafe-pickle");
        QVERIFY(finding);
        QVERIFY(finding->severity == Severity::Error);
        QVERIFY(finding->title.find(file == std::string_view("unsafe_zip.bin") ? "posix.system" : "eval") != std::string::npos);
        QCOMPARE((*checkpoint)->tensors.size(), size_t{1});
    }
}

void TestTorch::wholeModulesAreNamed()
{
    JobContext job;
    const auto checkpoint = openCheckpoint((dataFolder() + "zip_module.bin").toStdString(), job);
    QVERIFY(checkpoint);
    QVERIFY(findingOf(**checkpoint, "whole-module-pickle"));
    QVERIFY((*checkpoint)->find("conv1.weight"));
    QVERIFY(!(*checkpoint)->find("conv1.weight")->isBuffer);
    QVERIFY((*checkpoint)->find("bn1.running_mean")->isBuffer);
    QVERIFY(!(*checkpoint)->find("scratch")); // a buffer that is not persistent
    // Before torch 1.6 the class is wrapped together with its source.
    const auto legacy = openCheckpoint((dataFolder() + "legacy_module.pt").toStdString(), job);
    QVERIFY(legacy);
    QVERIFY(findingOf(**legacy, "whole-module-pickle"));
    QVERIFY((*legacy)->find("b.running_mean")->isBuffer);
}

void TestTorch::nestingIsKeptAsMetadata()
{
    JobContext job;
    const auto checkpoint = openCheckpoint((dataFolder() + "legacy_training.pt").toStdString(), job);
    QVERIFY(checkpoint);
    const Value* content = (*checkpoint)->metadata.find("content");
    QVERIFY(content && content->find("epoch"));
    QCOMPARE(*content->find("epoch")->integer(), int64_t{8});
    const Value* dicts = (*checkpoint)->metadata.find("state_dicts");
    QVERIFY(dicts && dicts->list());
    const bool named = std::any_of(dicts->list()->begin(), dicts->list()->end(), [](const Value& dict) { return dict.find("path")->stringOr("") == "model_state_dict"; });
    QVERIFY(named);
}

void TestTorch::changedDataAreFoundByTheirChecksum()
{
    auto bytes = bytesOf(dataFolder() + "zip_params.bin");
    const auto honest = openBytes(bytes, "model.bin");
    QVERIFY(honest && !hasError(*honest));
    const TensorInfo* tensor = honest->find("param");
    QVERIFY(tensor);
    bytes[static_cast<size_t>(tensor->storage.offset)] ^= std::byte{1};
    const auto changed = openBytes(bytes, "model.bin");
    QVERIFY(changed);
    QVERIFY(findingOf(*changed, "checksum"));
    QVERIFY(hasError(*changed));
    JobContext job;
    const auto verified = formatById("torch-zip")->verify(*changed, job);
    QVERIFY(!verified);
    QCOMPARE(verified.error().rule, std::string("checksum"));
    QVERIFY(formatById("torch-zip")->verify(*honest, job));
}

void TestTorch::itemsOfAFolderAreFoundByTheirChecksum()
{
    const test::TemporaryFolder folder;
    for (const QString& file : QDir(dataFolder() + "dcp").entryList(QDir::Files | QDir::Hidden))
        folder.write(file, test::readFile(dataFolder() + "dcp/" + file));
    JobContext job;
    const auto honest = openCheckpoint(folder.path(), job);
    QVERIFY(honest && !hasError(**honest));
    QVERIFY(formatById("torch-dcp")->verify(**honest, job).value_or(0) > 0);
    QVERIFY(!(*honest)->assemblies.empty());
    const Storage& storage = (*honest)->assemblies[0].pieces[0].storage;
    const QString path = QString::fromStdString((*honest)->shards[storage.shard].path);
    QByteArray bytes = test::readFile(path);
    const auto at = static_cast<qsizetype>(storage.offset);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    folder.write(QFileInfo(path).fileName(), bytes);
    const auto changed = openCheckpoint(folder.path(), job);
    QVERIFY(changed && findingOf(**changed, "checksum") && hasError(**changed));
    const auto verified = formatById("torch-dcp")->verify(**changed, job);
    QVERIFY(!verified);
    QCOMPARE(verified.error().rule, std::string("checksum"));
}

/// pickle.dump() makes each storage a call of torch.load; it is data as long as nothing else would be loaded.
void TestTorch::pickledStoragesAreNoCode()
{
    JobContext job;
    auto bytes = bytesOf(dataFolder() + "pickled4.pkl");
    const auto honest = openBytes(bytes, "pickled4.pkl");
    QVERIFY(honest && !findingOf(*honest, "unsafe-pickle"));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const size_t inner = text.find("ctorch\nFloatStorage"); // in the legacy file inside
    QVERIFY(inner != std::string_view::npos);
    std::memcpy(bytes.data() + inner, "cposix\nsystem......", 19);
    const auto changed = openBytes(bytes, "pickled4.pkl");
    const bool isNamed = changed ? hasError(*changed) && findingOf(*changed, "unsafe-pickle") : changed.error().rule == "unsafe-pickle";
    QVERIFY2(isNamed, changed ? "accepted" : changed.error().message.c_str());
}

void TestTorch::subclassesSayWhatIsInside()
{
    JobContext job;
    const auto checkpoint = openCheckpoint((dataFolder() + "subclasses.bin").toStdString(), job);
    QVERIFY(checkpoint);
    QCOMPARE((*checkpoint)->find("spread")->layout, std::string("DTensor"));
    QVERIFY((*checkpoint)->find("spread")->storage.kind == StorageKind::Raw);
    QVERIFY((*checkpoint)->find("parts")->storage.kind == StorageKind::Absent);
    const Value* details = (*checkpoint)->metadata.find("tensor_details");
    const Value* parts = details ? details->find("parts") : nullptr;
    QVERIFY(parts && parts->find("codes") && parts->find("scale.inner"));
    QCOMPARE(parts->find("codes")->find("dtype")->stringOr(""), std::string("U8"));
}

void TestTorch::nothingIsExecuted()
{
    QVERIFY(QDir(m_folder.path()).isEmpty(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden));
    QVERIFY(!QFile::exists(QDir::tempPath() + "/FX_PICKLE_WAS_EXECUTED"));
}

QTEST_APPLESS_MAIN(TestTorch)
#include "tst_torch.moc"
