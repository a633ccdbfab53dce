// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/config.h"
#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/report/statistics_answer.h"
#include "core/statistics/statistics_part.h"
#include "tests/support/files.h"

#include <QtTest>

#include <algorithm>
#include <numeric>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

std::string answer(const Checkpoint& checkpoint, const CheckpointStatistics& statistics)
{
    std::vector<size_t> all(checkpoint.tensors.size());
    std::iota(all.begin(), all.end(), size_t(0));
    return toJson(statisticsAnswer(checkpoint, statistics, all));
}

} // namespace

/// Statistics in parts: what they cover, and that they give together what one run gives.
class TstStatisticsPart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void partNumbers_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isGood");
        for (const char* good : {"1/1", "3/16", "100000/100000"})
            QTest::newRow(good) << good << true;
        for (const char* bad : {"", "1", "0/4", "5/4", "1/0", "a/b", "1/2/3", " 1/2", "-1/2", "1/100001", "1/99999999999999999999"})
            QTest::newRow(bad) << bad << false;
    }
    void partNumbers()
    {
        QFETCH(QString, text);
        QFETCH(bool, isGood);
        QCOMPARE(parsePartNumber(text.toStdString()).has_value(), isGood);
    }

    void eachTensorIsInOnePart()
    {
        Checkpoint checkpoint;
        for (int64_t i = 0; i < 1000; ++i) {
            TensorInfo tensor;
            tensor.name = std::to_string(i);
            tensor.dtype = DType::F32;
            tensor.shape = {i % 7 == 0 ? 0 : (i * 7919) % 1009, 16};
            checkpoint.tensors.push_back(tensor);
        }
        std::vector<int> seen(checkpoint.tensors.size(), 0);
        uint64_t most = 0;
        for (size_t number = 1; number <= 16; ++number) {
            uint64_t nbytes = 0;
            for (const size_t index : tensorsOfPart(checkpoint, {number, 16})) {
                ++seen[index];
                nbytes += checkpoint.tensors[index].nbytes();
            }
            most = std::max(most, nbytes);
        }
        QVERIFY(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
        QVERIFY2(most * 16 < checkpoint.nbytes() * 102 / 100, "the parts are of one size");
    }

    void partsMergeToWhatOneRunGives_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<int>("parts");
        for (const int parts : {1, 3, 16})
            QTest::addRow("fp32 and a config, %d", parts) << QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/never-loaded") << parts;
        QTest::newRow("all dtypes of safetensors, 5") << dataPath("safetensors/dtypes/dt.safetensors") << 5;
        QTest::newRow("blocks of GGUF, 16") << dataPath("gguf/model.gguf") << 16;
    }
    void partsMergeToWhatOneRunGives()
    {
        QFETCH(QString, path);
        QFETCH(int, parts);
        const auto opened = openCheckpoint(path.toStdString(), m_job);
        QVERIFY(opened);
        const Value config = configOf(**opened);
        const auto whole = analyseCheckpoint(**opened, hintsOf(config), 0, m_job);
        QVERIFY(whole);
        std::vector<std::string> files = writeParts(**opened, config, static_cast<size_t>(parts));
        std::reverse(files.begin(), files.end());
        const auto merged = mergeParts(files, m_job);
        QVERIFY2(merged, merged ? "" : merged.error().message.c_str());
        QCOMPARE(QString::fromStdString(answer(merged->checkpoint, merged->statistics)), QString::fromStdString(answer(**opened, *whole)));
    }

    void whatIsMergedIsOnePart()
    {
        const auto opened = openCheckpoint(dataPath("gguf/model.gguf").toStdString(), m_job);
        QVERIFY(opened);
        const auto merged = mergeParts(writeParts(**opened, {}, 3), m_job);
        QVERIFY(merged);
        const std::vector<std::string> whole{m_folder.write("whole.json", QByteArray::fromStdString(toJson(mergedDocument(*merged))))};
        QVERIFY(isPartDocument(whole[0]) && !isPartDocument(dataPath("gguf/model.gguf").toStdString()));
        const auto again = statisticsFor(**opened, whole, m_job);
        QVERIFY2(again, again ? "" : again.error().message.c_str());
        QCOMPARE(answer(again->checkpoint, again->statistics), answer(merged->checkpoint, merged->statistics));
    }

    void partsThatDoNotBelongTogetherAreRefused()
    {
        const auto a = openCheckpoint(dataPath("gguf/model.gguf").toStdString(), m_job);
        const auto b = openCheckpoint(dataPath("safetensors/dtypes/dt.safetensors").toStdString(), m_job);
        QVERIFY(a && b);
        const auto of3 = writeParts(**a, {}, 3);
        const auto of4 = writeParts(**a, {}, 4);
        const auto others = writeParts(**b, {}, 3);
        const auto rule = [this](const std::vector<std::string>& files) {
            const auto merged = mergeParts(files, m_job);
            return merged ? std::string() : merged.error().rule;
        };
        QCOMPARE(rule(of3), std::string());
        QCOMPARE(rule({of3[0], of3[2]}), std::string("missing-part"));
        QCOMPARE(rule({of3[0], of3[1], of3[1], of3[2]}), std::string("inconsistent-parts"));
        QCOMPARE(rule({of3[0], of4[1]}), std::string("inconsistent-parts"));
        QCOMPARE(rule({of3[0], others[1], of3[2]}), std::string("inconsistent-parts"));
        QCOMPARE(rule({m_folder.path("absent.json")}), std::string("not-found"));
    }

    void damagedPartsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::newRow("another version") << QByteArray("\"weighbridge_part\": 1") << QByteArray("\"weighbridge_part\": 2");
        QTest::newRow("no part") << QByteArray("weighbridge_part") << QByteArray("something_else__");
        QTest::newRow("part beyond the last") << QByteArray("\"part\": 1") << QByteArray("\"part\": 9");
        QTest::newRow("tensor beyond the last") << QByteArray("\"index\": 0") << QByteArray("\"index\": 7777777");
        QTest::newRow("billions of tensors") << QByteArray("\"of_tensors\": ") << QByteArray("\"of_tensors\": 99999999999");
        QTest::newRow("numbers altered") << QByteArray("\"analyses\": \"") << QByteArray("\"analyses\": \"AAAA");
    }
    void damagedPartsAreRefused()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        const auto opened = openCheckpoint(dataPath("gguf/model.gguf").toStdString(), m_job);
        QVERIFY(opened);
        QByteArray text = readFile(QString::fromStdString(writeParts(**opened, {}, 1)[0]));
        QVERIFY2(text.contains(before), text.left(300).constData());
        const auto merged = mergeParts(std::vector<std::string>{m_folder.write("damaged.json", text.replace(before, after))}, m_job);
        QVERIFY(!merged);
        QVERIFY(merged.error().rule == "corrupt" || merged.error().rule == "unsupported-version");
    }

