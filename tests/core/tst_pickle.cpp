// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/limits.h"
#include "core/format/detail/pickle.h"
#include "core/format/detail/pickle_bounds.h"
#include "core/format/detail/pickle_globals.h"
#include "core/format/detail/pickle_text.h"

#include <QTest>

using namespace weighbridge;

namespace {

Result<Pickle> parsed(const QByteArray& bytes)
{
    JobContext job;
    const auto* data = reinterpret_cast<const std::byte*>(bytes.constData());
    return Pickle::parse(memorySource({data, data + bytes.size()}, "test.pkl"), 0, job);
}

/// The value as Python would print it, for small values.
std::string printed(const Pickle& pickle, PickleId id)
{
    const PickleNode& node = pickle[id];
    const auto joined = [&](std::span<const PickleId> children) {
        std::string out;
        for (const PickleId child : children)
            out += (out.empty() ? "" : ",") + printed(pickle, child);
        return out;
    };
    switch (node.kind) {
    case PickleKind::None: return "None";
    case PickleKind::Bool: return node.integer != 0 ? "True" : "False";
    case PickleKind::Int: return std::to_string(node.integer);
    case PickleKind::Float: return QByteArray::number(node.real).toStdString();
    case PickleKind::BigInt: return "int" + std::to_string(node.length);
    case PickleKind::BigDecimal: return "L" + std::string(node.text, static_cast<size_t>(node.length));
    case PickleKind::Text: return "'" + std::string(*pickle.text(id)) + "'";
    case PickleKind::Bytes: return "b'" + std::string(*pickle.text(id)) + "'";
    case PickleKind::List: return "[" + joined(pickle.children(id)) + "]";
    case PickleKind::Tuple: return "(" + joined(pickle.children(id)) + ")";
    case PickleKind::Set: return "{" + joined(pickle.children(id)) + "}";
    case PickleKind::FrozenSet: return "frozen{" + joined(pickle.children(id)) + "}";
    case PickleKind::Dict: return "dict{" + joined(pickle.children(id)) + "}";
    case PickleKind::Persistent: return "pid(" + joined(pickle.children(id)) + ")";
    case PickleKind::Global: return pickle.global(id)->module + "." + pickle.global(id)->name;
    case PickleKind::Object: break;
    }
    const PickleObject& object = pickle.object(id);
    std::string out = printed(pickle, object.callee) + (object.arguments ? printed(pickle, *object.arguments) : "");
    if (object.state)
        out += "<-" + printed(pickle, *object.state);
    return out + (object.items.empty() ? "" : "+" + joined(object.items)) + (object.pairs.empty() ? "" : "=" + joined(object.pairs));
}

} // namespace

class TestPickle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
    void judgesGlobals_data();
    void judgesGlobals();
    void namesEveryGlobalEvenIfItsValueIsDropped();
    void keepsWhatStoodBeforeABreak();
    void measuresDeepAndUnfoldingValues();
    void readsLongTextsFromTheSource();
    void decodesTexts();
};

#define ROW(name, bytes, value) QTest::newRow(name) << QByteArray(bytes, sizeof(bytes) - 1) << value

