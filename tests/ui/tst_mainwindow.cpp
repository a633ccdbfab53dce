// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/open_checkpoint.h"
#include "tests/support/patience.h"
#include "tests/support/window_test.h"
#include "ui/cascade.h"
#include "ui/plots/histogram_plot.h"
#include "ui/models/tensor_tree_model.h"
#include "ui/views/banner.h"
#include "ui/views/compare_page.h"
#include "ui/views/empty_state.h"
#include "ui/views/error_page.h"
#include "ui/views/finding_delegate.h"
#include "ui/views/inspector.h"
#include "ui/views/load_strip.h"
#include "ui/views/loading_page.h"
#include "ui/views/manual_window.h"
#include "ui/views/start_page.h"
#include "ui/views/text_label.h"
#include "ui/views/verdict_band.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QScreen>
#include <QStatusBar>
#include <QTabBar>
#include <QTextBrowser>
#include <QToolButton>

#include <algorithm>
#include <atomic>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

bool isIn(const QString& word, const QString& text)
{
    return text.contains(word, Qt::CaseInsensitive);
}

} // namespace

class TestMainWindow : public WindowTest {
    Q_OBJECT

private:
    static QPushButton* button(const QWidget& inside, const QString& text)
    {
        const auto buttons = inside.findChildren<QPushButton*>();
        const auto found = std::find_if(buttons.begin(), buttons.end(), [&text](const QPushButton* one) { return one->isVisible() && one->text() == text; });
        return found == buttons.end() ? nullptr : *found;
    }

    /// Goes to it with the Tab key; false if the key does not lead there or the widget looks as before.
    bool showsThatItIsReached(QWidget* widget)
    {
        constexpr int mostSteps = 100;
        find().setFocus();
        const QImage before = widget->grab().toImage();
        for (int i = 0; i < mostSteps && !widget->hasFocus(); ++i)
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        return widget->hasFocus() && widget->grab().toImage() != before;
    }

    /// A model's folder, models/prefix, beside which nothing else lies.
    QString sampleCopy()
    {
        const QString folder = m_folder->filePath(QStringLiteral("models/prefix"));
        const QDir sample(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix"));
        if (!QDir().mkpath(folder))
            qFatal("the test's folder cannot be written");
        for (const QString& name : sample.entryList(QDir::Files))
            QFile::copy(sample.filePath(name), folder + u'/' + name);
        return folder;
    }

    void drop(const QStringList& paths, double height = 0.75, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QMimeData data;
        QList<QUrl> urls;
        for (const QString& path : paths)
            urls << QUrl::fromLocalFile(path);
        data.setUrls(urls);
        const QPoint point(m_window->width() / 2, int(m_window->height() * height));
        QDragEnterEvent enter(point, Qt::CopyAction, &data, Qt::LeftButton, modifiers);
        QApplication::sendEvent(m_window, &enter);
        QVERIFY(enter.isAccepted());
        QDragMoveEvent move(point, Qt::CopyAction, &data, Qt::LeftButton, modifiers);
        QApplication::sendEvent(m_window, &move);
        QDropEvent drop(point, Qt::CopyAction, &data, Qt::LeftButton, modifiers);
        QApplication::sendEvent(m_window, &drop);
        QVERIFY(drop.isAccepted());
    }

    void dropAndWait(const QStringList& paths)
    {
        drop(paths);
        waitForCheck();
    }

private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void beginsWithTheStartPage()
    {
        makeWindow();
        QVERIFY(qobject_cast<StartPage*>(m_window->shownPage()));
        QVERIFY(!m_window->tabs()->isVisible());
        QCOMPARE(m_window->windowTitle(), QStringLiteral("Weighbridge"));
    }

    void aDropOpensACheckpoint()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        QCOMPARE(m_window->shownPage(), &m_window->checkpointView());
        QVERIFY(m_window->windowTitle().startsWith(QStringLiteral("model.safetensors")));
        QVERIFY(!m_window->checkpointView().verdict()->sentence().isEmpty());
        QCOMPARE(m_window->document().rows()->rows().size(), size_t(4));
        QVERIFY(tensors().model()->rowCount() > 0);
        QCOMPARE(m_window->tabs()->currentIndex(), int(CheckpointView::StructurePageIndex));
        QCOMPARE(m_recent->files().size(), 1);
        QVERIFY(m_window->actions().recent[0]->isVisible());
    }

