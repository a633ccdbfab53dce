// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/tokenizer/sentencepiece.h"
#include "core/tokenizer/tokenizer.h"

#include <QtTest>

using namespace weighbridge;

namespace {

/// Made by tools/make_tokenizer_data.py; a larger set of the same form may be named instead.
QString dataFolder()
{
    return qEnvironmentVariable("WEIGHBRIDGE_TOKENIZER_DATA", QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/tokenizer"));
}

Value readJson(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const auto document = parseJson(file.readAll().toStdString());
    return document ? document->value : Value();
}

/// The texts of a kind: its own, or those that all share.
Value textsOf(const QString& folder)
{
    return readJson(QFile::exists(folder + "/texts.json") ? folder + "/texts.json" : dataFolder() + "/texts.json");
}

Result<TokenizerPtr> loadFrom(const QString& folder)
{
    const Value config = readJson(folder + "/config.json");
    return loadTokenizer(folder.toStdString(), config.find("model_type") ? config.find("model_type")->stringOr("") : "");
}

std::vector<int64_t> integers(const Value& list)
{
    std::vector<int64_t> out;
    for (const Value& value : *list.list())
        out.push_back(*value.integer());
    return out;
}

QByteArray printed(const std::vector<int64_t>& ids)
{
    QByteArray out;
    for (const int64_t id : ids)
        out += QByteArray::number(static_cast<qlonglong>(id)) + ' ';
    return out;
}

Result<TokenizerPtr> fromText(const char* json)
{
    const auto document = parseJson(json);
    return document ? Tokenizer::fromJson(document->value) : tl::unexpected(document.error());
}

} // namespace

/// Ids as the `tokenizers` library gives them, and what a hostile file may not do.
class TstTokenizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsAreThoseOfTheReference_data()
    {
        QTest::addColumn<QString>("folder");
        const QStringList folders = QDir(dataFolder()).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QVERIFY(folders.size() >= 6);
        for (const QString& folder : folders)
            QTest::newRow(qPrintable(folder)) << dataFolder() + '/' + folder;
    }
    void idsAreThoseOfTheReference()
    {
        QFETCH(QString, folder);
        const auto tokenizer = loadFrom(folder);
        QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().message.c_str());
        const Value texts = textsOf(folder);
        const Value expected = readJson(folder + "/ids.json");
        QCOMPARE(texts.list()->size(), expected.list()->size());
        size_t different = 0;
        QByteArray first;
        for (size_t i = 0; i < texts.list()->size(); ++i) {
            const std::string& text = *(*texts.list())[i].string();
            const auto encoding = (*tokenizer)->encode(text);
            QVERIFY2(encoding, encoding ? "" : encoding.error().message.c_str());
            const auto wanted = integers((*expected.list())[i]);
            if (encoding->ids == wanted)
                continue;
            if (different++ == 0)
                first = "line " + QByteArray::number(static_cast<qulonglong>(i)) + ": " + toJson(Value(text)).c_str() + "\n  found    " + printed(encoding->ids) + "\n  expected " + printed(wanted);
        }
        QVERIFY2(different == 0, QByteArray::number(static_cast<qulonglong>(different)) + " lines differ, the first is " + first);
    }

    void pairsAreThoseOfTheReference_data() { idsAreThoseOfTheReference_data(); }
    void pairsAreThoseOfTheReference()
    {
        QFETCH(QString, folder);
        const auto tokenizer = loadFrom(folder);
        QVERIFY(tokenizer);
        const Value texts = textsOf(folder);
        const Value expected = readJson(folder + "/pair.json");
        const auto encoding = (*tokenizer)->encode(*(*texts.list())[5].string(), *(*texts.list())[6].string());
        QVERIFY(encoding);
        QCOMPARE(encoding->ids, integers(*expected.find("ids")));
        QCOMPARE(encoding->typeIds, integers(*expected.find("type_ids")));
    }

    void vocabTxtGivesWhatTokenizerJsonGives()
    {
        QTemporaryDir folder;
        const QString sample = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained/");
        QVERIFY(QFile::copy(sample + "vocab.txt", folder.filePath("vocab.txt")));
        QVERIFY(QFile::copy(sample + "tokenizer_config.json", folder.filePath("tokenizer_config.json")));
        const auto old = loadTokenizer(folder.path().toStdString(), "bert");
        const auto now = loadTokenizer(sample.toStdString(), "bert");
        QVERIFY(old && now);
        const Value texts = readJson(dataFolder() + "/texts.json");
        for (const Value& text : *texts.list())
            QCOMPARE((*old)->encode(*text.string())->ids, (*now)->encode(*text.string())->ids);
    }

    void mergesTxtGivesWhatTokenizerJsonGives()
    {
        QTemporaryDir folder;
        const Value root = readJson(dataFolder() + "/byte_level/tokenizer.json");
        const Value& model = *root.find("model");
        QByteArray merges = "#version: 0.2\n";
        for (const Value& merge : *model.find("merges")->list())
            merges += ((*merge.list())[0].stringOr("") + " " + (*merge.list())[1].stringOr("") + "\n").c_str();
        write(folder.filePath("merges.txt"), merges);
        write(folder.filePath("vocab.json"), toJson(*model.find("vocab")).c_str());
        const auto old = loadTokenizer(folder.path().toStdString(), "roberta");
        const auto now = loadTokenizer((dataFolder() + "/byte_level").toStdString(), "roberta");
        QVERIFY(old && now);
        for (const char* text : {"The little people.", "it's  <unk> 3.14", "  café</s>\n"})
            QCOMPARE((*old)->encode(text)->ids, (*now)->encode(text)->ids);
    }

    void textsComeBack_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("text");
        QTest::newRow("words") << "word_piece" << "the little water was made";
        QTest::newRow("bytes") << "byte_level" << "It's a naïve café, 你好 👍🏽";
        QTest::newRow("byte fallback") << "byte_fallback" << " you may know \U0001F9EC";
        QTest::newRow("signs for spaces") << "unigram" << " they can find it";
    }
    void textsComeBack()
    {
        QFETCH(QString, kind);
        QFETCH(QString, text);
        const auto tokenizer = loadTokenizer((QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/tokenizer/") + kind).toStdString(), "");
        QVERIFY(tokenizer);
        const auto ids = (*tokenizer)->encode(text.trimmed().toStdString())->ids;
        QCOMPARE(QString::fromStdString((*tokenizer)->decode(ids)), text);
    }

    void longTextsAreCutWithTheirSpecialTokensKept()
    {
        const auto tokenizer = loadTokenizer((dataFolder() + "/word_piece").toStdString(), "");
        QVERIFY(tokenizer);
        const auto one = (*tokenizer)->encode("the people find the water and the words", {}, 5);
        QCOMPARE(one->ids.size(), size_t(5));
        QCOMPARE(one->ids.front(), int64_t(2));
        QCOMPARE(one->ids.back(), int64_t(3));
        QVERIFY(one->isCut);
        const auto two = (*tokenizer)->encode("the people find the water", "and the words", 9);
        QCOMPARE(two->ids.size(), size_t(9));
        QCOMPARE(std::count(two->sequence.begin(), two->sequence.end(), 0), 3);
        QCOMPARE(std::count(two->sequence.begin(), two->sequence.end(), 1), 3);
    }

    void hostileFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("rule");
        const QByteArray model = "\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"[UNK]\":0,\"a\":1}}";
        QTest::newRow("no model") << QByteArray("{}") << "corrupt";
        QTest::newRow("model of another kind") << QByteArray("{\"model\":{\"type\":\"Oracle\"}}") << "tokenizer-unknown";
        QTest::newRow("no vocabulary") << QByteArray("{\"model\":{\"type\":\"BPE\"}}") << "corrupt";
        QTest::newRow("negative number") << QByteArray("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1},\"merges\":[]}}") << "corrupt";
        QTest::newRow("number beyond any embedding") << QByteArray("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":1099511627776},\"merges\":[]}}") << "resource-bomb";
        QTest::newRow("added number beyond any embedding") << "{" + model + ",\"added_tokens\":[{\"content\":\"x\",\"id\":1e300}]}" << "resource-bomb";
        QTest::newRow("unknown token that is not there") << QByteArray("{\"model\":{\"type\":\"Unigram\",\"unk_id\":2,\"vocab\":[[\"a\",0],[\"b\",0]]}}") << "corrupt";
        QTest::newRow("merges of nothing") << QByteArray("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":1},\"merges\":[\"a b\"]}}") << "corrupt";
        QTest::newRow("no token for unknown words") << QByteArray("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":1}}}") << "corrupt";
        QTest::newRow("normalizer that is not known") << "{" + model + ",\"normalizer\":{\"type\":\"Oracle\"}}" << "tokenizer-unknown";
        QTest::newRow("charsmap that is cut") << "{" + model + ",\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"/////w==\"}}" << "corrupt";
        QTest::newRow("pattern that is none") << "{" + model + ",\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\"}}" << "corrupt";
        QTest::newRow("added token without a number") << "{" + model + ",\"added_tokens\":[{\"content\":\"x\"}]}" << "corrupt";
        QTest::newRow("template of nothing") << "{" + model + ",\"post_processor\":{\"type\":\"TemplateProcessing\"}}" << "corrupt";
    }
    void hostileFilesAreRefused()
    {
        QFETCH(QByteArray, json);
        QFETCH(QString, rule);
        const auto tokenizer = fromText(json.constData());
        QVERIFY(!tokenizer);
        QCOMPARE(QString::fromStdString(tokenizer.error().rule), rule);
    }

    void filesOpenByThemselves_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("rule"); ///< of the error or the first finding; empty: neither
        QTest::addColumn<int>("tokens");   ///< -1: it does not open
        const auto row = [](const char* what, const char* name, QByteArray bytes, const char* rule, int tokens) {
            QTest::newRow(what) << QString::fromLatin1(name) << std::move(bytes) << QString::fromLatin1(rule) << tokens;
        };
        row("tokenizer.json", "tokenizer.json", "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1},\"merges\":[]}}", "", 2);
        row("under another name", "old.json", "{\"added_tokens\":[],\"model\":{\"vocab\":{\"a\":0},\"merges\":[]}}", "", 1);
        row("a kind that is not known", "tokenizer.json", "{\"model\":{\"type\":\"Oracle\",\"vocab\":{\"a\":0}}}", "unsupported-version", 1);
        row("token twice", "tokenizer.json", "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"a\":1},\"merges\":[]}}", "duplicate-key", 2);
        row("number twice", "vocab.json", "{\"a\":0,\"b\":0}", "inconsistent-index", 2);
        row("number that is none", "vocab.json", "{\"a\":\"0\"}", "corrupt", -1);
        row("number below 0", "added_tokens.json", "{\"a\":-1}", "corrupt", -1);
        row("cut", "vocab.json", "{\"a\":0,", "truncated", -1);
        row("no tokenizer", "tokenizer.json", "{\"a\":0}", "corrupt", -1);
        row("lines", "vocab.txt", "[PAD]\n[UNK]\r\na\n", "", 3);
        row("line twice", "vocab.txt", "a\nb\na\n", "duplicate-key", 3);
        row("bytes that are no text", "vocab.txt", QByteArray("a\0b\n", 4), "not-a-checkpoint", -1);
        row("config beside it", "tokenizer_config.json", "{\"chat_template\":\"{% for i in range(10**9) %}x{% endfor %}\"}", "", 0);
    }
    void filesOpenByThemselves()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, rule);
        QFETCH(int, tokens);
        const auto data = std::as_bytes(std::span(bytes.constData(), static_cast<size_t>(bytes.size())));
        JobContext job;
        const auto checkpoint = openSource(memorySource({data.begin(), data.end()}, name.toStdString()), job);
        QCOMPARE(checkpoint.has_value(), tokens >= 0);
        const std::string said = !checkpoint ? checkpoint.error().rule : checkpoint->findings.empty() ? "" : checkpoint->findings.front().rule;
        QCOMPARE(QString::fromStdString(said), rule);
        if (tokens > 0)
            QCOMPARE(*checkpoint->metadata.find("vocabulary_size")->integer(), tokens);
        QVERIFY(!checkpoint || checkpoint->tensors.empty());
    }

    void aSentencepieceModelOfLongTokensIsStoppedEarly()
    {
        QByteArray model;
        const QByteArray text(1000, 'a'); // all ways to divide so many of these would take minutes
        const QByteArray piece = QByteArray("\x0A\xE8\x07", 3) + text;
        for (int i = 0; i < 1200; ++i)
            model += QByteArray("\x0A\xEB\x07", 3) + piece;
        const auto data = std::as_bytes(std::span(model.constData(), static_cast<size_t>(model.size())));
        const auto json = sentencepieceAsJson(*memorySource({data.begin(), data.end()}, "tokenizer.model"), "");
        QVERIFY(!json);
        QCOMPARE(json.error().rule, std::string("resource-bomb"));
    }

    void textsThatExplodeAreStopped()
    {
        QByteArray steps;
        for (int i = 0; i < 40; ++i)
            steps += QByteArray(i ? "," : "") + "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}";
        const auto tokenizer = fromText("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"[UNK]\":0}},\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[" + steps + "]}}");
        QVERIFY(tokenizer);
        const auto encoding = (*tokenizer)->encode("aaaa");
        QVERIFY(!encoding);
        QCOMPARE(encoding.error().rule, std::string("resource-bomb"));
    }

    void patternsThatBacktrackForeverGiveUp()
    {
        const auto tokenizer = fromText("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"[UNK]\":0}},"
                                        "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a+)+$\"},\"behavior\":\"Isolated\"}}");
        QVERIFY(tokenizer);
        QVERIFY((*tokenizer)->encode(std::string(60, 'a') + "b"));
    }

    void aFolderWithoutATokenizerSaysSo()
    {
        QTemporaryDir folder;
        const auto tokenizer = loadTokenizer(folder.path().toStdString(), "");
        QVERIFY(!tokenizer);
        QCOMPARE(tokenizer.error().rule, std::string("tokenizer-missing"));
    }

private:
    static void write(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }
};

QTEST_GUILESS_MAIN(TstTokenizer)
#include "tst_tokenizer.moc"
