// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/packing/packing.h"
#include "core/packing/unpack.h"
#include "core/statistics/tensor_statistics.h"
#include "core/statistics/value_block.h"
#include "tests/support/byte_tensors.h"
#include "tests/support/files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <QtTest>

#include <cstring>
#include <set>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

constexpr uint64_t enough = 1 << 20;

std::vector<float> floatsOf(const Checkpoint& checkpoint, const TensorInfo& tensor)
{
    JobContext job;
    const auto bytes = readWhole(checkpoint, tensor, job, enough);
    std::vector<float> out(bytes ? bytes->size() / sizeof(float) : 0);
    if (bytes)
        std::memcpy(out.data(), bytes->data(), bytes->size());
    return out;
}

QByteArray described(const PackedWeight& weight)
{
    return QByteArray::fromStdString(
        fmt::format("{} {} [{}] {} {}", weight.scheme, weight.bits, fmt::join(weight.shape, ","), weight.groupSize, weight.dtype));
}

/// A file whose tensors ("name dtype [shape]") are zeros, but for the values of the last one.
QByteArray zeros(const QList<QByteArray>& tensors, const QByteArray& values)
{
    QByteArray header;
    qsizetype end = 0;
    for (const QByteArray& tensor : tensors) {
        const QList<QByteArray> words = tensor.split(' ');
        const DType dtype = *dtypeByName(words[1].toStdString());
        qsizetype nbytes = info(dtype).bitsPerElement / 8;
        for (const QByteArray& size : words[2].mid(1, words[2].size() - 2).split(','))
            nbytes *= size.isEmpty() ? 1 : size.toInt();
        const QByteArray entry = QByteArray("'%1':{'dtype':'%2','shape':%3,'data_offsets':[%4,%5]}")
                                     .replace("%1", words[0])
                                     .replace("%2", words[1])
                                     .replace("%3", words[2])
                                     .replace("%4", QByteArray::number(end))
                                     .replace("%5", QByteArray::number(end + nbytes))
                                     .replace('\'', '"');
        header += (header.isEmpty() ? "{" : ",") + entry;
        end += nbytes;
    }
    return safetensors(header + "}", QByteArray(end - values.size(), '\0') + values);
}

} // namespace