    void whatIsNoCheckpointIsExplained()
    {
        makeWindow();
        const QString path = write(QStringLiteral("model.bin"), "<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>");
        drop({path});
        QTRY_COMPARE(m_window->document().state(), Document::State::Failed);
        auto* page = qobject_cast<ErrorPage*>(m_window->shownPage());
        QVERIFY(page);
        QVERIFY(isIn(QStringLiteral("html"), page->details()));
        QVERIFY(page->details().contains(path));

        m_window->actions().manual->trigger();
        const auto* manual = m_window->findChild<ManualWindow*>();
        QVERIFY(manual && manual->isVisible());
        QVERIFY(manual->browser()->toPlainText().contains(QStringLiteral("A web page in the place of the file")));
        QVERIFY(!manual->browser()->toPlainText().contains(QStringLiteral("SPDX")));
    }

    void everyKeyIsListed()
    {
        makeWindow();
        m_window->actions().shortcuts->trigger();
        const auto* manual = m_window->findChild<ManualWindow*>();
        QVERIFY(manual);
        const QString text = manual->browser()->toPlainText();
        for (const QString& key : {QStringLiteral("F1"), QStringLiteral("F8"), QStringLiteral("Ctrl+K"), QStringLiteral("Alt+4")})
            QVERIFY2(text.contains(key), qPrintable(key));
    }

    void whatIsLeftOfACutFileIsShown()
    {
        makeWindow();
        const QString path = checkpoint();
        QFile file(path);
        QVERIFY(file.resize(file.size() - 20)); // the last bias, and one value of the weight before it
        dropAndWait({path});
        QCOMPARE(m_window->shownPage(), &m_window->checkpointView());
        const auto& rows = m_window->document().rows()->rows();
        QCOMPARE(rows.size(), size_t(4));
        QCOMPARE(std::count_if(rows.begin(), rows.end(), [](const TensorRow& row) { return row.state == RowState::Lost; }), 2);
        QVERIFY(m_window->checkpointView().banner()->isVisible());
        QVERIFY2(m_window->checkpointView().banner()->text().contains(QStringLiteral("stops at byte")), qPrintable(m_window->checkpointView().banner()->text()));
        QVERIFY(m_window->checkpointView().verdict()->sentence().startsWith(QStringLiteral("Not usable")));
        QVERIFY(!m_window->actions().saveRepaired->isEnabled());
        dropAndWait({checkpoint(QStringLiteral("whole.safetensors"))});
        QVERIFY(!m_window->checkpointView().banner()->isVisible());
    }

    void aRepairedCopyIsWrittenAndOpened()
    {
        makeWindow();
        const QString sample = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix");
        dropAndWait({sample});
        QTRY_VERIFY(m_window->document().canRepair());
        QVERIFY(m_window->actions().saveRepaired->isEnabled());
        const QString out = m_folder->filePath(QStringLiteral("copy"));
        m_window->document().repair(out);
        QVERIFY(!m_window->actions().saveRepaired->isEnabled());
        QTRY_VERIFY(m_window->checkpointView().banner()->isVisible());
        QVERIFY2(m_window->document().repairResult()->has_value(), qPrintable(m_window->checkpointView().banner()->text()));
        QTest::mouseClick(m_window->checkpointView().banner()->findChildren<QPushButton*>().first(), Qt::LeftButton);
        QTRY_COMPARE(m_window->document().path(), out);
        QTRY_VERIFY(m_window->document().check() && !m_window->document().isChecking());
        QCOMPARE(m_window->document().check()->comparison->coverage(), 1.0);
        QVERIFY(!m_window->actions().saveRepaired->isEnabled());
        dropAndWait({sample});
        QTRY_VERIFY(m_window->document().canRepair());
        m_window->document().repair(out); // it is there by now
        QTRY_VERIFY(m_window->checkpointView().banner()->text().contains(QStringLiteral("written over")));
    }