void TestPickle::reads_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("value");
    ROW("None", "N.", "None");
    ROW("protocol 0 true", "I01\n.", "True");
    ROW("protocol 0 int", "I-42\n.", "-42");
    ROW("protocol 0 long", "L123456789012345678901234567890L\n.", "L123456789012345678901234567890");
    ROW("protocol 0 float", "F-1.5\n.", "-1.5");
    ROW("protocol 0 str", "S'a\\x62\\n'\n.", "b'ab\n'");
    ROW("protocol 0 unicode", "V\\u00e4x\n.", QString::fromUtf8("'\xc3\xa4x'"));
    ROW("protocol 0 list, dict and memo", "(Vk\np0\n(lp1\nI1\na(dp2\ng0\ng1\nst.", "('k',[1],dict{'k',[1]})");
    ROW("protocol 0 persistent id", "Pkey\n.", "pid('key')");
    ROW("protocol 0 instance", "(I1\nimod\ncls\n.", "mod.cls(1)");
    ROW("protocol 1 object", "(cmod\ncls\nK\x05o.", "mod.cls(5)");
    ROW("protocol 1 ints", "(J\xff\xff\xff\xffK\xffM\xff\xfft.", "(-1,255,65535)");
    ROW("protocol 1 float", "G\x3f\xf8\0\0\0\0\0\0.", "1.5");
    ROW("protocol 1 str", "(U\x01" "aT\x01\0\0\0bt.", "(b'a',b'b')");
    ROW("protocol 2 long", "\x80\x02(\x8a\x02\xff\xff\x8a\0\x8b\x01\0\0\0\x7ft.", "(-1,0,127)");
    ROW("protocol 2 large long", "\x80\x02\x8a\x09\1\2\3\4\5\6\7\x08\x09.", "int9");
    ROW("protocol 2 tuples and booleans", "\x80\x02\x88\x89N\x87\x85.", "((True,False,None))");
    ROW("protocol 2 new object", "\x80\x02" "cmod\ncls\n)\x81}X\1\0\0\0aK\1sb.", "mod.cls()<-dict{'a',1}");
    ROW("a list's subclass", "\x80\x02" "cmod\ncls\n)\x81(K\1K\2e.", "mod.cls()+1,2");
    ROW("a dict's subclass", "\x80\x02" "ccollections\nOrderedDict\n)R(K\1K\2u.", "collections.OrderedDict()=1,2");
    ROW("protocol 3 bytes", "\x80\x03" "C\2abB\1\0\0\0c\x86.", "(b'ab',b'c')");
    ROW("protocol 4", "\x80\x04\x95\x12\0\0\0\0\0\0\0\x8c\3mod\x94\x8c\3cls\x94\x93\x94)R\x94.", "mod.cls()");
    ROW("protocol 4 sets", "\x80\x04\x8f(K\1K\2\x90(K\3\x91\x86.", "({1,2},frozen{3})");
    ROW("protocol 4 keywords", "\x80\x04" "cmod\ncls\n)}\x92.", "mod.cls()");
    ROW("protocol 5 bytearray", "\x80\x05\x96\2\0\0\0\0\0\0\0ab.", "b'ab'");
    ROW("POP and DUP", "K\1K\0020" "2\x86.", "(1,1)");
    ROW("POP_MARK", "K\1(K\2K\0031.", "1");
    ROW("a memo that is not in order", "K\7r\0\0\1\0" "0j\0\0\1\0.", "7");
}

void TestPickle::reads()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, value);
    const auto pickle = parsed(bytes);
    QVERIFY2(pickle, pickle ? "" : pickle.error().message.c_str());
    QCOMPARE(QString::fromStdString(printed(*pickle, pickle->root())), value);
    QCOMPARE(pickle->end(), static_cast<uint64_t>(bytes.size()));
    for (qsizetype cut = 0; cut < bytes.size(); ++cut) // a pickle ends with its STOP and nowhere before
        QVERIFY2(!parsed(bytes.first(cut)), qPrintable(QString("cut at %1").arg(cut)));
}