class TstPacking : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyPackingHasAnIdOfItsOwn()
    {
        std::set<std::string_view> ids;
        for (const Packing* packing : allPackings()) {
            QVERIFY(ids.insert(packing->id()).second);
            QVERIFY(!packing->isMark("bert.encoder.layer.0.output.dense.weight"));
        }
    }

    void valuesAreThoseOfTheWriter_data()
    {
        QTest::addColumn<QByteArray>("is");
        const auto row = [](const char* folder, const char* is) { QTest::newRow(folder) << QByteArray(is); };
        row("gptq4", "gptq 4 [64,128] 32 F16");
        row("gptq3-ordered", "gptq 3 [64,128] 32 F16");
        row("gptq-v2", "gptq_v2 8 [64,128] 32 F16");
        row("awq", "awq 4 [48,128] 32 F16");
        row("nf4", "nf4 4 [30,70] 64 F32");
        row("nf4-nested", "nf4 4 [30,70] 64 F32");
        row("fp4", "fp4 4 [30,70] 64 F32");
        row("int8-rows", "int8 8 [48,128] 128 ");
        row("int4-groups", "int4 4 [48,128] 32 F32");
        row("int3-zeros", "int3 3 [48,128] 32 F32");
        row("nvfp4", "nvfp4 4 [48,128] 16 ");
        row("nvfp4-modelopt", "nvfp4 4 [48,128] 16 ");
        row("mxfp4-experts", "mxfp4 4 [2,6,96] 32 ");
        row("fp8-boxes", "fp8 8 [130,131] 128 ");
        row("quanto8", "int8 8 [48,128] 0 F32");
        row("bitnet", "bitnet 2 [48,128] 0 F32");
        row("mlx4", "mlx 4 [48,128] 64 F32");
        row("mlx6", "mlx 6 [48,128] 64 F32");
        row("hqq4", "hqq 4 [48,128] 64 F32");
        row("hqq3", "hqq 3 [48,128] 64 F32");
        row("aqlm", "aqlm 1 [48,128] 0 F16");
    }
    void valuesAreThoseOfTheWriter()
    {
        QFETCH(QByteArray, is);
        JobContext job;
        const auto checkpoint =
            openCheckpoint(std::string(WEIGHBRIDGE_SOURCE_DIR "/tests/data/packing/") + QTest::currentDataTag() + "/model.safetensors", job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        QCOMPARE((*checkpoint)->packedWeights.size(), size_t{1});
        const auto& [name, packed] = *(*checkpoint)->packedWeights.begin();
        QCOMPARE(described(packed), is);
        QVERIFY2(packed.isUnpacked(), packed.asStored.c_str());
        const TensorInfo& stored = *(*checkpoint)->find(name);
        const TensorInfo weight = (*checkpoint)->unpacked(stored);
        const TensorInfo& expected = *(*checkpoint)->find("expected");
        QVERIFY(weight.shape == expected.shape && weight.dtype == DType::F32);
        QCOMPARE(floatsOf(**checkpoint, weight), floatsOf(**checkpoint, expected));

        const auto statistics = computeStatistics(**checkpoint, stored, job);
        const auto wanted = computeStatistics(**checkpoint, expected, job);
        QVERIFY(statistics && wanted);
        QCOMPARE(statistics->std, wanted->std);
        QCOMPARE(statistics->quantiles, wanted->quantiles);
        const auto block = readValueBlock(**checkpoint, stored, 3, 5, 2, 4, job);
        const auto same = readValueBlock(**checkpoint, expected, 3, 5, 2, 4, job);
        QVERIFY(block && same);
        QCOMPARE(block->values, same->values);
    }

    void tensorsSayWhatTheyStandFor_data()
    {
        QTest::addColumn<QList<QByteArray>>("tensors");
        QTest::addColumn<QByteArray>("of");
        QTest::addColumn<QByteArray>("is");
        QTest::addColumn<bool>("isUnpacked");
        QTest::addColumn<QByteArray>("values"); // of the last tensor; of the others zeros
        const QByteArray sizes = QByteArray::fromHex("0600000000000000"
                                                     "1c00000000000000"); // 6, 28
        const auto row = [](const char* name, const QList<QByteArray>& tensors, const char* of, const char* is, bool isUnpacked = true,
                            const QByteArray& values = {}) {
            QTest::newRow(name) << tensors << QByteArray(of) << QByteArray(is) << isUnpacked << values;
        };
        row("compressed-tensors int4", {"l.weight_packed I32 [6,4]", "l.weight_scale BF16 [6,2]", "l.weight_shape I64 [2]"}, "l.weight_packed",
            "int4 4 [6,28] 14 BF16", true, sizes);
        row("compressed-tensors int8", {"l.weight_packed I32 [6,7]", "l.weight_scale F16 [6,1]", "l.weight_shape I64 [2]"}, "l.weight_packed",
            "int8 8 [6,28] 0 F16", true, sizes);
        row("scales of another shape", {"l.weight_packed I32 [6,7]", "l.weight_scale F16 [5,1]", "l.weight_shape I64 [2]"}, "l.weight_packed",
            "int8 8 [6,28] 0 F16", false, sizes);
        row("zero points of another shape",
            {"l.weight_packed I32 [6,7]", "l.weight_scale F16 [6,1]", "l.weight_zero_point I32 [1,1]", "l.weight_shape I64 [2]"}, "l.weight_packed",
            "int8 8 [6,28] 0 F16", false, sizes);
        row("another shape", {"l.weight_packed I32 [5,4]", "l.weight_scale BF16 [5,2]", "l.weight_shape I64 [2]"}, "l.weight_packed", "", true,
            sizes);
        row("compressed-tensors NVFP4", {"l.weight_packed U8 [4,16]", "l.weight_scale F8_E4M3 [4,2]"}, "l.weight_packed", "nvfp4 4 [4,32] 16 ");
        row("gpt-oss MXFP4", {"e.gate_up_proj_blocks U8 [2,3,4,16]", "e.gate_up_proj_scales U8 [2,3,4]"}, "e.gate_up_proj_blocks",
            "mxfp4 4 [2,3,128] 32 ");
        row("blocks of something else", {"e.down_blocks U8 [2,3,4,16]", "e.down_scales U8 [2,3,5]"}, "e.down_blocks", "");
        row("DeepSeek FP8", {"l.weight F8_E4M3 [4,8]", "l.weight_scale_inv F32 [1,2]"}, "l.weight", "fp8 8 [4,8] 4 ");
        row("a scale of a plain weight", {"l.weight F32 [4,8]", "l.weight_scale F32 [1,2]"}, "l.weight", "");
        row("bitsandbytes without scales", {"l.weight I8 [4,8]", "l.SCB F32 [3]"}, "l.weight", "int8 8 [4,8] 8 ", false);
        row("GPTQ with uneven groups", {"l.qweight I32 [12,64]", "l.qzeros I32 [5,8]", "l.scales F16 [5,64]"}, "l.qweight", "gptq 4 [64,96] 19 F16",
            false);
        row("MLX without a config", {"l.weight U32 [8,16]", "l.scales BF16 [8,2]", "l.biases BF16 [8,2]"}, "l.weight", "mlx 0 [8,16] 0 BF16", false);
        row("AQLM with groups too large", {"l.codes I8 [2,2,1]", "l.codebooks F16 [1,4,1,100]", "l.scales F16 [2,1,1,1]"}, "l.codes",
            "aqlm 0 [2,200] 0 F16", false);
        row("Marlin", {"l.B I32 [4,128]", "l.s F16 [2,64]"}, "l.B", "marlin 4 [64,64] 32 F16", false);
        row("Marlin 2:4", {"l.B_24 I32 [2,128]", "l.B_meta I16 [64,4]", "l.s F16 [1,64]"}, "l.B_24", "marlin_24 4 [64,64] 64 F16", false);
        row("QuIP#", {"l.Qidxs I64 [64,1]", "l.SU F16 [32]", "l.SV F16 [64]"}, "l.Qidxs", "quip 2 [64,32] 0 ", false);
        row("EETQ", {"l.weight I8 [32,64]", "l.weight_scales F16 [64]"}, "l.weight", "eetq 8 [64,32] 0 F16", false);
        row("HIGGS", {"l.weight I16 [16,256]", "l.scales F16 [64,1]", "l.tables F16 [16]", "l.tables2 F16 [16,16,2]"}, "l.weight",
            "higgs 4 [64,256] 256 F16", false);
    }
    void tensorsSayWhatTheyStandFor()
    {
        QFETCH(QList<QByteArray>, tensors);
        QFETCH(QByteArray, of);
        QFETCH(QByteArray, values);
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("m.safetensors"), zeros(tensors, values)), job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        const auto weight = (*checkpoint)->packedWeights.find(of.toStdString());
        const bool isFound = weight != (*checkpoint)->packedWeights.end();
        QTEST(isFound ? described(weight->second) : QByteArray(), "is");
        if (!isFound)
            return;
        QTEST(weight->second.isUnpacked(), "isUnpacked");
        const TensorInfo read = (*checkpoint)->unpacked(*(*checkpoint)->find(of.toStdString()));
        QCOMPARE(read.storage.kind == StorageKind::Packed, weight->second.isUnpacked());
        QVERIFY(readWhole(**checkpoint, read, job, enough).has_value());
    }

    void scalesOfCtranslate2Divide()
    {
        const QByteArray header =
            R"({"l/weight_scale":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"l/weight":{"dtype":"I8","shape":[2,2],"data_offsets":[8,12]}})";
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("m.safetensors"), safetensors(header, QByteArray::fromHex("00000040"
                                                                                                                                     "00008040"
                                                                                                                                     "010203fc"))),
                                               job);
        QVERIFY(checkpoint.has_value());
        QCOMPARE(floatsOf(**checkpoint, (*checkpoint)->unpacked(*(*checkpoint)->find("l/weight"))), (std::vector<float>{0.5f, 1, 0.75f, -1}));
    }

    void aGroupBeyondTheLastIsRefused()
    {
        const TemporaryFolder folder;
        JobContext job;
        const QByteArray order = QByteArray(31 * 4, '\0') + QByteArray::fromHex("02000000"); // of two groups
        const auto checkpoint =
            openCheckpoint(folder.write(QStringLiteral("m.safetensors"),
                                        zeros({"l.qweight I32 [4,8]", "l.qzeros I32 [2,1]", "l.scales F16 [2,8]", "l.g_idx I32 [32]"}, order)),
                           job);
        QVERIFY(checkpoint.has_value());
        const auto read = readWhole(**checkpoint, (*checkpoint)->unpacked(*(*checkpoint)->find("l.qweight")), job, enough);
        QVERIFY(!read);
        QCOMPARE(read.error().rule, std::string("corrupt"));
    }
};

QTEST_APPLESS_MAIN(TstPacking)
#include "tst_packing.moc"
