// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/check_text.h"
#include "ui/models/tensor_tree.h"

#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// One line per node, indented by depth: "+" opens by default; label, note, worst state and count of tensors of groups.
void print(const TensorTree& tree, int node, int depth, QByteArray& out)
{
    for (int i = 0; i < tree.node(node).children; ++i) {
        const int child = tree.node(node).firstChild + i;
        const TensorNode& n = tree.node(child);
        const auto text = [](std::string_view view) { return QByteArray(view.data(), qsizetype(view.size())); };
        out += QByteArray(depth * 2, ' ') + text(tree.label(child));
        if (!tree.note(child).empty())
            out += "  " + text(tree.note(child));
        out += n.kind == TensorNode::Kind::Tensor ? " " + text(word(n.worst)) : " [" + QByteArray::number(n.worstTensors) + " " + text(word(n.worst)) + "]";
        out += "\n";
        print(tree, child, depth + 1, out);
    }
}

QByteArray printed(const TensorTree& tree)
{
    QByteArray out;
    print(tree, TensorTree::root, 0, out);
    return out;
}

QByteArray treeOfFile(std::string_view tensors)
{
    return printed(TensorTree(TensorRows::fromCheckpoint(checkpointOf(tensors))));
}

std::string layers(std::initializer_list<int> numbers, std::string_view names)
{
    std::string out;
    for (const int number : numbers)
        for (const std::string_view name : split(names, ' '))
            out += "encoder.layer." + std::to_string(number) + "." + std::string(name) + "\n";
    return out;
}

} // namespace