void TestPickle::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("rule");
    ROW("nothing", "", "empty");
    ROW("no STOP", "K\1", "truncated");
    ROW("an empty stack", ".", "corrupt");
    ROW("a tuple of too few", "K\1\x86.", "corrupt");
    ROW("a mark that is not there", "t.", "corrupt");
    ROW("a value below the mark", "K\1(\x85.", "corrupt");
    ROW("an unknown operation", "\xff.", "corrupt");
    ROW("protocol 6", "\x80\x06N.", "unsupported-version");
    ROW("a memo entry that is not there", "h\5.", "corrupt");
    ROW("a text of 4 GB", "X\xff\xff\xff\xff" "a.", "truncated");
    ROW("a text of 2^63", "\x8d\0\0\0\0\0\0\0\x80" "a.", "truncated");
    ROW("bytes of 1 TB", "\x8e\0\0\0\0\0\1\0\0a.", "truncated");
    ROW("a bytearray of 64 GB", "\x96\0\0\0\0\x10\0\0\0a.", "truncated");
    ROW("a frame of 2^63", "\x95\0\0\0\0\0\0\0\x80N.", "truncated");
    ROW("a negative length", "\x8b\xfb\xff\xff\xff.", "corrupt");
    ROW("a negative text", "T\xfb\xff\xff\xff.", "corrupt");
    ROW("a number that is none", "Iabc\n.", "corrupt");
    ROW("a text without quotes", "Sabc\n.", "corrupt");
    ROW("items of a tuple", ")(K\1K\2u.", "corrupt");
    ROW("items of a list", "](K\1K\2u.", "corrupt");
    ROW("appending to a dict", "}(K\1e.", "corrupt");
    ROW("a key without a value", "}(K\1u.", "corrupt");
    ROW("a list as key", "}]K\1s.", "corrupt");
    ROW("calling a number", "K\1)R.", "corrupt");
    ROW("arguments that are no tuple", "cm\nc\nK\1R.", "corrupt");
    ROW("a state for a number", "K\1}b.", "corrupt");
    ROW("a class named by a number", "K\1K\2\x93.", "corrupt");
    ROW("a buffer outside", "\x97.", "corrupt");
    QTest::newRow("400 000 digits") << QByteArray("I") + QByteArray(400000, '1') + "\n." << "corrupt";
}

void TestPickle::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, rule);
    const auto pickle = parsed(bytes);
    QVERIFY(!pickle);
    QCOMPARE(QString::fromStdString(pickle.error().rule), rule);
    QVERIFY(!pickle.error().message.empty());
}

void TestPickle::judgesGlobals_data()
{
    QTest::addColumn<QString>("module");
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("called");
    QTest::addColumn<int>("safety");
    const auto row = [](const char* module, const char* name, bool called, GlobalSafety safety) {
        QTest::newRow(qPrintable(QString("%1.%2%3").arg(module, name, called ? "()" : ""))) << module << name << called << static_cast<int>(safety);
    };
    using enum GlobalSafety;
    row("torch._utils", "_rebuild_tensor_v2", true, TorchAllowed);
    row("torch", "FloatStorage", false, TorchAllowed);
    row("torch", "float8_e4m3fn", false, TorchAllowed);
    row("torch", "per_channel_affine", false, TorchAllowed);
    row("collections", "OrderedDict", true, TorchAllowed);
    row("numpy._core.multiarray", "_reconstruct", true, Benign);
    row("numpy", "float32", false, Benign);
    row("argparse", "Namespace", true, Benign);
    row("pathlib", "PosixPath", true, Benign);
    row("omegaconf.dictconfig", "DictConfig", true, Benign);
    row("builtins", "list", true, Benign);
    row("__builtin__", "set", true, TorchAllowed);
    row("mymodel", "Config", true, Unknown);
    row("torch.nn.modules.linear", "Linear", true, Unknown);
    row("torch.nn.functional", "relu", false, Unknown);
    row("transformers.models.bert.modeling_bert", "BertModel", true, Unknown);
    row("builtins", "print", true, Dangerous);
    row("builtins", "eval", false, Dangerous);
    row("__builtin__", "getattr", true, Dangerous);
    row("os", "system", true, Dangerous);
    row("posix", "system", true, Dangerous);
    row("subprocess", "Popen", true, Dangerous);
    row("commands", "getoutput", true, Dangerous);
    row("functools", "partial", true, Dangerous);
    row("builtins", "print.__self__", false, Dangerous);
    row("mymodel", "Config.__init__.__globals__", false, Dangerous);
    row("torch", "load", true, Dangerous);
    row("torch.hub", "load", true, Dangerous);
    row("torch.utils.collect_env", "run", true, Dangerous);
    row("torch.nn.functional", "relu", true, Dangerous);
    row("numpy.testing._private.utils", "runstring", true, Dangerous);
    row("copyreg", "extension 7", true, Dangerous);
    row("pip", "main", true, Dangerous);
    row("dill._dill", "_create_function", true, Dangerous);
}

