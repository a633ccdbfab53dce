// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/check_text.h"
#include "core/report/model_map.h"

#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

ModelMapPtr mapOf(std::string_view names)
{
    return ModelMap::of(TensorRows::fromCheckpoint(checkpointOf(names)));
}

/// A line per block's head, then a line per line: "w" for a weight, "b" for a bias, "wb" for both, "." for neither.
QByteArray printed(const ModelMap& map)
{
    QByteArray out;
    for (const MapBlock& block : map.blocks) {
        QByteArrayList labels;
        for (const MapColumn& column : block.columns)
            labels << QByteArray::fromStdString(column.label);
        out += "[" + labels.join(", ") + "]\n";
        for (int line = block.begin; line < block.end; ++line) {
            out += QByteArray::fromStdString(map.lines[size_t(line)].label) + ":";
            for (int column = 0; column < int(block.columns.size()); ++column) {
                const MapCell* cell = map.lines[size_t(line)].at(column);
                out += !cell ? " ." : QByteArray(" ") + (cell->row(MapSlot::Wide) >= 0 ? "w" : "") + (cell->row(MapSlot::Narrow) >= 0 ? "b" : "");
            }
            out += "\n";
        }
    }
    return out;
}

} // namespace

class TstModelMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void layersAreLinesAndKindsAreColumns()
    {
        QCOMPARE(printed(*mapOf("embeddings.word_embeddings.weight\nembeddings.LayerNorm.weight\nembeddings.LayerNorm.bias\n"
                                "encoder.layer.0.attention.self.query.weight\nencoder.layer.0.attention.self.query.bias\nencoder.layer.0.attention.output.dense.weight\n"
                                "encoder.layer.0.output.dense.weight\nencoder.layer.1.attention.self.query.weight\nencoder.layer.1.attention.self.query.bias\n"
                                "encoder.layer.1.attention.output.dense.weight\nencoder.layer.1.output.dense.weight\npooler.dense.weight\npooler.dense.bias\n")),
                 "[word, norm]\nemb.: w wb\n"
                 "[query, attn. out, down]\nlayer 0: wb w w\nlayer 1: wb w w\n"
                 "[dense]\npooler: wb\n");
    }
    void labelsGrowUntilTheyDiffer()
    {
        QCOMPARE(printed(*mapOf("h.0.attn.c_proj.weight\nh.0.mlp.c_proj.weight\nh.0.mlp.fc.0.weight\nh.1.attn.c_proj.weight\nwte.weight\n")),
                 "[attn.c_proj, mlp.c_proj, fc.0]\nlayer 0: w w w\nlayer 1: w . .\n[]\nwte: w\n");
    }
    void whatIsNeitherWeightNorBiasHasItsOwnColumn()
    {
        QCOMPARE(printed(*mapOf("bn1.weight\nbn1.bias\nbn1.running_mean\n")), "[, running_mean]\nbn1: wb w\n");
    }
    void aLoneBiasIsWide()
    {
        QCOMPARE(printed(*mapOf("cls.bias\ncls.decoder.weight\n")), "[, decoder]\ncls: w w\n");
    }
    void nothingIsHiddenByALikeName()
    {
        QCOMPARE(printed(*mapOf("head.a.weight\nhead.a.kernel\n")), "[a, kernel]\nhead: w w\n");
    }
    void everyTensorHasAPlaceAndIsFoundThere()
    {
        const ModelMapPtr map = mapOf("wte.weight\nh.0.q.weight\nh.0.q.bias\nh.1.q.weight\nh.1.q.bias\nh.2.q.bias\n");
        for (int row = 0; row < 6; ++row) {
            QVERIFY(map->placeOf(row).isValid());
            QCOMPARE(map->rowAt(map->placeOf(row)), row);
        }
        QVERIFY(!map->placeOf(6).isValid());
        QCOMPARE(map->rowAt({3, 0, MapSlot::Wide}), -1);
    }
    void siblingsAreTheSameKindInTheOtherLayers()
    {
        const ModelMapPtr map = mapOf("h.0.q.weight\nh.0.q.bias\nh.1.q.weight\nh.1.q.bias\nh.2.q.bias\nwte.weight\n");
        QCOMPARE(map->siblings(1), (std::vector<int>{3, 4}));
        QCOMPARE(map->siblings(5), std::vector<int>());
        QCOMPARE(map->layers()->end - map->layers()->begin, 3);
    }
    void missingTensorsHaveNoPlace()
    {
        const auto check = checkOf("a.weight\nb.weight\n", "a.weight\n");
        QCOMPARE(printed(*ModelMap::of(TensorRows::fromCheck(check))), "[]\na: w\n");
    }
    void layersOfDifferentKindsTakeNoMoreThanTheirTensors()
    {
        std::string names;
        for (int layer = 0; layer < 200; ++layer)
            for (int kind = 0; kind < 100; ++kind)
                names += "h." + std::to_string(layer) + ".k" + std::to_string(layer * 100 + kind) + ".weight\n";
        const ModelMapPtr map = mapOf(names);
        size_t cells = 0;
        for (const MapLine& line : map->lines)
            cells += line.cells.size();
        QCOMPARE(cells, size_t(20000));
    }
};

QTEST_APPLESS_MAIN(TstModelMap)
#include "tst_model_map.moc"
