// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/watched_application.h"
#include "ui/plots/depth_plot.h"
#include "ui/plots/heat_map_plot.h"
#include "ui/plots/histogram_plot.h"
#include "ui/plots/pair_plot.h"
#include "ui/plots/quantiles_plot.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/save_dialog.h"

#include <QClipboard>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QWheelEvent>
#include <QtTest>

#include <cmath>

using namespace weighbridge;

namespace {

Histogram bell()
{
    Histogram histogram{-0.1, 0.1, {}, 3, 4};
    for (int i = 0; i < 100; ++i)
        histogram.counts.push_back(uint64_t(1000 * std::exp(-std::pow((i - 49.5) / 15, 2))));
    return histogram;
}

HistogramCompanions companions()
{
    HistogramCompanions out;
    out.label = QStringLiteral("layer 3");
    out.note = QStringLiteral("7 outside");
    out.isNeverTrained = true;
    out.fitted = HistogramCompanions::Curve{[](double x) { return std::exp(-x * x); }, QStringLiteral("fits normal(0, 0.01998)")};
    out.initialiser = HistogramCompanions::Curve{[](double x) { return std::exp(-x * x); }, QStringLiteral("initializer_range")};
    out.siblings = {bell()};
    return out;
}

std::shared_ptr<const Spectrum> spectrum()
{
    auto out = std::make_shared<Spectrum>();
    out->values = {0.771, 0.5, 0.3, 0.1, 0.0};
    out->rows = out->sampledRows = 5;
    out->columns = out->sampledColumns = 6;
    out->upperEdge = 0.784;
    return out;
}

HeatMap heatMap()
{
    HeatMap map{{40, 60}, 20, 30, {}, {}, {}};
    for (int i = 0; i < 600; ++i) {
        map.mean.push_back(float(i) / 600 - 0.5F);
        map.maxAbs.push_back(0.5F);
        map.notFinite.push_back(i == 7 ? 2 : 0);
    }
    return map;
}

void wheel(QWidget& widget, const QPointF& point, int delta)
{
    QWheelEvent event(point, widget.mapToGlobal(point), {}, QPoint(0, delta), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&widget, &event);
}

/// What a plot writes above its data.
template <typename Base>
class Opened : public Base {
public:
    using Base::Base;
    using Base::labelBoxes;
    using Base::labels;
    using Base::plotArea;
};

/// Why the labels of a plot cannot all be read at this size; empty if they can.
template <typename Shown>
QByteArray labelTrouble(Shown& plot, const QSize& size)
{
    plot.resize(size);
    const std::vector<QRectF> boxes = plot.labelBoxes(plot.rect());
    if (boxes.size() != plot.labels().size() || boxes.empty())
        return "none";
    for (size_t i = 0; i < boxes.size(); ++i) {
        if (boxes[i].bottom() > plot.plotArea().top() || !QRectF(plot.rect()).contains(boxes[i]))
            return "on the data or outside: " + plot.labels()[i].text.toUtf8();
        for (size_t k = 0; k < i; ++k)
            if (boxes[k].intersects(boxes[i]))
                return "on another: " + plot.labels()[i].text.toUtf8();
    }
    return plot.plotArea().height() < size.height() / 4.0 ? "no room is left" : QByteArray();
}

} // namespace

