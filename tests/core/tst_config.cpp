// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/config.h"
#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace weighbridge;

class TstConfig : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    JobContext m_job;

    std::string written(const QByteArray& name, const QByteArray& content)
    {
        QFile file(m_folder.filePath(QString::fromUtf8(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("cannot write a test file");
        return file.fileName().toStdString();
    }

private Q_SLOTS:
    void readsJsonAndYamlAlike_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("json") << QByteArray("config.json") << QByteArray("{\"model_type\": \"bert\", \"hidden_size\": 64, \"eps\": 0.001, \"flag\": true, \"list\": [1, null]}");
        QTest::newRow("yaml") << QByteArray("config.yaml") << QByteArray("model_type: bert\nhidden_size: 64\neps: 1e-3\nflag: yes\nlist: [1, ~]\n");
        QTest::newRow("json in yaml") << QByteArray("config.yml") << QByteArray("{\"model_type\": \"bert\", hidden_size: 64, eps: 0.001, flag: true, list: [1, null]}");
        QTest::newRow("yaml anchors") << QByteArray("a.yaml") << QByteArray("model_type: bert\nhidden_size: &size 64\neps: 0.001\nflag: true\nlist: [1, null]\n");
    }
    void readsJsonAndYamlAlike()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, content);
        const auto config = loadConfig(written(name, content), m_job);
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        QCOMPARE(toJson(config->root), "{\"model_type\":\"bert\",\"hidden_size\":64,\"eps\":0.001,\"flag\":true,\"list\":[1,null]}");
        QVERIFY(config->findings.empty());
    }
    void mergesYamlMaps()
    {
        const auto config = loadConfig(written("config.yaml", "base: &base {a: 1, b: 2}\nown: {<<: *base, b: 3}\n"), m_job);
        QCOMPARE(toJson(*config->root.find("own")), "{\"b\":3,\"a\":1}");
    }
    void refuses_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("rule");
        const auto row = [](const char* what, const char* name, const QByteArray& content, const char* rule) { QTest::newRow(what) << QByteArray(name) << content << QByteArray(rule); };
        row("trailing comma", "config.json", "{\"a\": 1,}", "config-syntax");
        row("cut", "config.json", "{\"a\": [1, ", "truncated");
        row("a list", "config.json", "[1, 2]", "config-format");
        row("a text", "config.yaml", "only words", "config-format");
        row("empty", "config.json", "", "empty");
        row("git-lfs pointer", "config.json", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "git-lfs-pointer");
        row("page", "config.json", "<!DOCTYPE html><html></html>", "html-page");
        row("nested too deep", "config.json", QByteArray(1000, '['), "resource-bomb");
        row("yaml nested too deep", "config.yaml", QByteArray(1000, '['), "resource-bomb");
        row("tab in yaml", "config.yaml", "a:\n\t- b\n", "config-syntax");
        row("tag that constructs", "config.yaml", "a: !!python/object/apply:os.system [\"true\"]\n", "unsafe-pickle");
        row("local tag", "config.yaml", "a: !thing {}\n", "unsafe-pickle");
        row("zeros inside", "config.yaml", QByteArray("a: 1\0\n", 6), "config-syntax");
        row("integer of 5000 digits", "config.json", "{\"hidden_size\": " + QByteArray(5000, '9') + "}", "bad-shape");
        QByteArray bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (int i = 1; i < 10; ++i)
            bomb += "a" + QByteArray::number(i) + ": &a" + QByteArray::number(i) + " [" + (", *a" + QByteArray::number(i - 1)).repeated(10).mid(2) + "]\n";
        row("aliases that multiply", "config.yaml", bomb, "resource-bomb");
    }
    void refuses()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, content);
        const auto config = loadConfig(written(name, content), m_job);
        QVERIFY(!config.has_value());
        QTEST(QByteArray::fromStdString(config.error().rule), "rule");
    }
    void notes_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("inTitle");
        const auto row = [](const char* what, const char* name, const QByteArray& content, const char* rule, const char* inTitle) {
            QTest::newRow(what) << QByteArray(name) << content << QByteArray(rule) << QByteArray(inTitle);
        };
        row("duplicate key", "config.json", "{\"hidden_size\": 64, \"hidden_size\": 128}", "duplicate-key", "hidden_size");
        row("duplicate key in yaml", "config.yaml", "hidden_size: 64\nhidden_size: 128\n", "duplicate-key", "hidden_size");
        row("byte order mark", "config.json", "\xEF\xBB\xBF{\"a\": 1}", "config-syntax", "byte order mark");
        row("NaN", "config.json", "{\"hidden_size\": NaN}", "config-syntax", "NaN");
        row("1e400", "config.json", "{\"rope_theta\": 1e400}", "config-syntax", "rope_theta");
        row("Latin-1", "config.json", "{\"a\": \"caf\xe9\"}", "config-syntax", "UTF-8: byte 10 is 0xe9");
        row("auto_map", "config.json", "{\"auto_map\": {\"AutoModel\": \"other--modeling.Model\"}}", "remote-code", "auto_map");
        row("negative size", "config.json", "{\"hidden_size\": -64}", "bad-shape", "-64");
        row("second document", "config.yaml", "a: 1\n---\nb: 2\n", "config-syntax", "further documents");
        row("map inside itself", "config.yaml", "x: &x {<<: *x, a: 1}\n", "config-syntax", "stands inside");
    }
    void notes()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, inTitle);
        const auto config = loadConfig(written(name, content), m_job);
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        QCOMPARE(config->findings.size(), size_t(1));
        QTEST(QByteArray::fromStdString(config->findings[0].rule), "rule");
        QVERIFY2(config->findings[0].title.find(inTitle.toStdString()) != std::string::npos, config->findings[0].title.c_str());
    }
    void opensAsADocumentWithoutTensors()
    {
        const auto checkpoint = openCheckpoint(written("config.json", "{\"model_type\": \"bert\", \"model_type\": \"bert\"}"), m_job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        QCOMPARE((*checkpoint)->format, "config");
        QCOMPARE((*checkpoint)->tensors.size(), size_t(0));
        QCOMPARE((*checkpoint)->metadata.find("model_type")->stringOr(""), "bert");
        QCOMPARE((*checkpoint)->findings.size(), size_t(1));
    }
    void otherJsonIsNoConfig()
    {
        const auto checkpoint = openCheckpoint(written("other.json", "{\"name\": \"hidden_size\"}").c_str(), m_job);
        QVERIFY(checkpoint.has_value()); // quoted: could be a field
        const auto list = openCheckpoint(written("words.json", "[\"a\", \"b\"]"), m_job);
        QCOMPARE(list.error().rule, "not-a-checkpoint");
    }
};

QTEST_APPLESS_MAIN(TstConfig)
#include "tst_config.moc"
