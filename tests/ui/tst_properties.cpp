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
    for (const Property& property : properties(checkpoint))
        out.append((property.name + QLatin1Char('|') + property.value).toUtf8().replace("\xe2\x80\xaf", " "));
    return out.join('\n');
}

} // namespace

class TstProperties : public QObject {
    Q_OBJECT

private Q_SLOTS:
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
    void longMetadataIsShortenedAndKeptInTheToolTip()
    {
        auto checkpoint = checkpointOf("a\n");
        checkpoint->metadata.set("note", std::string(500, 'x'));
        for (const Property& property : properties(*checkpoint)) {
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
};

QTEST_APPLESS_MAIN(TstProperties)
#include "tst_properties.moc"