private:
    Value configOf(const Checkpoint& checkpoint)
    {
        const auto config = checkpoint.configPath.empty() ? Result<Config>(failure("config-missing", "")) : loadConfig(checkpoint.configPath, m_job);
        return config ? config->root : Value();
    }

    std::vector<std::string> writeParts(const Checkpoint& checkpoint, const Value& config, size_t parts)
    {
        std::vector<std::string> out;
        for (size_t number = 1; number <= parts; ++number) {
            const auto tensors = tensorsOfPart(checkpoint, {number, parts});
            std::vector<Result<TensorAnalysis>> analyses;
            for (const size_t index : tensors)
                if (!computeStatisticsOf(checkpoint, hintsOf(config), std::vector{index}, 1, m_job, [&analyses](size_t, Result<TensorAnalysis> one) { analyses.push_back(std::move(one)); }))
                    qFatal("not computed");
            const std::string text = toJson(partDocument(subjectOf(checkpoint, config), checkpoint, {number, parts}, tensors, analyses), 1);
            out.push_back(m_folder.write(QString::number(++m_files) + ".json", QByteArray::fromStdString(text)));
        }
        return out;
    }

    TemporaryFolder m_folder;
    JobContext m_job;
    int m_files = 0;
};

QTEST_GUILESS_MAIN(TstStatisticsPart)
#include "tst_statistics_part.moc"
