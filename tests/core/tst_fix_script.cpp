// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The Python of a fix runs as it stands: what it edits is loaded before and saved after.
#include "core/diagnosis/fix_script.h"

#include <QtTest>

using namespace weighbridge;

class TestFixScript : public QObject {
    Q_OBJECT

    static Checkpoint checkpointOf(const char* format, std::initializer_list<const char*> files, const char* weights = "")
    {
        Checkpoint out;
        out.weightsPath = weights;
        for (const char* file : files)
            out.shards.push_back({file, format, nullptr});
        return out;
    }

    static QString completed(const char* python, const Checkpoint& checkpoint, const Value::Map& configChanges = {})
    {
        Fix fix;
        fix.python = python;
        fix.configChanges = configChanges;
        completeScript(fix, checkpoint);
        return QString::fromStdString(fix.python);
    }

private Q_SLOTS:
    void safetensorsAreLoadedAndSaved()
    {
        QCOMPARE(completed("state_dict = {k[7:]: v for k, v in state_dict.items()}\n", checkpointOf("safetensors", {"/a/model.safetensors"})),
                 QStringLiteral("from safetensors.torch import load_file, save_file\n\n"
                                "state_dict = load_file(\"model.safetensors\")\n"
                                "state_dict = {k[7:]: v for k, v in state_dict.items()}\n"
                                "save_file(state_dict, \"repaired.safetensors\", metadata={\"format\": \"pt\"})\n"));
    }

    void picklesAreLoadedWithoutExecutingThem()
    {
        const QString script = completed("state_dict = state_dict[\"model\"]\n", checkpointOf("torch-zip", {"/a/last.ckpt"}));
        QVERIFY(
            script.startsWith(QStringLiteral("import torch\n\nstate_dict = torch.load(\"last.ckpt\", map_location=\"cpu\", weights_only=True)\n")));
        QVERIFY(script.endsWith(QStringLiteral("state_dict = state_dict[\"model\"]\ntorch.save(state_dict, \"repaired.bin\")\n")));
    }

    void shardsComeFromTheirIndex()
    {
        const QString script = completed("state_dict.pop(\"a\")\n",
                                         checkpointOf("safetensors", {"m-1.safetensors", "m-2.safetensors"}, "/a/model.safetensors.index.json"));
        QVERIFY(script.startsWith(QStringLiteral(
            "import json\nfrom safetensors.torch import load_file, save_file\n\nwith open(\"model.safetensors.index.json\") as file:\n")));
        QVERIFY(script.contains(QStringLiteral("for shard in shards:\n    state_dict.update(load_file(shard))\nstate_dict.pop(\"a\")\n")));
    }

    void importsOfTheEditStandOnTopAndTheConfigIsCorrectedToo()
    {
        const QString script = completed("import re\n\nstate_dict = {re.sub(\"a\", \"b\", k): v for k, v in state_dict.items()}\n",
                                         checkpointOf("safetensors", {"w.safetensors"}), {{"num_hidden_layers", int64_t(3)}});
        QVERIFY(script.startsWith(QStringLiteral("import json\nimport re\nfrom safetensors.torch import load_file, save_file\n\n")));
        QCOMPARE(script.count(QStringLiteral("import re")), 1);
        QVERIFY(script.contains(QStringLiteral("config[\"num_hidden_layers\"] = 3\n")));
    }

    void aNameIsALiteral()
    {
        QVERIFY(completed("state_dict.pop(\"a\")\n", checkpointOf("safetensors", {"/x/a\"b.safetensors"}))
                    .contains(QStringLiteral("load_file(\"a\\\"b.safetensors\")")));
    }

    void thePathOfASnippetIsTheFile()
    {
        QCOMPARE(completed("import torch\n\nmodel = torch.load(path, weights_only=False)\n", checkpointOf("torch-zip", {"/a/model.pt"})),
                 QStringLiteral("import torch\n\nmodel = torch.load(\"model.pt\", weights_only=False)\n"));
    }

    void otherSnippetsAndFormatsStay_data()
    {
        QTest::addColumn<QByteArray>("python");
        QTest::addColumn<QByteArray>("format");
        QTest::addRow("of the config") << QByteArray("import json\n\nconfig[\"a\"] = 1\n") << QByteArray("safetensors");
        QTest::addRow("of the tokenizer") << QByteArray("tokenizer = AutoTokenizer.from_pretrained(\".\")\n") << QByteArray("torch-zip");
        QTest::addRow("no library of state dicts") << QByteArray("state_dict.pop(\"a\")\n") << QByteArray("gguf");
        QTest::addRow("nothing") << QByteArray() << QByteArray("safetensors");
    }

    void otherSnippetsAndFormatsStay()
    {
        QFETCH(const QByteArray, python);
        QFETCH(const QByteArray, format);
        QCOMPARE(completed(python.constData(), checkpointOf(format.constData(), {"w.bin"})), QString::fromUtf8(python));
    }
};

QTEST_GUILESS_MAIN(TestFixScript)
#include "tst_fix_script.moc"
