// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/check_text.h"
#include "ui/models/properties.h"

#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

QByteArray printed(const Checkpoint& checkpoint)
{
    QByteArrayList out;
    for (const Property& property : properties(checkpoint, CheckpointTotals(checkpoint)))
        out.append((property.name + QLatin1Char('|') + property.value).toUtf8().replace("\xe2\x80\xaf", " "));
    return out.join('\n');
}

} // namespace

class TstProperties : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void evidenceIsWordsAndNumbers()
    {
        const Value::Map evidence{
            {"matched_before", int64_t{12'345}}, {"random_share", 0.25}, {"exact", true}, {"layers", Value::List{1, 2}}, {"shape", Value()}};
        QStringList lines;
        for (const Property& property : evidenceProperties(evidence))
            lines << property.name + u'=' + property.value;
        QCOMPARE(lines, (QStringList{QStringLiteral("matched before=12\u202f345"), QStringLiteral("random share=0.250"), QStringLiteral("exact=yes"),
                                     QStringLiteral("layers=2 entries")}));
        QLocale::setDefault(QLocale(QStringLiteral("de")));
        QCOMPARE(evidenceProperties(evidence)[1].value, QStringLiteral("0,250"));
        QLocale::setDefault(QLocale::c());
    }

    void namesWhatTheCheckpointHolds()
    {
        auto checkpoint = checkpointOf("a 1000x10 F32\nb 10 F32\nids 512 I64\n");
        checkpoint->tensors[2].isBuffer = true;
        checkpoint->metadata.set("format", "pt");
        checkpoint->metadata.set("nested", Value(Value::List{Value(1), Value(2)}));
        checkpoint->shards.push_back({"model.safetensors", "safetensors", nullptr});
        QCOMPARE(printed(*checkpoint),
            "Format|safetensors\nTensors|3\nParameters|10 522\nBuffers|1 · 512 numbers\nSize|43.1 KiB\ndtype|F32 2 · I64 1\n"
            "Metadata|format: pt\n|nested: [1,2]\nChecksum|none in this format");
    }
    void tiedTensorsAreCountedBesideThoseOfTheFile()
    {
        auto check = checkOf("wte\nlm_head\n", "wte\n");
        tie(*check, "lm_head", "wte");
        const TensorRowsPtr rows = TensorRows::fromCheck(check);
        const QList<Property> all = properties(*check->checkpoint, CheckpointTotals(*check->checkpoint), rows.get());
        QCOMPARE(all[1].value, QStringLiteral("1"));
        QCOMPARE(all[2].name + u'|' + all[2].value, QStringLiteral("Tied|1 more, stored once"));
        QCOMPARE(all[2].toolTip, QStringLiteral("lm_head = wte"));
    }
    void longMetadataIsShortenedAndKeptInTheToolTip()
    {
        auto checkpoint = checkpointOf("a\n");
        checkpoint->metadata.set("note", std::string(500, 'x'));
        for (const Property& property : properties(*checkpoint, CheckpointTotals(*checkpoint))) {
            if (property.name != QStringLiteral("Metadata"))
                continue;
            QVERIFY(property.value.size() < 80);
            QCOMPARE(property.toolTip, QString(500, QLatin1Char('x')));
        }
    }
    void manyLinesOfMetadataAreCounted()
    {
        auto checkpoint = checkpointOf("a\n");
        for (int i = 0; i < 30; ++i)
            checkpoint->metadata.set("key" + std::to_string(i), i);
        QVERIFY2(printed(*checkpoint).endsWith("|key19: 19\n|10 more"), printed(*checkpoint).constData());
    }
    void eachDeviceSaysWhatItHasNoRoomFor()
    {
        constexpr uint64_t gibibyte = uint64_t(1) << 30;
        MemoryNeed need;
        need.parameters = gibibyte;
        need.asStored = need.float16 = 2 * gibibyte;
        need.float32 = 4 * gibibyte;
        need.int8 = gibibyte;
        need.int4 = gibibyte / 2;
        need.trainingAdam = 16 * gibibyte;
        const std::vector<Device> devices{{"cuda:0", "cuda", "Middle", {}, 4 * gibibyte, 3 * gibibyte, {}},
                                          {"cuda:1", "cuda", "Large", {}, 24 * gibibyte, 16 * gibibyte, {}},
                                          {"cuda:2", "cuda", "Full", {}, 4 * gibibyte, 1024, {}},
                                          {"cuda:3", "cuda", "Busy", {}, 8 * gibibyte, {}, {}}};
        const auto rows = memoryProperties(need, 0, devices);
        const auto without = memoryProperties(need, 0, {});
        QCOMPARE(rows.size(), without.size() + 8);
        QStringList said;
        for (const Property& row : rows.mid(without.size()))
            said.append(QString(row.name + QStringLiteral("|") + row.value).replace(QChar(0x202f), QLatin1Char(' ')));
        QCOMPARE(said, (QStringList{QStringLiteral("Middle|3.0 GiB free"), QStringLiteral("has no room for|float32, train with Adam"), QStringLiteral("Large|16.0 GiB free"), QStringLiteral("has room for|all of these"),
                                    QStringLiteral("Full|1.0 KiB free"), QStringLiteral("has room for|none of these"), QStringLiteral("Busy|8.0 GiB in all"), QStringLiteral("has no room for|train with Adam")}));
    }
};

QTEST_APPLESS_MAIN(TstProperties)
#include "tst_properties.moc"
