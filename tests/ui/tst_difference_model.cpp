// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/event_watch.h"
#include "tests/support/files.h"
#include "core/report/change_table.h"
#include "ui/models/comparison_document.h"
#include "ui/models/difference_model.h"

#include "core/checkpoint/open_checkpoint.h"
#include "tests/support/patience.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>
#include <QtConcurrentRun>

using namespace weighbridge;
using test::TemporaryFolder;

namespace {

struct Entry {
    QByteArray name;
    std::vector<float> values;
};

/// A safetensors file of vectors.
QByteArray fileOf(const std::vector<Entry>& entries)
{
    QByteArray header = "{";
    QByteArray data;
    for (const Entry& entry : entries) {
        header += (data.isEmpty() ? "\"" : ",\"") + entry.name + "\":{\"dtype\":\"F32\",\"shape\":[" + QByteArray::number(qsizetype(entry.values.size())) + "],\"data_offsets\":[" + QByteArray::number(data.size()) + ",";
        data += QByteArray(reinterpret_cast<const char*>(entry.values.data()), qsizetype(entry.values.size() * sizeof(float)));
        header += QByteArray::number(data.size()) + "]}";
    }
    return test::safetensors(header + "}", data);
}

const std::vector<Entry> first{{"layer.0.weight", {1, 2, 3, 4}}, {"layer.0.bias", {1, 1}}, {"layer.1.weight", {5, 6, 7, 8}}, {"layer.1.bias", {2, 2}}, {"old", {9, 9, 9}}};
const std::vector<Entry> second{{"layer.0.weight", {1, 2, 3, 4}}, {"layer.0.bias", {1, 1}}, {"layer.1.weight", {5, 6, 7, 9}}, {"layer.1.beta", {2, 2}}, {"new.weight", {1, 2, 3, 4, 5}}};

} // namespace

class TestDifferenceModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<TemporaryFolder>();
        JobContext job;
        const auto a = openCheckpoint(m_folder->write(QStringLiteral("a.safetensors"), fileOf(first)), job);
        const auto b = openCheckpoint(m_folder->write(QStringLiteral("b.safetensors"), fileOf(second)), job);
        QVERIFY(a && b);
        DifferenceOptions options;
        options.values = true;
        m_difference = std::make_shared<const Difference>(differenceOf(*a, *b, options, job).value());
    }

    void rowsSayWhatEachSideHas()
    {
        DifferenceModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        show(model, m_difference);
        QCOMPARE(model.shownPairs(), 6);
        const QModelIndex changed = indexOf(model, "layer.1.weight");
        QCOMPARE(changed.siblingAtColumn(DifferenceModel::SignColumn).data().toString(), QStringLiteral("!"));
        QCOMPARE(changed.siblingAtColumn(DifferenceModel::AColumn).data().toString(), QStringLiteral("4"));
        QCOMPARE(changed.siblingAtColumn(DifferenceModel::ChangeColumn).data().toString(), QStringLiteral("7.58\u202f%"));
        QCOMPARE(changed.siblingAtColumn(DifferenceModel::SignColumn).data(Qt::AccessibleTextRole).toString(), QStringLiteral("values"));
        const QModelIndex renamed = indexOf(model, "layer.1.bias");
        QCOMPARE(renamed.data().toString(), QStringLiteral("bias → beta"));
        QCOMPARE(renamed.siblingAtColumn(DifferenceModel::SignColumn).data().toString(), QStringLiteral("~"));
        const QModelIndex old = indexOf(model, "old");
        QCOMPARE(old.siblingAtColumn(DifferenceModel::SignColumn).data().toString(), QStringLiteral("-"));
        QCOMPARE(old.siblingAtColumn(DifferenceModel::BColumn).data().toString(), QStringLiteral("–"));
        // a module says the gravest of what is below it, and counts
        const QModelIndex module = changed.parent();
        QCOMPARE(module.siblingAtColumn(DifferenceModel::TensorColumn).data().toString(), QStringLiteral("layer.1"));
        QCOMPARE(module.siblingAtColumn(DifferenceModel::SignColumn).data().toString(), QStringLiteral("!"));
        QCOMPARE(module.siblingAtColumn(DifferenceModel::BColumn).data().toString(), QStringLiteral("2"));
    }

    void filtersKeepTheParents_data()
    {
        QTest::addColumn<unsigned>("states");
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("pairs");
        QTest::newRow("all") << DifferenceModel::allStates << QString() << 6;
        QTest::newRow("only differences") << DifferenceModel::differences << QString() << 4;
        QTest::newRow("changed") << (1u << unsigned(PairState::Changed)) << QString() << 1;
        QTest::newRow("renamed") << (1u << unsigned(PairState::Renamed)) << QString() << 1;
        QTest::newRow("by name") << DifferenceModel::allStates << QStringLiteral("LAYER.0") << 2;
        QTest::newRow("by B's name") << DifferenceModel::allStates << QStringLiteral("beta") << 1;
        QTest::newRow("nothing") << DifferenceModel::allStates << QStringLiteral("conv") << 0;
    }
    void filtersKeepTheParents()
    {
        QFETCH(unsigned, states);
        QFETCH(QString, text);
        QFETCH(int, pairs);
        DifferenceModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        show(model, m_difference);
        model.setFilter(states, text);
        QCOMPARE(model.shownPairs(), pairs);
        QCOMPARE(model.rowCount() == 0, pairs == 0);
    }

    void namesAreModulesUpToTheLayerAndOneRowBelow_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QString>("rows"); // from the outermost module to the tensor
        QTest::newRow("layer") << QByteArray("encoder.layer.5.attention.self.query.weight") << QStringLiteral("encoder > layer.5 > attention.self.query.weight");
        QTest::newRow("experts") << QByteArray("layers.0.experts.3.w1") << QStringLiteral("layers.0 > experts.3 > w1");
        QTest::newRow("embedding") << QByteArray("embeddings.word_embeddings.weight") << QStringLiteral("embeddings > word_embeddings.weight");
        QTest::newRow("head") << QByteArray("classifier.weight") << QStringLiteral("classifier > weight");
        QTest::newRow("alone") << QByteArray("scale") << QStringLiteral("scale");
        QTest::newRow("number at the end") << QByteArray("params.7") << QStringLiteral("params.7");
    }
    void namesAreModulesUpToTheLayerAndOneRowBelow()
    {
        QFETCH(QByteArray, name);
        QFETCH(QString, rows);
        JobContext job;
        const auto a = openCheckpoint(m_folder->write(QStringLiteral("one.safetensors"), fileOf({{name, {1, 2}}})), job);
        DifferenceModel model;
        show(model, std::make_shared<const Difference>(alignCheckpoints(*a, *a, job).value()));
        QStringList found;
        for (QModelIndex index = model.index(0, DifferenceModel::TensorColumn); index.isValid(); index = model.index(0, DifferenceModel::TensorColumn, index.siblingAtColumn(0)))
            found << index.data().toString();
        QCOMPARE(found.join(QStringLiteral(" > ")), rows);
    }

    void manyPairsAreCutIntoRangesAndArrangedOnThePool()
    {
        constexpr int count = 12'000;
        auto checkpoint = std::make_shared<Checkpoint>();
        Difference difference;
        for (int i = 0; i < count; ++i) {
            TensorInfo& tensor = checkpoint->tensors.emplace_back();
            tensor.name = "block." + std::to_string(i) + ".weight";
            tensor.shape = {2};
            tensor.dtype = DType::F32;
            TensorPair& pair = difference.pairs.emplace_back();
            pair.a = i;
            pair.b = i == 11'234 ? -1 : i;
        }
        difference.a = difference.b = checkpoint;
        difference.hasValues = true; // nothing is still to come
        DifferenceModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy arranged(&model, &DifferenceModel::arranged);
        show(model, std::make_shared<const Difference>(difference));
        QVERIFY(arranged.wait());
        QCOMPARE(model.shownPairs(), count);
        QCOMPARE(model.rowCount(), 12);
        QCOMPARE(model.index(11, DifferenceModel::TensorColumn).data().toString(), QStringLiteral("block.11000 … block.11999"));
        model.setFilter(DifferenceModel::differences, QStringLiteral("BLOCK"));
        QVERIFY(arranged.wait());
        QCOMPARE(model.shownPairs(), 1);
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.indexOfPair(11'234).parent().data(Qt::DisplayRole).toString(), QStringLiteral("-"));
        QCOMPARE(arranged.size(), 2);
    }

    void theOverviewCountsKindsAndNamesThem()
    {
        const ComparisonOverview overview(*m_difference);
        QCOMPARE(overview.of(PairState::Changed).pairs, size_t(1));
        QCOMPARE(overview.of(PairState::Changed).examples, std::vector<std::string>{"layer.1.weight"});
        QCOMPARE(overview.of(PairState::Renamed).pairs, size_t(1));
        QVERIFY(overview.of(PairState::Renamed).examples.front().find("beta") != std::string::npos);
        QCOMPARE(overview.of(PairState::Same).pairs, size_t(2));
        QVERIFY(!overview.of(PairState::Same).hasMore);
        QCOMPARE(overview.table.layers.size(), size_t(2));
    }

    void valuesComeWithoutMovingARow()
    {
        JobContext job;
        auto difference = std::make_shared<Difference>(alignCheckpoints(m_difference->a, m_difference->b, job).value());
        DifferenceModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setFilter(DifferenceModel::differences, {});
        show(model, difference);
        QCOMPARE(model.shownPairs(), 6); // what is not compared may differ
        const QPersistentModelIndex changed = indexOf(model, "layer.1.weight");
        const QPersistentModelIndex same = indexOf(model, "layer.0.weight");
        QCOMPARE(same.sibling(same.row(), DifferenceModel::SignColumn).data().toString(), QString());
        QSignalSpy moved(&model, &QAbstractItemModel::layoutChanged);
        for (size_t i = 0; i < difference->pairs.size(); ++i) {
            difference->pairs[i] = m_difference->pairs[i];
            model.updatePairs({int(i)});
        }
        QCOMPARE(moved.count(), 0);
        QCOMPARE(model.shownPairs(), 6);
        QCOMPARE(changed.sibling(changed.row(), DifferenceModel::SignColumn).data().toString(), QStringLiteral("!"));
        QCOMPARE(changed.parent().siblingAtColumn(DifferenceModel::ChangeColumn).data().toString(), QStringLiteral("7.41\u202f%"));
        QCOMPARE(same.sibling(same.row(), DifferenceModel::SignColumn).data().toString(), QStringLiteral("="));
        model.finish(m_difference, std::make_shared<DifferenceRows>(*m_difference));
        QCOMPARE(model.shownPairs(), 4);
        QVERIFY(!same.isValid());
        QCOMPARE(changed.data().toString(), QStringLiteral("weight"));
        QCOMPARE(model.pairOf(changed), model.pairOf(indexOf(model, "layer.1.weight")));
    }

    void theTableHasARowPerLayer()
    {
        const ChangeTable table = changeTable(*m_difference);
        QCOMPARE(table.stem, std::string("layer."));
        QCOMPARE(table.layers, (std::vector<int64_t>{0, 1}));
        QCOMPARE(table.kinds, (std::vector<std::string>{"weight", "bias"}));
        QCOMPARE(table.columns.size(), size_t(1));
        QVERIFY(table.hasValues());
        QCOMPARE(table.at(0, 0).change, 0.0);
        QVERIFY(std::abs(table.at(1, 0).change - 1 / std::sqrt(174.0)) < 1e-9);
        QCOMPARE(table.largest(), table.at(1, 0).change);
    }

    void changesAreNeverRoundedToNothing()
    {
        QCOMPARE(changeText(0), QStringLiteral("0\u202f%"));
        QCOMPARE(changeText(0.0495), QStringLiteral("4.95\u202f%"));
        QVERIFY(!changeText(1e-9).startsWith(QStringLiteral("0.00")));
    }

    void structureComesBeforeValues()
    {
        ComparisonDocument document;
        QSignalSpy structure(&document, &ComparisonDocument::structureReady);
        QSignalSpy values(&document, &ComparisonDocument::valuesReady);
        document.compare(m_difference->a, QString::fromStdString(m_folder->path(QStringLiteral("b.safetensors"))));
        QVERIFY(structure.wait());
        QVERIFY(!document.difference()->hasValues);
        QSignalSpy pairs(&document, &ComparisonDocument::pairsCompared);
        QVERIFY(values.count() == 1 || values.wait());
        QCOMPARE(document.activity().what, QString());
        QCOMPARE(document.state(), ComparisonDocument::State::Compared);
        QCOMPARE(document.difference()->rows(PairState::Changed).size(), size_t(1));
        // the first pair that changed is shown, with its plots
        QCOMPARE(size_t(document.selected()), document.difference()->rows(PairState::Changed).front());
        QTRY_VERIFY(document.plots().has_value());
        QCOMPARE(document.plots()->count, uint64_t(4));
        document.swapSides();
        QTRY_COMPARE(document.state(), ComparisonDocument::State::Compared);
        QCOMPARE(document.difference()->b, m_difference->a);
    }

    void pairsArriveWhileOthersAreCompared()
    {
        // large enough to take longer than the interval at which pairs are handed over
        std::vector<Entry> entries;
        for (int i = 0; i < 24; ++i)
            entries.push_back({"layer." + QByteArray::number(i) + ".weight", std::vector<float>(600'000, float(i))});
        JobContext job;
        const auto a = openCheckpoint(m_folder->write(QStringLiteral("large-a.safetensors"), fileOf(entries)), job);
        for (Entry& entry : entries)
            entry.values[7] += 1;
        const std::string b = m_folder->write(QStringLiteral("large-b.safetensors"), fileOf(entries));
        ComparisonDocument document;
        size_t arrived = 0;
        connect(&document, &ComparisonDocument::pairsCompared, &document, [&](const std::vector<int>& pairs) {
            arrived += pairs.size();
            QCOMPARE(document.state(), ComparisonDocument::State::Comparing);
            QVERIFY(document.difference()->pairs[size_t(pairs.front())].values.has_value());
            const auto snapshot = document.snapshot();
            const auto taken = QtConcurrent::run([snapshot] { return snapshot(); }).result();
            QVERIFY(taken != document.difference());
            QCOMPARE(taken->pairs[size_t(pairs.front())].values.has_value(), true);
            document.cancel(); // what has come stays
        });
        document.compare(*a, QString::fromStdString(b));
        QTRY_VERIFY(document.state() == ComparisonDocument::State::Stopped || document.state() == ComparisonDocument::State::Compared);
        QCOMPARE(document.snapshot()(), document.difference());
        if (document.state() == ComparisonDocument::State::Stopped) {
            QVERIFY(document.comparedPairs() >= arrived && document.comparedPairs() < entries.size());
            QVERIFY(document.difference()->relation.subSentence.find("were compared") != std::string::npos);
        }
    }

    void whatCannotBeOpenedIsAnError()
    {
        ComparisonDocument document;
        document.compare(m_difference->a, QString::fromStdString(m_folder->path(QStringLiteral("absent"))));
        QTRY_COMPARE(document.state(), ComparisonDocument::State::Failed);
        QVERIFY(document.error().has_value());
        QVERIFY(!document.difference());
    }

private:
    static void show(DifferenceModel& model, const std::shared_ptr<const Difference>& difference) { model.setDifference(difference, std::make_shared<DifferenceRows>(*difference)); }

    QModelIndex indexOf(const DifferenceModel& model, const std::string& name) const
    {
        for (size_t i = 0; i < m_difference->pairs.size(); ++i)
            if (m_difference->pairs[i].a >= 0 && m_difference->a->tensors[size_t(m_difference->pairs[i].a)].name == name)
                return model.indexOfPair(int(i));
        return {};
    }

    std::unique_ptr<TemporaryFolder> m_folder;
    std::shared_ptr<const Difference> m_difference;
};

WATCHED_GUILESS_MAIN(TestDifferenceModel)
#include "tst_difference_model.moc"