class TstPlots : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    QByteArray saved(Plot& plot, const QString& name)
    {
        plot.resize(500, 300);
        const QString path = m_folder.filePath(name);
        if (!plot.save(path))
            return {};
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void aSavedHistogramHoldsItsTexts()
    {
        HistogramPlot plot;
        plot.setHistogram(QStringLiteral("h.3.q.weight"), bell(), companions());
        const QByteArray svg = saved(plot, QStringLiteral("histogram.svg"));
        for (const char* text : {"h.3.q.weight", "layer 3", "fits normal(0, 0.01998)", "initializer_range", "7 outside", ">value<", "elements per"})
            QVERIFY2(svg.contains(text), text);
        QVERIFY(!svg.contains("<image"));
    }
    void labelsStandAboveTheData_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("in a window of 1920") << QSize(700, 400);
        QTest::newRow("in a window of 1440") << QSize(480, 300);
        QTest::newRow("in a window of 1280") << QSize(414, 240);
        QTest::newRow("in the narrowest") << QSize(374, 220);
    }
    void labelsStandAboveTheData()
    {
        QFETCH(QSize, size);
        Opened<HistogramPlot> histogram;
        histogram.setHistogram(QStringLiteral("h"), bell(), companions());
        QCOMPARE(labelTrouble(histogram, size), QByteArray());
        Opened<SpectrumPlot> singular;
        singular.setSpectrum(QStringLiteral("s"), QStringLiteral("layer 2"), spectrum(), {spectrum(), spectrum()}, true);
        QCOMPARE(labelTrouble(singular, size), QByteArray());
        Opened<QuantilesPlot> quantiles;
        quantiles.setQuantiles(QStringLiteral("q"), QuantilePlot{}, false);
        QCOMPARE(labelTrouble(quantiles, size), QByteArray());
        Opened<PairPlot> pair(PairPlot::Kind::Overlaid);
        pair.setHistograms(QStringLiteral("p"), PairHistograms{bell(), bell(), bell()},
                           {QStringLiteral("A std 0.0565"), QStringLiteral("B std 0.0200")}, {});
        QCOMPARE(labelTrouble(pair, size), QByteArray());
    }
    void picturesAreWrittenInTheirFormats_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("magic");
        QTest::addRow("svg") << QStringLiteral("a.svg") << QByteArray("<?xml");
        QTest::addRow("pdf") << QStringLiteral("a.pdf") << QByteArray("%PDF");
        QTest::addRow("png") << QStringLiteral("a.png") << QByteArray("\x89PNG");
        QTest::addRow("other") << QStringLiteral("a.unknown") << QByteArray("\x89PNG");
    }
    void picturesAreWrittenInTheirFormats()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, magic);
        HistogramPlot plot;
        plot.setHistogram(QStringLiteral("t"), bell());
        QVERIFY(saved(plot, name).startsWith(magic));
    }
    void picturesAreNamedByTensorAndKind()
    {
        HistogramPlot histogram;
        histogram.setHistogram(QStringLiteral("h.3.q.weight"), bell());
        QCOMPARE(histogram.fileName(), QStringLiteral("h.3.q.weight-histogram"));
        histogram.setHistogram(QStringLiteral("../a b/c:0"), bell());
        QCOMPARE(histogram.fileName(), QStringLiteral("a-b-c-0-histogram"));
        DepthPlot depth;
        depth.setSeries(QStringLiteral("std"), {{QStringLiteral("query"), {{0, 0.1, 10, false}, {1, 0.02, 11, true}}}}, 0, {});
        QCOMPARE(depth.fileName(), QStringLiteral("std-over-depth"));
    }
    void theChosenKindGivesTheSuffix_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("path");
        QTest::newRow("none") << QStringLiteral("a/b") << QStringLiteral("a/b.png");
        QTest::newRow("of the name") << QStringLiteral("h.3.weight") << QStringLiteral("h.3.weight.png");
        QTest::newRow("of another kind") << QStringLiteral("h.3.weight.SVG") << QStringLiteral("h.3.weight.png");
        QTest::newRow("its own") << QStringLiteral("x.png") << QStringLiteral("x.png");
    }
    void theChosenKindGivesTheSuffix()
    {
        QFETCH(QString, typed);
        QFETCH(QString, path);
        const QList<FileKind> kinds{{QStringLiteral("SVG"), QStringLiteral("svg")}, {QStringLiteral("PNG"), QStringLiteral("png")}};
        QCOMPARE(withSuffix(typed, kinds[1], kinds), path);
    }
    void savingAsksForNameAndKind()
    {
        HistogramPlot plot;
        plot.resize(400, 300);
        plot.setHistogram(QStringLiteral("h.3.q.weight"), bell());
        QString offered;
        QTimer::singleShot(0, qApp, [&] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            QVERIFY(dialog);
            offered = QFileInfo(dialog->selectedFiles().value(0)).fileName();
            dialog->setDirectory(m_folder.path());
            auto* kinds = dialog->findChild<QComboBox*>(QStringLiteral("fileTypeCombo"));
            kinds->setCurrentIndex(2);
            Q_EMIT kinds->activated(2); // as a click does
            dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save)->click();
        });
        plot.saveAs();
        QCOMPARE(offered, QStringLiteral("h.3.q.weight-histogram.svg"));
        QFile file(m_folder.filePath(QStringLiteral("h.3.q.weight-histogram.png")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().startsWith("\x89PNG"));
    }
    void copyingGivesThePictureAndWhatItSays()
    {
        HistogramPlot plot;
        plot.resize(400, 300);
        plot.setHistogram(QStringLiteral("h.3.q.weight"), bell());
        plot.copyImage();
        const QMimeData* copied = QApplication::clipboard()->mimeData();
        QCOMPARE(copied->imageData().value<QImage>().size(), QSize(800, 600));
        QCOMPARE(copied->text(), QStringLiteral("h.3.q.weight\n") + plot.accessibleDescription());
    }
    void aFailedSaveLeavesNothing()
    {
        HistogramPlot plot;
        plot.setHistogram(QStringLiteral("t"), bell());
        QVERIFY(!plot.save(m_folder.filePath(QStringLiteral("absent/a.svg"))));
        QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("absent"))));
    }
    void theWheelZoomsAroundThePointerAndSpaceFits()
    {
        HistogramPlot plot;
        plot.resize(500, 300);
        plot.setHistogram(QStringLiteral("t"), bell());
        const auto [low, high] = plot.visibleRange();
        wheel(plot, QPointF(400, 150), 240);
        const auto [zoomedLow, zoomedHigh] = plot.visibleRange();
        QVERIFY(zoomedHigh - zoomedLow < high - low);
        QVERIFY(zoomedLow - low > high - zoomedHigh); // right of the middle stays nearer
        QTest::keyClick(&plot, Qt::Key_Space);
        QCOMPARE(plot.visibleRange(), std::pair(low, high));
    }
    void newStatisticsOfTheSameTensorKeepTheZoom()
    {
        HistogramPlot plot;
        plot.resize(500, 300);
        plot.setHistogram(QStringLiteral("t"), bell());
        wheel(plot, QPointF(250, 150), 240);
        const auto zoomed = plot.visibleRange();
        plot.setHistogram(QStringLiteral("t"), bell());
        QCOMPARE(plot.visibleRange(), zoomed);
        plot.setHistogram(QStringLiteral("other"), bell());
        QVERIFY(plot.visibleRange() != zoomed);
    }
    void thePointerReadsValueCountAndBin()
    {
        HistogramPlot plot;
        plot.resize(500, 300);
        plot.setHistogram(QStringLiteral("t"), bell());
        QSignalSpy readOut(&plot, &Plot::readOut);
        QMouseEvent move(QEvent::MouseMove, QPointF(300, 150), plot.mapToGlobal(QPointF(300, 150)), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QApplication::sendEvent(&plot, &move);
        QCOMPARE(readOut.size(), 1);
        QVERIFY(readOut.last().first().toString().contains(QStringLiteral("elements from")));
    }
    void aMessageStandsInThePlotAreaWithProgress()
    {
        HistogramPlot plot;
        plot.clear(QStringLiteral("Reading the values"));
        plot.setProgress(0.4);
        QVERIFY(saved(plot, QStringLiteral("message.svg")).contains("Reading the values"));
        QCOMPARE(plot.accessibleDescription(), QStringLiteral("Reading the values"));
    }
    void theSpectrumNamesTheEdge()
    {
        SpectrumPlot plot;
        plot.setSpectrum(QStringLiteral("t"), QStringLiteral("layer 3"), spectrum(), {spectrum()}, true);
        QVERIFY(plot.accessibleDescription().contains(QStringLiteral("all below the Marchenko–Pastur edge 0.784")));
        const QByteArray svg = saved(plot, QStringLiteral("spectrum.svg"));
        for (const char* text : {"layer 3: largest 0.771, all below the edge", "Marchenko–Pastur edge 0.784", "rank of singular value"})
            QVERIFY2(svg.contains(text), text);
    }
    void quantilesSayWhatTheyAreComparedWith()
    {
        QuantilePlot data;
        data.distribution = {Family::Normal, 0, 0.02};
        data.values = 100;
        data.count = 400;
        for (int i = -10; i <= 10; ++i)
            data.points.push_back({i * 0.004, i * 0.004, i == -10 ? -INFINITY : i * 0.004 - 0.001, i * 0.004 + 0.001});
        QuantilesPlot plot;
        plot.setQuantiles(QStringLiteral("t"), data, false);
        const QByteArray svg = saved(plot, QStringLiteral("quantiles.svg"));
        for (const char* text : {"normal(0, 0.02)", "sampled 100 of 400 values", "value found"})
            QVERIFY2(svg.contains(text), text);
        QVERIFY(!svg.contains("inf") && !svg.contains("nan"));
        QVERIFY(plot.accessibleDescription().contains(QStringLiteral("0 of 21 points")));
    }
    void depthSelectsTheLayerUnderAClick()
    {
        DepthPlot plot;
        plot.resize(500, 160);
        plot.setSeries(QStringLiteral("std"), {{QStringLiteral("query"), {{0, 0.1, 10, false}, {1, 0.02, 11, true}, {2, 0.09, 12, false}}}}, 0.02, QStringLiteral("initializer_range"));
        QSignalSpy activated(&plot, &DepthPlot::activated);
        QTest::mouseClick(&plot, Qt::LeftButton, {}, QPoint(470, 60));
        QCOMPARE(activated.last().first().toInt(), 12);
        plot.setSelectedRow(12);
        QTest::keyClick(&plot, Qt::Key_Left);
        QCOMPARE(activated.last().first().toInt(), 11);
        QVERIFY(plot.accessibleDescription().contains(QStringLiteral("1 points never trained")));
        QVERIFY(saved(plot, QStringLiteral("depth.svg")).contains("initializer_range 0.0200"));
    }
    void aHeatMapAsksForValuesWhereItIsZoomedIn()
    {
        HeatMapPlot plot;
        plot.resize(500, 300);
        plot.setHeatMap(QStringLiteral("t"), heatMap(), 0.5);
        QSignalSpy wanted(&plot, &HeatMapPlot::blockWanted);
        wheel(plot, QPointF(250, 150), 480);
        QVERIFY(wanted.wait());
        const QRectF visible = plot.visibleCells();
        QVERIFY(visible.width() < 60);
        QCOMPARE(wanted.last()[0].toULongLong(), quint64(visible.toAlignedRect().top()));
        plot.setBlock({quint64(visible.toAlignedRect().top()), 0, 40, 60, std::vector<double>(2400, 0.25)});
        QVERIFY(saved(plot, QStringLiteral("heat.svg")).contains("column"));
        QTest::keyClick(&plot, Qt::Key_Space);
        QCOMPARE(plot.visibleCells(), QRectF(0, 0, 60, 40));
    }
};

WATCHED_TEST_MAIN(TstPlots)
#include "tst_plots.moc"