    void afterTheFixFollowsTheSelectedFinding()
    {
        makeWindow();
        const QString sample = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix/");
        QFile config(sample + QStringLiteral("config.json"));
        QVERIFY(config.open(QIODevice::ReadOnly));
        const QString folder = m_folder->filePath(QStringLiteral("half"));
        QVERIFY(QDir().mkpath(folder) && QFile::copy(sample + QStringLiteral("pytorch_model.bin"), folder + QStringLiteral("/pytorch_model.bin")));
        write(QStringLiteral("half/config.json"), config.readAll().replace("\"float32\"", "\"float16\""));
        dropAndWait({folder});
        Document& document = m_window->document();
        const auto rows = [this] { return m_window->checkpointView().strip()->strip().rows.size(); };
        QTRY_COMPARE(rows(), size_t(3));
        const auto note = std::find_if(document.findings().begin(), document.findings().end(), [](const Finding& finding) { return finding.rule == "dtype"; });
        QVERIFY(note != document.findings().end());
        document.selectFinding(int(note - document.findings().begin())); // nothing of names or config is to be mended
        QTRY_COMPARE(rows(), size_t(2));
        QVERIFY(!m_window->actions().afterFix->isEnabled());
        document.selectFinding(0);
        QTRY_COMPARE(rows(), size_t(3));
        m_window->actions().afterFix->trigger();
        QTRY_COMPARE(document.rows(View::AfterFix)->rows().front().state, RowState::Matched);
    }