class TstTensorTree : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void modulesAreSegmentsInTheFilesOrder()
    {
        QCOMPARE(treeOfFile("b.x.one\nb.x.two\nb.x.three\na/y/one\nb.last\n"),
            "b [4 present]\n"
            "  x [3 present]\n"
            "    one present\n"
            "    two present\n"
            "    three present\n"
            "  last present\n"
            "a/y/one present\n");
    }
    void chainsAreJoinedAndSmallModulesGiveTheirTensorsUp()
    {
        QCOMPARE(treeOfFile("m.attention.self.query.weight\nm.attention.self.query.bias\nm.attention.self.key.weight\nm.pooler.dense.weight\nm.pooler.dense.bias\n"),
            "m [5 present]\n"
            "  attention.self [3 present]\n"
            "    query.weight present\n"
            "    query.bias present\n"
            "    key.weight present\n"
            "  pooler.dense.weight present\n"
            "  pooler.dense.bias present\n");
    }
    void aTensorMayHaveTheNameOfAModule()
    {
        QCOMPARE(treeOfFile("a.b\na.b.c\na.b.d\na.b.e\n"),
            "a [4 present]\n"
            "  b present\n"
            "  b [3 present]\n"
            "    c present\n"
            "    d present\n"
            "    e present\n");
    }
    void emptySegmentsAndNamesAreKept() { QCOMPARE(treeOfFile(".\n..x\n"), " [2 present]\n   present\n  .x present\n"); }
    void layersThatAreAlikeFold()
    {
        QCOMPARE(treeOfFile(layers({0, 1, 2, 4, 5}, "q k v") + "encoder.layer.3.q 9x9\nencoder.layer.3.k\nencoder.layer.3.v\nencoder.norm\n"),
            "encoder [19 present]\n"
            "  layer.{0–2}  3 alike [9 present]\n"
            "    layer.0 [3 present]\n      q present\n      k present\n      v present\n"
            "    layer.1 [3 present]\n      q present\n      k present\n      v present\n"
            "    layer.2 [3 present]\n      q present\n      k present\n      v present\n"
            "  layer.3 [3 present]\n    q present\n    k present\n    v present\n"
            "  layer.{4, 5}  2 alike [6 present]\n"
            "    layer.4 [3 present]\n      q present\n      k present\n      v present\n"
            "    layer.5 [3 present]\n      q present\n      k present\n      v present\n"
            "  norm present\n");
    }
    void layersComeByTheirNumberWhateverTheFilesOrder()
    {
        const QByteArray tree = treeOfFile(layers({0, 1, 10, 11, 2}, "q k v"));
        QVERIFY2(tree.contains("layer.{0–2}  3 alike"), tree.constData());
        QVERIFY2(tree.contains("layer.{10, 11}  2 alike"), tree.constData());
    }
    void differentNamesShapesOrDtypesDoNotFold_data()
    {
        QTest::addColumn<QByteArray>("second");
        QTest::addColumn<bool>("folds");
        QTest::newRow("alike") << QByteArray("l.1.a 2x2 F32\nl.1.b 2x2 F32\nl.1.c 2x2 F32") << true;
        QTest::newRow("shape") << QByteArray("l.1.a 2x2 F32\nl.1.b 2x3 F32\nl.1.c 2x2 F32") << false;
        QTest::newRow("dtype") << QByteArray("l.1.a 2x2 F32\nl.1.b 2x2 F16\nl.1.c 2x2 F32") << false;
        QTest::newRow("name") << QByteArray("l.1.a 2x2 F32\nl.1.B 2x2 F32\nl.1.c 2x2 F32") << false;
        QTest::newRow("order") << QByteArray("l.1.b 2x2 F32\nl.1.a 2x2 F32\nl.1.c 2x2 F32") << false;
        QTest::newRow("one more") << QByteArray("l.1.a 2x2 F32\nl.1.b 2x2 F32\nl.1.c 2x2 F32\nl.1.d 2x2 F32") << false;
    }
    void differentNamesShapesOrDtypesDoNotFold()
    {
        QFETCH(QByteArray, second);
        const QByteArray tree = treeOfFile("l.0.a 2x2 F32\nl.0.b 2x2 F32\nl.0.c 2x2 F32\n" + second.toStdString());
        QTEST(tree.contains("2 alike"), "folds");
    }
    void alternatingLayersFoldAsEvenAndOdd()
    {
        std::string text;
        for (int i = 0; i < 12; ++i)
            for (const char* name : {"a", "b", "c"})
                text += "m.layers." + std::to_string(i) + "." + name + (i % 2 ? " 2x2\n" : " 3x3\n");
        const QByteArray tree = treeOfFile(text);
        QVERIFY2(tree.contains("layers.{0, 2, …, 10}  even [18 present]"), tree.constData());
        QVERIFY2(tree.contains("layers.{1, 3, …, 11}  odd [18 present]"), tree.constData());
    }
    void oneMissingTensorMakesItsLayerStandAlone()
    {
        const std::string expected = layers({0, 1, 2, 3, 4, 5}, "q k v");
        std::string found = expected;
        found.erase(found.find("encoder.layer.3.k\n"), std::string("encoder.layer.3.k\n").size());
        const TensorTree tree(TensorRows::fromCheck(checkOf(expected, found)));
        const QByteArray text = printed(tree);
        QVERIFY2(text.startsWith("TestModel [1 missing]\n  encoder [1 missing]\n    layer.{0–2}  3 alike [9 matched]\n"), text.constData());
        QVERIFY2(text.contains("    layer.3 [1 missing]\n      q matched\n      k missing\n      v matched\n    layer.{4, 5}  2 alike"), text.constData());
        const int deviating = tree.nodeOfModule("encoder.layer.3");
        QVERIFY(deviating > 0 && tree.node(deviating).opensByDefault);
        QCOMPARE(tree.node(deviating).deviating, 1u);
    }
    void twoLayersThatDeviateAlikeStandAlone()
    {
        const std::string expected = layers({0, 1, 2, 3}, "q k v");
        const QByteArray text = printed(TensorTree(TensorRows::fromCheck(checkOf(expected, layers({0, 3}, "q k v")))));
        QVERIFY2(text.contains("layer.1 [3 missing]") && text.contains("layer.2 [3 missing]"), text.constData());
    }
    void whereAllDeviateAlikeTheyFold()
    {
        const std::string expected = layers({0, 1, 2}, "q k v");
        const QByteArray text = printed(TensorTree(TensorRows::fromCheck(checkOf(expected, "other\n"))));
        QVERIFY2(text.contains("layer.{0–2}  3 alike [9 missing]"), text.constData());
        QVERIFY2(text.endsWith("In the file only [1 unexpected]\n  other unexpected\n"), text.constData());
    }
    void afterTheFixTheSameTensorsMatch()
    {
        const auto check = checkOf("a.w\nb.w\n", "module.a.w\nmodule.b.w\n", "module.");
        QCOMPARE(printed(TensorTree(TensorRows::fromCheck(check))),
            "TestModel [2 missing]\n  a.w missing\n  b.w missing\nIn the file only [2 unexpected]\n  module [2 unexpected]\n    a.w unexpected\n    b.w unexpected\n");
        QCOMPARE(printed(TensorTree(TensorRows::fromCheck(check, View::AfterFix))), "TestModel [2 matched]\n  a.w matched\n  b.w matched\n");
        QVERIFY(!TensorRows::fromCheck(checkOf("a\n", "a\n"), View::AfterFix));
    }
    void aTiedTensorNamesTheOneThatIsStored_data()
    {
        QTest::addColumn<QByteArray>("found");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("the source") << QByteArray("embed") << QByteArray("decoder=embed head=embed");
        QTest::newRow("a target") << QByteArray("head") << QByteArray("embed=head decoder=head");
        QTest::newRow("both but one") << QByteArray("embed\ndecoder") << QByteArray("head=embed");
        QTest::newRow("all") << QByteArray("embed\ndecoder\nhead") << QByteArray();
    }
    void aTiedTensorNamesTheOneThatIsStored()
    {
        QFETCH(QByteArray, found);
        const auto check = checkOf("embed\nnorm\ndecoder\nhead\n", found.toStdString() + "\nnorm\n");
        tie(*check, "decoder", "embed");
        tie(*check, "head", "embed");
        const TensorRowsPtr rows = TensorRows::fromCheck(check);
        QByteArrayList named;
        for (const TensorRow& row : rows->rows()) {
            QCOMPARE(row.state == RowState::Tied, row.tiedTo >= 0);
            if (row.tiedTo >= 0)
                named << QByteArray::fromStdString(std::string(row.name) + "=" + std::string(rows->rows()[size_t(row.tiedTo)].name));
        }
        QTEST(named.join(' '), "named");
        QCOMPARE(rows->tiedCount(), size_t(named.size()));
    }
    void findingsAboutValuesMakeRowsWorse()
    {
        auto check = checkOf("a.w\nb.w\n", "a.w\nb.w\n");
        Finding finding;
        finding.rule = "never-loaded-layer";
        finding.severity = Severity::Error;
        finding.tensors = {"b.w"};
        check->findings.push_back(finding);
        QCOMPARE(printed(TensorTree(TensorRows::fromCheck(check))), "TestModel [1 never trained]\n  a.w matched\n  b.w never trained\n");
        check->findings[0].severity = Severity::Note; // harmless, and yet not trained
        QCOMPARE(printed(TensorTree(TensorRows::fromCheck(check))), "TestModel [1 never trained]\n  a.w matched\n  b.w never trained\n");
        check->findings[0].rule = "all-zero";
        QCOMPARE(printed(TensorTree(TensorRows::fromCheck(check))), "TestModel [2 matched]\n  a.w matched\n  b.w matched\n");
    }
    void groupsAddUpParametersAndBytes()
    {
        const TensorTree tree(TensorRows::fromCheckpoint(checkpointOf("m.a 2x3 F32\nm.b 10 F16\nm.c 1 I64\n")));
        const TensorNode& m = tree.node(1);
        QCOMPARE(m.parameters, 17u);
        QCOMPARE(m.nbytes, 52u);
        QCOMPARE(m.tensors, 3u);
    }
    void idsSurviveTheStepFromTheHeaderToTheCheck()
    {
        const auto check = checkOf("b.w\na.w\n", "a.w\nb.w\nextra\n");
        const auto header = TensorRows::fromCheckpoint(check->checkpoint);
        const auto rows = TensorRows::fromCheck(check);
        for (const TensorRow& row : header->rows())
            QCOMPARE(rows->rows()[size_t(rows->rowOf(row.id))].name, row.name);
        QCOMPARE(rows->rowOf(TensorId{}), -1);
        QCOMPARE(rows->rowOf({TensorId::Side::Found, 99}), -1);
    }
    void deepNamesAreCutToABoundedDepth()
    {
        std::string name;
        for (int i = 0; i < 20000; ++i)
            name += "a.";
        const TensorTree tree(TensorRows::fromCheckpoint(checkpointOf("a.x\na.a.x\na.a.a.x\n" + name + "x\n" + name + "y\n")));
        int depth = 0;
        for (int node = int(tree.size()) - 1; node > 0; node = tree.node(node).parent)
            ++depth;
        QVERIFY(depth <= 66);
        QCOMPARE(tree.node(TensorTree::root).tensors, 5u);
    }
    void aMillionTensorsKeepTheirRowsAndSums()
    {
        auto checkpoint = std::make_shared<Checkpoint>();
        checkpoint->tensors.resize(1'000'000);
        for (size_t i = 0; i < checkpoint->tensors.size(); ++i) {
            TensorInfo& tensor = checkpoint->tensors[i];
            tensor.name = "model.layers." + std::to_string(i / 10) + ".mlp.expert" + std::to_string(i % 10) + ".weight";
            tensor.shape = {2};
            tensor.dtype = DType::F32;
        }
        const TensorTree tree(TensorRows::fromCheckpoint(checkpoint));
        QCOMPARE(tree.node(TensorTree::root).tensors, 1'000'000u);
        QCOMPARE(tree.node(TensorTree::root).parameters, 2'000'000u);
        QCOMPARE(tree.node(TensorTree::root).children, 1);
        QCOMPARE(tree.node(tree.nodeOfRow(999'999)).tensorRow, 999'999);
        QCOMPARE(tree.fullName(tree.nodeOfRow(999'999)), "model.layers.99999.mlp.expert9.weight");
    }
};

QTEST_APPLESS_MAIN(TstTensorTree)
#include "tst_tensor_tree.moc"
