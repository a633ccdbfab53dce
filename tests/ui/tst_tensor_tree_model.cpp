// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/check_text.h"
#include "tests/support/event_watch.h"
#include "tests/support/patience.h"
#include "ui/models/tensor_texts.h"
#include "ui/models/tensor_tree_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

constexpr std::string_view expectedText = "m.emb.weight 100x8 F32\nm.layer.0.q 8x8 F32\nm.layer.0.k 8x8 F32\nm.layer.0.v 8x8 F32\n"
                                          "m.layer.1.q 8x8 F32\nm.layer.1.k 8x8 F32\nm.layer.1.v 8x8 F32\nm.head.weight 5x8 F32\n";
constexpr std::string_view foundText = "m.emb.weight 100x8 F32\nm.layer.0.q 8x8 F32\nm.layer.0.k 8x8 F32\nm.layer.0.v 8x8 F32\n"
                                       "m.layer.1.q 8x8 F32\nm.layer.1.k 8x4 F32\nm.layer.1.v 8x8 F16\nextra 1 I64\n";

std::shared_ptr<const TensorTree> sampleTree()
{
    return std::make_shared<const TensorTree>(TensorRows::fromCheck(checkOf(expectedText, foundText)));
}

void print(const QAbstractItemModel& model, const QModelIndex& parent, int depth, QByteArrayList& out)
{
    for (int row = 0; row < model.rowCount(parent); ++row) {
        QByteArrayList cells;
        for (int column = 0; column < TensorTreeModel::ValuesColumn; ++column)
            cells.append(model.index(row, column, parent).data().toString().toUtf8());
        out.append(QByteArray(depth * 2, ' ') + cells.join('|'));
        print(model, model.index(row, 0, parent), depth + 1, out);
    }
}

QByteArray printed(const QAbstractItemModel& model)
{
    QByteArrayList out;
    print(model, {}, 0, out);
    return out.join('\n').replace("\xe2\x80\xaf", " ");
}

/// Names of the tensors shown, in order.
QByteArray names(const QAbstractItemModel& model, const QModelIndex& parent = {})
{
    QByteArrayList out;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex index = model.index(row, 0, parent);
        if (model.rowCount(index) > 0)
            out.append(names(model, index));
        else
            out.append(index.data(TensorTreeModel::FullNameRole).toString().toUtf8());
    }
    return out.join(' ');
}

} // namespace

class TstTensorTreeModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void showsExpectedAgainstFound()
    {
        TensorTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTree(sampleTree());
        QCOMPARE(printed(model), "TestModel|1 missing, 1 shape, …||||1 192|4.5 KiB\n"
                                 "  m|1 missing, 1 shape, …||||1 192|4.5 KiB\n"
                                 "    emb.weight|matched|100 x 8|100 x 8|F32|800|3.1 KiB\n"
                                 "    layer.0|3 matched||||192|768 B\n"
                                 "      q|matched|8 x 8|8 x 8|F32|64|256 B\n"
                                 "      k|matched|8 x 8|8 x 8|F32|64|256 B\n"
                                 "      v|matched|8 x 8|8 x 8|F32|64|256 B\n"
                                 "    layer.1|1 shape, 1 dtype||||160|512 B\n"
                                 "      q|matched|8 x 8|8 x 8|F32|64|256 B\n"
                                 "      k|shape|8 x 8|8 x 4|F32|32|128 B\n"
                                 "      v|dtype|8 x 8|8 x 8|F32 → F16|64|128 B\n"
                                 "    head.weight|missing|5 x 8|–|F32|40|160 B\n"
                                 "In the file only|1 unexpected||||1|8 B\n"
                                 "  extra|unexpected|–|1|I64|1|8 B");
    }
    void rolesSayWhatDelegatesNeed()
    {
        TensorTreeModel model;
        model.setTree(sampleTree());
        const QModelIndex k = indexNamed(model, "m.layer.1.k");
        QCOMPARE(k.siblingAtColumn(TensorTreeModel::ExpectedColumn).data(TensorTreeModel::DifferingDimensionsRole).value<QList<int>>(), QList<int>{1});
        QCOMPARE(k.siblingAtColumn(TensorTreeModel::StatusColumn).data(TensorTreeModel::GlyphRole).toString(), QStringLiteral("status-shape"));
        QCOMPARE(k.data(TensorTreeModel::MutedFromRole).toInt(), -1);
        QCOMPARE(indexNamed(model, "m.head.weight").data(TensorTreeModel::MutedFromRole).toInt(), 4);
        QCOMPARE(k.siblingAtColumn(TensorTreeModel::SizeColumn).data(TensorTreeModel::PlainTextRole).toString(), QStringLiteral("128"));
        QCOMPARE(model.headerData(TensorTreeModel::SizeColumn, Qt::Horizontal, Qt::TextAlignmentRole).toInt(), int(Qt::AlignRight | Qt::AlignVCenter));
        QCOMPARE(model.headerData(TensorTreeModel::TensorColumn, Qt::Horizontal, Qt::TextAlignmentRole).toInt(), int(Qt::AlignLeft | Qt::AlignVCenter));
        QVERIFY(k.parent().data(TensorTreeModel::IsGroupRole).toBool());
        QVERIFY(k.parent().data(TensorTreeModel::OpensByDefaultRole).toBool());
        QCOMPARE(model.indexOfId(model.idOf(k)), k);
        QCOMPARE(model.indexOfModule(QStringLiteral("m.layer.1")), k.parent());
        QVERIFY(!model.idOf(k.parent()).isValid());
    }
    void aTiedTensorNamesTheOtherAndIsCountedOnce()
    {
        auto check = checkOf("wte.weight 100x8 F32\nnorm.weight 8 F32\nlm_head.weight 100x8 F32\n", "wte.weight 100x8 F32\nnorm.weight 8 F32\n");
        tie(*check, "lm_head.weight", "wte.weight");
        TensorTreeModel model;
        model.setTree(std::make_shared<const TensorTree>(TensorRows::fromCheck(check)));
        QCOMPARE(printed(model), "TestModel|1 tied, 2 matched||||808|3.2 KiB\n"
                                 "  wte.weight|matched|100 x 8|100 x 8|F32|800|3.1 KiB\n"
                                 "  norm.weight|matched|8|8|F32|8|32 B\n"
                                 "  lm_head.weight|tied|100 x 8|–|F32|–|–");
        const QModelIndex head = indexNamed(model, "lm_head.weight");
        for (const int column : {TensorTreeModel::TensorColumn, TensorTreeModel::StatusColumn})
            QVERIFY2(head.siblingAtColumn(column).data(Qt::ToolTipRole).toString().contains(QStringLiteral("Tied to wte.weight")),
                     qPrintable(head.siblingAtColumn(column).data(Qt::ToolTipRole).toString()));
        QVERIFY(!model.nextDeviation({}).isValid());
        model.setFilter(TensorFilter("status:tied"));
        QCOMPARE(names(model), "lm_head.weight");
    }
    void aGroupShowsItsTwoWorstStates()
    {
        auto check = checkOf("a.x\na.y\na.z\n", "a.x\na.y\na.z\nb.r\nb.s\nb.t\nb.u\n");
        Finding finding;
        finding.rule = "never-loaded-layer";
        finding.severity = Severity::Error;
        finding.tensors = {"b.r"};
        check->findings.push_back(finding);
        TensorTreeModel model;
        model.setTree(std::make_shared<const TensorTree>(TensorRows::fromCheck(check)));
        const QModelIndex others = model.index(1, TensorTreeModel::StatusColumn);
        QCOMPARE(others.data().toString(), QStringLiteral("1 never trained, 3 unexpected"));
        QCOMPARE(others.data(TensorTreeModel::StatusPartsRole).value<QList<StatusPart>>().size(), 2);
        QCOMPARE(others.data(TensorTreeModel::StatusPartsRole).value<QList<StatusPart>>()[1].glyph, QStringLiteral("status-unexpected"));
        QVERIFY(others.data(Qt::ToolTipRole).toString().startsWith(QStringLiteral("1 never trained, 3 unexpected. ")));
        QCOMPARE(model.index(0, TensorTreeModel::StatusColumn).data().toString(), QStringLiteral("3 matched"));
    }
    void whatLooksLikeMarkupIsEscapedInToolTips()
    {
        TensorTreeModel model;
        model.setTree(std::make_shared<const TensorTree>(TensorRows::fromCheckpoint(checkpointOf("<b>x</b>\n"))));
        QCOMPARE(model.index(0, 0).data(Qt::ToolTipRole).toString(), QStringLiteral("&lt;b&gt;x&lt;/b&gt;"));
    }
    void hiddenCharactersOfNamesAreEscaped()
    {
        TensorTreeModel model;
        model.setTree(std::make_shared<const TensorTree>(TensorRows::fromCheckpoint(checkpointOf("a\xe2\x80\xae" "b\n"))));
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("a\\u{202e}b"));
        QCOMPARE(model.index(0, 0).data(Qt::ToolTipRole).toString(), QStringLiteral("a\\u{202e}b"));
    }
    void filteringKeepsParentsAndPersistentIndexes()
    {
        TensorTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTree(sampleTree());
        const QPersistentModelIndex q = indexNamed(model, "m.layer.1.q");
        const QPersistentModelIndex head = indexNamed(model, "m.head.weight");
        model.setFilter(TensorFilter("layer 1"));
        QCOMPARE(names(model), "m.layer.1.q m.layer.1.k m.layer.1.v");
        QCOMPARE(q.data(TensorTreeModel::FullNameRole).toString(), QStringLiteral("m.layer.1.q"));
        QVERIFY(!head.isValid());
        QCOMPARE(model.shownTensors(), 3);
        QVERIFY(model.filterSummary().isEmpty());
        model.setFilter(TensorFilter("layer 7,7 status:gone"));
        QCOMPARE(model.rowCount(), 0);
        QVERIFY2(model.filterSummary().startsWith(QStringLiteral("layer: 6, 7,7: 0, status:gone: status: takes ")), qPrintable(model.filterSummary()));
        model.setFilter({});
        QCOMPARE(model.shownTensors(), 9);
        QCOMPARE(model.rowCount(), 2);
    }
    void thirdClickRestoresTheModelsOrder()
    {
        TensorTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTree(sampleTree());
        const QByteArray before = names(model);
        QList<QByteArray> seen;
        for (int click = 0; click < 3; ++click) {
            const auto [column, order] = model.nextSort(TensorTreeModel::ParametersColumn);
            model.sort(column, order);
            seen.append(names(model, model.index(model.rowCount() - 1, 0)));
        }
        QCOMPARE(seen[0], "m.head.weight m.layer.1.k m.layer.1.q m.layer.1.v m.layer.0.q m.layer.0.k m.layer.0.v m.emb.weight");
        QCOMPARE(seen[1], "extra");
        QCOMPARE(names(model), before);
        QCOMPARE(model.sortColumn(), -1);
    }
    void sortsEveryColumn_data()
    {
        QTest::addColumn<int>("column");
        QTest::addColumn<QByteArray>("first");
        QTest::newRow("Tensor") << int(TensorTreeModel::TensorColumn) << QByteArray("a2");
        QTest::newRow("Status") << int(TensorTreeModel::StatusColumn) << QByteArray("a10");
        QTest::newRow("Found") << int(TensorTreeModel::FoundColumn) << QByteArray("b");
        QTest::newRow("dtype") << int(TensorTreeModel::DTypeColumn) << QByteArray("a2");
        QTest::newRow("Size") << int(TensorTreeModel::SizeColumn) << QByteArray("b");
        QTest::newRow("Values") << int(TensorTreeModel::ValuesColumn) << QByteArray("a10");
    }
    void sortsEveryColumn()
    {
        QFETCH(int, column);
        TensorTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setTree(std::make_shared<const TensorTree>(TensorRows::fromCheckpoint(checkpointOf("a10 9 F32\nb 1 F32\na2 4 F16\n"))));
        model.sort(column, Qt::AscendingOrder);
        QTEST(model.index(0, 0).data().toString().toUtf8(), "first");
        model.sort(column, Qt::DescendingOrder);
        QCOMPARE(model.rowCount(), 3);
    }
    void statisticsFillTheirPlaceWhenTheyCome()
    {
        TensorTreeModel model;
        std::map<int, TensorStatistics> known;
        std::map<int, Error> errors;
        model.setValueSource({[&](int i) { return known.contains(i) ? &known[i] : nullptr; }, [&](int i) { return errors.contains(i) ? &errors[i] : nullptr; }});
        model.setTree(sampleTree());
        const QModelIndex values = indexNamed(model, "m.layer.0.q").siblingAtColumn(TensorTreeModel::ValuesColumn);
        QVERIFY(values.data(TensorTreeModel::ValuesPendingRole).toBool());
        QCOMPARE(values.data(TensorTreeModel::StatisticsRole).value<quintptr>(), quintptr(0));
        QVERIFY(!indexNamed(model, "m.head.weight").data(TensorTreeModel::ValuesPendingRole).toBool());

        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        known[1].std = 0.0822;
        known[1].mean = -0.000142;
        model.updateValues({1});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toModelIndex(), values);
        QVERIFY(!values.data(TensorTreeModel::ValuesPendingRole).toBool());
        QCOMPARE(values.data(TensorTreeModel::StatisticsRole).value<quintptr>(), quintptr(&known[1]));
        QCOMPARE(values.data(Qt::AccessibleTextRole).toString(), QStringLiteral("mean \u22121.42e\u221204, std 0.0822, min 0, max 0"));

        errors[2] = Error("truncated", "The file stops at byte 7.");
        const QModelIndex broken = indexNamed(model, "m.layer.0.k").siblingAtColumn(TensorTreeModel::ValuesColumn);
        QCOMPARE(broken.data(TensorTreeModel::GlyphRole).toString(), QStringLiteral("status-error"));
        QCOMPARE(broken.data(Qt::ToolTipRole).toString(), QStringLiteral("The file stops at byte 7."));
    }
    void nextDeviationGoesAround()
    {
        TensorTreeModel model;
        model.setTree(sampleTree());
        QByteArrayList seen;
        QModelIndex at;
        for (int i = 0; i < 5; ++i) {
            at = model.nextDeviation(at);
            seen.append(at.data(TensorTreeModel::FullNameRole).toString().toUtf8());
        }
        QCOMPARE(seen.join(' '), "m.layer.1.k m.layer.1.v m.head.weight extra m.layer.1.k");
        QCOMPARE(model.nextDeviation(at, false).data(TensorTreeModel::FullNameRole).toString(), QStringLiteral("extra"));
        model.setFilter(TensorFilter("status:matched"));
        QVERIFY(!model.nextDeviation({}).isValid());
    }
    void anEmptyModelIsAModel()
    {
        TensorTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 0);
        model.setFilter(TensorFilter("x"));
        model.sort(1);
        QVERIFY(!model.nextDeviation({}).isValid());
        model.setTree(std::make_shared<const TensorTree>(TensorRows::fromCheckpoint(checkpointOf(""))));
        QCOMPARE(model.rowCount(), 0);
        model.setTree(nullptr);
        QCOMPARE(model.rowCount(), 0);
    }
    void aMillionTensorsAreFilteredInTheModel()
    {
        auto checkpoint = std::make_shared<Checkpoint>();
        checkpoint->tensors.resize(1'000'000);
        for (size_t i = 0; i < checkpoint->tensors.size(); ++i) {
            checkpoint->tensors[i].name = "layers." + std::to_string(i / 10) + ".part" + std::to_string(i % 10) + ".weight";
            checkpoint->tensors[i].shape = {int64_t(i % 10 + 1)};
            checkpoint->tensors[i].dtype = DType::F32;
        }
        TensorTreeModel model;
        model.setTree(std::make_shared<const TensorTree>(TensorRows::fromCheckpoint(checkpoint)));
        QCOMPARE(model.rowCount(), 1);
        const QModelIndex layers = model.index(0, 0);
        QCOMPARE(model.rowCount(layers), 100); // a view lays out all siblings at once, so they are cut into ranges
        QCOMPARE(model.index(77, 0, layers).data().toString(), QStringLiteral("layers.77000 … layers.77999"));
        QCOMPARE(model.rowCount(model.index(77, 0, layers)), 1000);
        QSignalSpy arranged(&model, &TensorTreeModel::arranged);
        model.setFilter(TensorFilter("77777"));
        QVERIFY(model.isArranging());
        QCOMPARE(model.shownTensors(), 1'000'000);
        model.setFilter(TensorFilter("77777 part3")); // takes the place of the other
        QTRY_VERIFY(!model.isArranging());
        QCOMPARE(arranged.size(), 1);
        QCOMPARE(names(model), "layers.77777.part3.weight");
        const QModelIndex only = model.indexOfId({TensorId::Side::Found, 777'773});
        QVERIFY(only.isValid());
        QCOMPARE(only.row(), 0);
    }

    void foundBelowCountsWhatIsShownOnce()
    {
        TensorTreeModel model;
        model.setTree(sampleTree());
        const QModelIndex layer = model.indexOfModule(QStringLiteral("m.layer.1"));
        QVERIFY(layer.isValid());
        QCOMPARE(model.foundBelow({layer, indexNamed(model, "m.layer.1.k")}), (std::vector<size_t>{4, 5, 6}));
        QCOMPARE(model.foundBelow({layer}, 2).size(), size_t(2));
        model.setFilter(TensorFilter("layer.1.k"));
        QCOMPARE(model.foundBelow({model.indexOfModule(QStringLiteral("m.layer.1"))}), (std::vector<size_t>{5}));
    }

private:
    static QModelIndex indexNamed(const TensorTreeModel& model, std::string_view name)
    {
        const int row = model.tree()->rows().rowNamed(name);
        return row < 0 ? QModelIndex() : model.indexOfId(model.tree()->rows().rows()[size_t(row)].id);
    }
};

WATCHED_GUILESS_MAIN(TstTensorTreeModel)
#include "tst_tensor_tree_model.moc"