    void theFixOfTheSelectedFindingIsCopied()
    {
        makeWindow();
        dropAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix")});
        QTRY_VERIFY(m_window->actions().copyFix->isEnabled());
        QApplication::clipboard()->clear();
        m_window->actions().copyFix->trigger();
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("removeprefix")));
    }

    void theButtonsOfTheFixWorkByKeyboard()
    {
        makeWindow();
        const QString sample = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix");
        dropAndWait({sample});
        QTRY_VERIFY(m_window->document().canRepair());
        QApplication::clipboard()->clear();
        QPushButton* const copy = button(*m_window->checkpointView().structure()->inspector(), QStringLiteral("Copy fix"));
        QVERIFY(copy && showsThatItIsReached(copy));
        QTest::keyClick(copy, Qt::Key_Space);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("removeprefix")));

        QPushButton* const save = button(*m_window->checkpointView().verdict(), QStringLiteral("Save repaired copy…"));
        QVERIFY(save && showsThatItIsReached(save));
        QAction* const action = m_window->actions().saveRepaired;
        disconnect(action, &QAction::triggered, m_window, nullptr); // the dialog that follows is Qt's
        int triggered = 0;
        connect(action, &QAction::triggered, this, [&triggered] { ++triggered; });
        QTest::keyClick(save, Qt::Key_Space);
        QCOMPARE(triggered, 1);
        QTest::keyClick(m_window, Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(triggered, 2);
    }

    void theVerdictsButtonTakesNoLetterFromTheMenus()
    {
        makeWindow();
        dropAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix")});
        m_window->checkpointView().verdict()->setAction(m_window->actions().copyFix, false); // Alt+F is the File menu
        QVERIFY(button(*m_window->checkpointView().verdict(), QStringLiteral("Copy fix")));
    }

    void choosersBeginBesideWhatIsOpen_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("folder");
        QTest::newRow("open") << QStringLiteral("Ctrl+O") << QStringLiteral("models");
        QTest::newRow("open a folder") << QStringLiteral("Ctrl+Shift+O") << QStringLiteral("models");
        QTest::newRow("compare with") << QStringLiteral("Ctrl+D") << QStringLiteral("models");
        QTest::newRow("reference") << QStringLiteral("Ctrl+Shift+R") << QStringLiteral("models");
        QTest::newRow("statistics") << QStringLiteral("Ctrl+Shift+T") << QStringLiteral("models");
        QTest::newRow("config, of a folder in it") << QStringLiteral("Ctrl+Shift+K") << QStringLiteral("models/prefix");
        QTest::newRow("repaired copy") << QStringLiteral("Ctrl+Shift+S") << QStringLiteral("models");
        QTest::newRow("report") << QStringLiteral("Ctrl+Shift+E") << QStringLiteral("models");
    }
    void choosersBeginBesideWhatIsOpen()
    {
        QFETCH(QString, key);
        QFETCH(QString, folder);
        makeWindow();
        dropAndWait({sampleCopy()});
        QTRY_VERIFY(m_window->document().canRepair());
        QString began;
        onFileDialog([&began](QFileDialog& dialog) {
            began = dialog.directory().absolutePath();
            dialog.reject();
        });
        QTest::keySequence(m_window, QKeySequence(key));
        QCOMPARE(began, m_folder->filePath(folder));
    }

    void compareWithTakesAFolder()
    {
        makeWindow();
        dropAndWait({sampleCopy()});
        const QString other = m_folder->filePath(QStringLiteral("models/prefix"));
        onFileDialog([&other](QFileDialog& dialog) {
            dialog.setDirectory(other);
            button(dialog, QStringLiteral("Compare with this folder"))->click();
        });
        m_window->actions().compareWith->trigger();
        QCOMPARE(m_window->document().pathB(), other);
        QCOMPARE(m_window->checkpointView().page(), CheckpointView::ComparePageIndex);
        QTRY_COMPARE(m_window->checkpointView().compare()->document().state(), ComparisonDocument::State::Compared);
    }

    void exportsGoWhereTheLastOneWent()
    {
        makeWindow();
        dropAndWait({sampleCopy()});
        const QString folder = m_folder->filePath(QStringLiteral("reports"));
        QVERIFY(QDir().mkpath(folder));
        QString proposed;
        onFileDialog([&folder, &proposed](QFileDialog& dialog) {
            proposed = QFileInfo(dialog.selectedFiles().value(0)).fileName();
            dialog.findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(folder + QStringLiteral("/one.md"));
            QTest::keyClick(dialog.findChild<QLineEdit*>(QStringLiteral("fileNameEdit")), Qt::Key_Return);
        });
        m_window->actions().exportReport->trigger();
        QCOMPARE(proposed, QStringLiteral("prefix-report.pdf"));
        QTRY_VERIFY(QFile::exists(folder + QStringLiteral("/one.md")) && !m_window->reportExport().isRunning());
        m_window->close();
        QTRY_VERIFY(!m_window);
        makeWindow(); // remembered beyond the window
        dropAndWait({checkpoint()});
        select(0);
        QString began;
        onFileDialog([&began, &proposed](QFileDialog& dialog) {
            began = dialog.directory().absolutePath();
            proposed = QFileInfo(dialog.selectedFiles().value(0)).fileName();
            dialog.reject();
        });
        m_window->actions().exportTensors->trigger();
        QCOMPARE(began, folder);
        QCOMPARE(proposed, QStringLiteral("encoder.layer.0.query.weight.npy"));
    }

    void tiedTensorsAreExplained()
    {
        makeWindow();
        dropAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained")});
        const auto labels = m_window->checkpointView().verdict()->findChildren<TextLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(),
                            [](const TextLabel* label) { return isIn(QStringLiteral("2 tied tensors are stored once"), label->fullText()); }));
        const auto widgets = m_window->checkpointView().verdict()->findChildren<QWidget*>();
        QVERIFY(std::any_of(widgets.begin(), widgets.end(), [](const QWidget* widget) {
            return isIn(QStringLiteral("cls.predictions.decoder.weight = bert.embeddings.word_embeddings.weight"), widget->toolTip());
        }));
        const int row = m_window->document().rows()->rowNamed("cls.predictions.decoder.weight");
        m_window->document().select(m_window->document().rows()->rows()[size_t(row)].id);
        const auto isShown = [this](const QString& text) {
            const auto all = m_window->checkpointView().structure()->inspector()->findChildren<TextLabel*>(); // of now: some come and go
            return std::any_of(all.begin(), all.end(), [&text](const TextLabel* label) { return label->isVisible() && label->fullText() == text; });
        };
        QTRY_VERIFY(isShown(QStringLiteral("bert.embeddings.word_embeddings.weight")));
    }

    void whatARuleTriedIsShown()
    {
        makeWindow();
        dropAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix")});
        const auto shows = [this](const QString& text) {
            const auto labels = m_window->checkpointView().structure()->inspector()->findChildren<TextLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&text](const TextLabel* label) { return label->isVisible() && label->fullText() == text; });
        };
        QTRY_VERIFY(shows(QStringLiteral("What was tried")));
        QTRY_VERIFY(shows(QStringLiteral("as it is")));
    }

    void aConfigReplacesTheExpectation()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        QVERIFY(!m_window->document().rows()->hasExpectation());
        const QString config = write(QStringLiteral("config.json"), R"({"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 4, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 10, "max_position_embeddings": 8, "type_vocab_size": 2})");
        drop({config});
        QTRY_VERIFY(m_window->document().rows() && m_window->document().rows()->hasExpectation());
        QTRY_VERIFY(!m_window->document().isChecking());
        QCOMPARE(m_window->document().configPath(), config);
        QVERIFY(m_window->document().checkpoint());
        QVERIFY(!m_window->checkpointView().structure()->tensors()->tree()->isColumnHidden(TensorTreeModel::ExpectedColumn));
        QVERIFY(m_window->checkpointView().strip()->strip().rows.size() >= 2);
    }

    void theUpperHalfCompares()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        const QString other = checkpoint(QStringLiteral("other.safetensors"));
        drop({other}, 0.25);
        QTRY_COMPARE(m_window->document().state(), Document::State::Loaded);
        QVERIFY(m_window->document().path().endsWith(QStringLiteral("model.safetensors")));
        QCOMPARE(m_window->document().pathB(), other);
        QCOMPARE(m_window->checkpointView().page(), CheckpointView::ComparePageIndex);
    }

    void twoFilesDroppedTogetherAreCompared()
    {
        makeWindow();
        const QString other = write(QStringLiteral("other.safetensors"), safetensors({{"encoder.layer.0.query.weight", "4,4", 16}, {"encoder.layer.0.query.bias", "4", 4}, {"head.weight", "2,4", 8}}));
        drop({checkpoint(), other});
        ComparePage* page = m_window->checkpointView().compare();
        QTRY_COMPARE(page->document().state(), ComparisonDocument::State::Compared);
        QCOMPARE(m_window->checkpointView().page(), CheckpointView::ComparePageIndex);
        QVERIFY(m_window->checkpointView().verdict()->sentence().startsWith(QStringLiteral("What A and B share is the same")));
        QCOMPARE(page->model()->shownPairs(), 5);
        m_window->actions().onlyDifferences->trigger();
        QCOMPARE(page->model()->shownPairs(), 3);
        // the find field searches the page that is shown
        find().setText(QStringLiteral("head"));
        QTRY_COMPARE(page->model()->shownPairs(), 1);
        QCOMPARE(m_window->checkpointView().page(), CheckpointView::ComparePageIndex);
        m_window->actions().swapSides->trigger();
        QTRY_COMPARE(page->document().state(), ComparisonDocument::State::Compared);
        QVERIFY(page->document().difference()->a->path.ends_with("other.safetensors"));
    }

    void whatIsOpenStaysOpenAfterOnlyDifferences()
    {
        makeWindow();
        drop({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained"),
              QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/never-loaded")});
        ComparePage* page = m_window->checkpointView().compare();
        QTRY_COMPARE(page->document().state(), ComparisonDocument::State::Compared);
        const auto pairNamed = [page](std::string_view name) {
            const Difference& difference = *page->document().difference();
            const auto found = std::find_if(difference.pairs.begin(), difference.pairs.end(),
                                            [&](const TensorPair& pair) { return difference.a->tensors[size_t(pair.a)].name == name; });
            return int(found - difference.pairs.begin());
        };
        const int same = pairNamed("bert.encoder.layer.1.output.dense.weight");
        const int differing = pairNamed("bert.encoder.layer.2.output.dense.weight");
        const auto isOpen = [page](int pair) { return page->tree()->isExpanded(page->model()->indexOfPair(pair).parent().siblingAtColumn(0)); };
        page->document().select(same); // opens its layer
        page->document().select(differing);
        QVERIFY(isOpen(same) && isOpen(differing));
        m_window->actions().onlyDifferences->trigger();
        QVERIFY(!page->model()->indexOfPair(same).isValid());
        QVERIFY(isOpen(differing));
        m_window->actions().onlyDifferences->trigger();
        QVERIFY(isOpen(same) && isOpen(differing));
        QCOMPARE(page->model()->pairOf(page->tree()->currentIndex()), differing);
        QVERIFY(page->tree()->viewport()->rect().intersects(page->tree()->visualRect(page->tree()->currentIndex())));
    }

    void onlyDifferencesIsRemembered()
    {
        makeWindow();
        m_window->checkpointView().compare()->setOnlyDifferences(true);
        QVERIFY(m_window->actions().onlyDifferences->isChecked());
        m_window->close();
        QTRY_VERIFY(!m_window);
        makeWindow();
        QVERIFY(m_window->checkpointView().compare()->showsOnlyDifferences());
    }

    void stopIsThereForWhatRuns()
    {
        auto release = std::make_shared<std::atomic<bool>>(false);
        CoreCalls calls = coreCalls();
        calls.openCheckpoint = [release, open = calls.openCheckpoint](const std::string& path, JobContext& job) {
            while (!*release && !job.cancelled())
                QThread::msleep(5);
            return open(path, job);
        };
        makeWindow(calls);
        const QAction* stop = m_window->actions().stop;
        QVERIFY(!stop->isEnabled());
        drop({checkpoint()});
        QVERIFY(stop->isEnabled());
        *release = true;
        waitForCheck();
        QTRY_VERIFY(!stop->isEnabled()); // the statistics are there too
        m_window->actions().fullScreen->trigger();
        QVERIFY(stop->isEnabled()); // leaves it
        QTest::keyClick(m_window, Qt::Key_Escape);
        QTRY_VERIFY(!m_window->isFullScreen() && !stop->isEnabled());
    }

    void unreadableTensorsAreCounted()
    {
        CoreCalls calls = coreCalls();
        calls.analyse = [analyse = calls.analyse](const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors,
                                                  JobContext& job, const AnalysisSink& take) {
            return analyse(checkpoint, hints, tensors, job, [&take](size_t tensor, Result<TensorAnalysis> analysis) {
                if (tensor == 1)
                    take(tensor, failure(Error("truncated", "The file stops at byte 70000 of 90000.")));
                else
                    take(tensor, std::move(analysis));
            });
        };
        makeWindow(calls);
        dropAndWait({checkpoint()});
        const auto says = [this](const QString& text) {
            const auto labels = m_window->statusBar()->findChildren<TextLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&text](const TextLabel* label) { return label->fullText() == text; });
        };
        QTRY_VERIFY(says(QStringLiteral("Statistics: 3 of 4, 1 unreadable")));
        select(1);
        const QString grouped = QStringLiteral("The file stops at byte 70\u202f000 of 90\u202f000.");
        QCOMPARE(m_window->checkpointView().structure()->inspector()->tensorSection()->plot()->message(), grouped);
        QCOMPARE(m_window->document().statisticsError(1)->message, std::string("The file stops at byte 70000 of 90000.")); // core's stays
    }

    void oneSelectionForAllPages()
    {
        makeWindow();
        drop({checkpoint(), checkpoint(QStringLiteral("other.safetensors"))});
        ComparePage* page = m_window->checkpointView().compare();
        QTRY_COMPARE(page->document().state(), ComparisonDocument::State::Compared);
        page->document().select(2);
        QCOMPARE(m_window->document().rows()->rows()[size_t(m_window->document().selectedRow())].found, page->document().difference()->pairs[2].a);
        m_window->document().select(TensorId{TensorId::Side::Found, 1});
        QCOMPARE(page->document().difference()->pairs[size_t(page->document().selected())].a, 1);
    }

    void whatCannotBeComparedIsExplained()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        drop({write(QStringLiteral("other.safetensors"), "no checkpoint at all, only words")}, 0.25);
        ComparePage* page = m_window->checkpointView().compare();
        QTRY_COMPARE(page->document().state(), ComparisonDocument::State::Failed);
        QVERIFY(!page->emptyState()->title().isEmpty());
    }

    void theLowerHalfOpensInstead()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        dropAndWait({checkpoint(QStringLiteral("other.safetensors"))});
        QVERIFY(m_window->document().path().endsWith(QStringLiteral("other.safetensors")));
        QVERIFY(m_window->document().pathB().isEmpty());
    }

    void shiftOpensAnotherWindow()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        drop({checkpoint(QStringLiteral("other.safetensors"))}, 0.75, Qt::ShiftModifier);
        QVERIFY(m_window->document().path().endsWith(QStringLiteral("model.safetensors")));
        QList<MainWindow*> others;
        for (QWidget* widget : QApplication::topLevelWidgets()) {
            if (auto* window = qobject_cast<MainWindow*>(widget); window && window != m_window)
                others << window;
        }
        QCOMPARE(others.size(), 1);
        QTRY_COMPARE(others[0]->document().state(), Document::State::Loaded);
        delete others[0];
    }

    void aSecondWindowStaysOnTheScreen_data()
    {
        QTest::addColumn<QRect>("first");
        QTest::addColumn<QRect>("second");
        QTest::newRow("room beside it") << QRect(100, 50, 1000, 700) << QRect(124, 74, 1000, 700);
        QTest::newRow("wide: becomes smaller") << QRect(0, 0, 1280, 700) << QRect(24, 24, 1256, 700);
        QTest::newRow("fills the screen") << QRect(0, 0, 1280, 800) << QRect(24, 24, 1256, 776);
        QTest::newRow("no room to be smaller: begins anew") << QRect(310, 190, 970, 610) << QRect(0, 0, 970, 610);
        QTest::newRow("hangs over the left edge") << QRect(-40, -10, 1000, 700) << QRect(24, 24, 1000, 700);
        QTest::newRow("larger than the screen") << QRect(0, 0, 1440, 900) << QRect(24, 24, 1256, 776);
    }
    void aSecondWindowStaysOnTheScreen()
    {
        QFETCH(QRect, first);
        QTEST(cascaded(first, QRect(0, 0, 1280, 800), QSize(960, 600)), "second");
    }

    void windowsFollowOneAnother()
    {
        makeWindow();
        m_window->resize(960, 600);
        m_window->actions().newWindow->trigger();
        const auto all = QApplication::topLevelWidgets();
        const auto other =
            std::find_if(all.begin(), all.end(), [this](QWidget* widget) { return qobject_cast<MainWindow*>(widget) && widget != m_window; });
        QVERIFY(other != all.end());
        const std::unique_ptr<QWidget> second(*other);
        const QSize smallest = m_window->minimumSize() + m_window->frameSize() - m_window->size();
        QCOMPARE(second->frameGeometry(), cascaded(m_window->frameGeometry(), m_window->screen()->availableGeometry(), smallest));
    }

    void anotherFileMayBeDroppedWhileOneLoads()
    {
        auto release = std::make_shared<std::atomic<bool>>(false);
        CoreCalls calls = coreCalls();
        calls.openCheckpoint = [release](const std::string& path, JobContext& job) {
            while (path.ends_with("slow.safetensors") && !*release && !job.cancelled())
                QThread::msleep(5);
            return openCheckpoint(path, job);
        };
        makeWindow(calls);
        drop({checkpoint(QStringLiteral("slow.safetensors"))});
        QTRY_VERIFY(qobject_cast<LoadingPage*>(m_window->shownPage()));
        dropAndWait({checkpoint(QStringLiteral("quick.safetensors"))});
        *release = true;
        QTest::qWait(100);
        QVERIFY(m_window->document().path().endsWith(QStringLiteral("quick.safetensors")));
        QCOMPARE(m_window->shownPage(), &m_window->checkpointView());
    }

    void aCheckThatIsCutSaysSoAndIsTakenUp()
    {
        auto isCut = std::make_shared<std::atomic<bool>>(true);
        CoreCalls calls = coreCalls();
        calls.checkCheckpoint = [isCut, check = calls.checkCheckpoint](CheckpointPtr checked, const CheckOptions& options, JobContext& job) {
            return *isCut ? failure(Error("connection-lost", "The connection to box was cut.").fixedBy("Try again."))
                          : check(std::move(checked), options, job);
        };
        makeWindow(calls);
        openAndWait({checkpoint()});
        const StructurePage* page = m_window->checkpointView().structure();
        const auto isSaid = [page](const QString& words) {
            const auto lines = page->findChildren<TextLabel*>(); // of now: some come and go
            return std::any_of(lines.begin(), lines.end(),
                               [&words](const TextLabel* line) { return line->isVisible() && line->fullText().contains(words); });
        };
        QTRY_VERIFY(isSaid(QStringLiteral("The connection to box was cut. Try again.")));
        QVERIFY(isSaid(QStringLiteral("did not come to its end")) && !isSaid(QStringLiteral("all rules were run")));
        *isCut = false;
        QPushButton* reload = button(*page, QStringLiteral("Reload   F5"));
        QVERIFY(reload);
        reload->click();
        QTRY_VERIFY(m_window->document().check());
        QTRY_VERIFY(!isSaid(QStringLiteral("The connection to box was cut")) && !isSaid(QStringLiteral("did not come to its end")));
    }

    void aFolderAndTwoFilesOpen()
    {
        makeWindow();
        const QString first = checkpoint();
        const QString second = checkpoint(QStringLiteral("other.safetensors"));
        dropAndWait({first, second});
        QCOMPARE(m_window->document().path(), first);
        QCOMPARE(m_window->document().pathB(), second);
    }

    void theKeyboardReachesEveryPanel()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        QSet<QString> reached;
        for (int i = 0; i < 8; ++i) {
            m_window->actions().nextPanel->trigger();
            if (const QWidget* focused = QApplication::focusWidget())
                reached << focused->accessibleName();
        }
        for (const char* panel : {"Load strip: expected over found", "Findings", "Tensors", "Inspector", "Find tensors", "Pages"})
            QVERIFY2(reached.contains(QLatin1String(panel)), panel);
    }

    void pagesHaveKeys()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        QTest::keyClick(m_window, Qt::Key_2, Qt::AltModifier);
        QCOMPARE(m_window->checkpointView().page(), CheckpointView::WeightsPageIndex);
        QCOMPARE(m_window->tabs()->currentIndex(), 1);
        QTest::keyClick(m_window, Qt::Key_1, Qt::AltModifier);
        QCOMPARE(m_window->checkpointView().page(), CheckpointView::StructurePageIndex);
    }

    void findFiltersTheTreeAndEscapeGoesBack()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        m_window->actions().find->trigger();
        QVERIFY(find().hasFocus());
        QTest::keyClicks(&find(), QStringLiteral("layer 1 bias"));
        QTRY_COMPARE(tensors().model()->shownTensors(), 1);
        QTest::keyClicks(&find(), QStringLiteral(" nowhere"));
        QTRY_COMPARE(tensors().model()->shownTensors(), 0);
        QTRY_VERIFY(tensors().findChild<EmptyState*>()->isVisible());
        QTest::keyClick(&find(), Qt::Key_Escape);
        QTRY_COMPARE(tensors().model()->shownTensors(), 4);
        QTest::keyClick(&find(), Qt::Key_Escape);
        QVERIFY(tensors().tree()->hasFocus());
    }

    void theStripSelectsByArrowKeys()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        LoadStrip* strip = m_window->checkpointView().strip();
        strip->setFocus();
        QTest::keyClick(strip, Qt::Key_End);
        QCOMPARE(m_window->document().selectedRow(), 3);
        QCOMPARE(tensors().model()->idOf(tensors().tree()->currentIndex()), m_window->document().selection().tensor);
        QTest::keyClick(strip, Qt::Key_Left);
        QCOMPARE(m_window->document().selectedRow(), 2);
        QVERIFY(isIn(QStringLiteral("4 x 4"), strip->describe(0, strip->currentPosition())));
    }

    void backGoesToWhatWasSelectedBefore()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        LoadStrip* strip = m_window->checkpointView().strip();
        QTest::keyClick(strip, Qt::Key_Home);
        QTest::keyClick(strip, Qt::Key_End);
        QVERIFY(m_window->actions().back->isEnabled());
        m_window->actions().back->trigger();
        QCOMPARE(m_window->document().selectedRow(), 0);
    }

    void theThemeFollowsTheMenu()
    {
        makeWindow();
        dropAndWait({checkpoint()});
        const QColor light = m_window->palette().color(QPalette::Window);
        m_window->actions().themeDark->trigger();
        QTRY_VERIFY(m_window->palette().color(QPalette::Window).lightness() < 60);
        QVERIFY(m_window->grab().toImage().pixelColor(4, m_window->height() - 4).lightness() < 60);
        QCOMPARE(m_settings->value(QStringLiteral("window/theme")).toInt(), int(ThemeChoice::Dark));
        m_window->actions().themeLight->trigger();
        QTRY_COMPARE(m_window->palette().color(QPalette::Window), light);
    }

    void narrowWindowsHideColumns_data()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("hidesSize");
        QTest::addColumn<bool>("hidesValues");
        QTest::addColumn<bool>("hidesInspector");
        QTest::newRow("1440") << 1440 << false << false << false;
        QTest::newRow("1280") << 1280 << true << true << false;
        QTest::newRow("1100") << 1100 << true << true << true;
    }

    void narrowWindowsHideColumns()
    {
        QFETCH(int, width);
        makeWindow();
        dropAndWait({checkpoint()});
        m_window->resize(width, 800);
        QTRY_COMPARE(m_window->width(), width);
        QTRY_COMPARE(tensors().tree()->isColumnHidden(TensorTreeModel::SizeColumn), QTest::currentDataTag() != QByteArray("1440"));
        QFETCH(bool, hidesValues);
        QCOMPARE(tensors().tree()->isColumnHidden(TensorTreeModel::ValuesColumn), hidesValues);
        QFETCH(bool, hidesInspector);
        QCOMPARE(m_window->checkpointView().structure()->inspector()->isHidden(), hidesInspector);
    }

    void textFromFilesIsNeverMarkup()
    {
        makeWindow();
        dropAndWait({write(QStringLiteral("odd.safetensors"), safetensors({{"<b>bold</b>", "2", 2}, {"<img src='x'>", "2", 2}}))});
        QTest::keyClick(m_window->checkpointView().strip(), Qt::Key_End);
        for (const QLabel* label : m_window->findChildren<QLabel*>())
            QVERIFY2(label->textFormat() == Qt::PlainText || label->text().isEmpty(), qPrintable(label->text()));
    }
};

WATCHED_TEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