void TestPickle::judgesGlobals()
{
    QFETCH(QString, module);
    QFETCH(QString, name);
    QFETCH(bool, called);
    QFETCH(int, safety);
    QCOMPARE(static_cast<int>(safetyOf({module.toStdString(), name.toStdString(), 0, called})), safety);
}

void TestPickle::namesEveryGlobalEvenIfItsValueIsDropped()
{
    const auto pickle = parsed(QByteArray("cos\nsystem\n0cbuiltins\neval\n)R0N."));
    QVERIFY(pickle);
    QCOMPARE(pickle->globals().size(), size_t{2});
    QCOMPARE(pickle->globals()[0].name, std::string("system"));
    QVERIFY(!pickle->globals()[0].isCalled);
    QVERIFY(pickle->globals()[1].isCalled);
}

void TestPickle::keepsWhatStoodBeforeABreak()
{
    JobContext job;
    std::optional<Error> error;
    const QByteArray bytes("cos\nsystem\n)R\xff");
    const auto* data = reinterpret_cast<const std::byte*>(bytes.constData());
    const Pickle pickle = Pickle::parsePart(memorySource({data, data + bytes.size()}, "test.pkl"), 0, job, error);
    QVERIFY(error);
    QCOMPARE(pickle.globals().size(), size_t{1});
}

void TestPickle::measuresDeepAndUnfoldingValues()
{
    const auto deep = parsed(QByteArray(")") + QByteArray(100000, '\x85') + ".");
    QVERIFY(deep);
    QCOMPARE(measure(*deep).depth, size_t{100000});
    QCOMPARE(boundsFindings(measure(*deep)).size(), size_t{1});
    QByteArray pairs(")");
    for (int level = 0; level < 60; ++level)
        pairs += "2\x86";
    const auto laughs = parsed(pairs + ".");
    QVERIFY(laughs);
    QVERIFY(measure(*laughs).isHuge());
    QVERIFY(!measure(*laughs).keyUnfolds);
    QVERIFY(measure(*laughs).isMostlyRepeated());
    const auto fewer = parsed(pairs.first(1 + 2 * 24) + ".");
    QVERIFY(fewer);
    QVERIFY(!measure(*fewer).isHuge() && measure(*fewer).isMostlyRepeated());
    const auto shared = parsed(pairs.first(1 + 2 * 10) + ".");
    QVERIFY(shared);
    QVERIFY(!measure(*shared).isMostlyRepeated());
    const auto key = parsed("}" + pairs + "Ns.");
    QVERIFY(key);
    QVERIFY(measure(*key).keyUnfolds);
    const auto cycle = parsed(QByteArray("]q\0h\0a.", 7));
    QVERIFY(cycle);
    QVERIFY(boundsFindings(measure(*cycle)).empty());
}

void TestPickle::readsLongTextsFromTheSource()
{
    const QByteArray body(200000, 'x');
    const auto pickle = parsed(QByteArray("X\x40\x0d\x03\0", 5) + body + ".");
    QVERIFY(pickle);
    QVERIFY(!pickle->text(pickle->root()));
    const auto content = pickle->content(pickle->root(), limits::MiB);
    QVERIFY(content);
    QCOMPARE(content->size(), size_t{200000});
    const auto refused = pickle->content(pickle->root(), 1000);
    QVERIFY(!refused);
    QCOMPARE(refused.error().rule, std::string("resource-bomb"));
}

void TestPickle::decodesTexts()
{
    QCOMPARE(decodeQuoted("'a\\x41\\101\\t\\\\'").value_or("?"), std::string("aAA\t\\"));
    QVERIFY(!decodeQuoted("'a"));
    QVERIFY(!decodeQuoted("'a\""));
    QCOMPARE(decodeRawUnicodeEscape("\xe4\\u20ac\\U0001f600"), std::string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
    QCOMPARE(latin1FromUtf8("a\xc3\xbf\xc2\x80").value_or("?"), std::string("a\xff\x80"));
    QVERIFY(!latin1FromUtf8("\xe2\x82\xac"));
    QVERIFY(!latin1FromUtf8("\xc3"));
}

QTEST_APPLESS_MAIN(TestPickle)
#include "tst_pickle.moc"
