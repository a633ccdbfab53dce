// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A window with a million tensors: opened, scrolled, searched letter by letter, compared with another; and a second window, and another theme. Records how long the GUI thread takes for each event and prints
// one line per step: how many events, the 99th percentile and the longest. A frame is 16 ms.
//   bench_frames [TENSORS]
#include "tests/support/watched_application.h"
#include "ui/mainwindow.h"
#include "ui/models/recent_files.h"
#include "ui/models/tensor_tree_model.h"
#include "ui/theme.h"
#include "ui/views/compare_page.h"
#include "ui/views/find_field.h"
#include "ui/views/structure_page.h"
#include "ui/views/tensor_view.h"

#include <QFile>
#include <QScrollBar>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QTreeView>

#include <array>
#include <cstdio>
#include <utility>

using namespace weighbridge;
using weighbridge::test::WatchedApplication;

namespace {

/// Layers of sixteen tensors, as in BERT; each layer another size, so that none folds.
CheckpointPtr checkpointOf(size_t tensors, bool isFlat)
{
    constexpr std::array<const char*, 8> modules{"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
                                                 "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"};
    auto out = std::make_shared<Checkpoint>();
    out->path = "/nowhere/model";
    out->format = "safetensors";
    out->shards.push_back({"/nowhere/model", "safetensors", memorySource({}, "model")});
    out->tensors.resize(tensors);
    for (size_t i = 0; i < tensors; ++i) {
        const std::string name = isFlat ? "tensor_" + std::to_string(i) : "bert.encoder.layer." + std::to_string(i / 16) + "." + modules[i / 2 % 8] + (i % 2 ? ".bias" : ".weight");
        out->tensors[i].name = name;
        out->tensors[i].shape = i % 2 ? Shape{768} : Shape{768, int64_t(i / 16 % 1000)};
        out->tensors[i].dtype = DType::F32;
        out->tensors[i].storage.kind = StorageKind::Absent;
    }
    return out;
}

/// A safetensors file of tensors of one element each, every thousandth of which depends on `seed`.
QString writeSmallTensors(const QString& path, size_t tensors, char seed)
{
    QByteArray header = "{";
    QByteArray values(qsizetype(tensors) * 2, '\x3c');
    for (size_t i = 0; i < tensors; ++i) {
        const QByteArray layer = QByteArray::number(qulonglong(i / 16));
        const QByteArray kind = QByteArray::number(qulonglong(i % 16), 16);
        header += (i ? ",\"h." : "\"h.") + layer + ".w" + kind + "\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[" + QByteArray::number(qulonglong(2 * i)) + "," +
                  QByteArray::number(qulonglong(2 * i + 2)) + "]}";
        if (i % 1000 == 0)
            values[qsizetype(2 * i)] = seed;
    }
    header += "}";
    QByteArray length(8, '\0');
    for (int i = 0; i < 8; ++i)
        length[i] = char(quint64(header.size()) >> (8 * i));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(length + header + values) != length.size() + header.size() + values.size())
        qFatal("the bench's folder cannot be written");
    return path;
}

class Bench {
public:
    explicit Bench(WatchedApplication& application) : m_application(application), m_settings(m_folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat), m_recent(m_settings) {}

    void run(CheckpointPtr checkpoint, const char* what)
    {
        std::printf("%s, %zu tensors\n", what, checkpoint->tensors.size());
        CoreCalls calls = coreCalls();
        const auto next = std::make_shared<CheckpointPtr>(std::move(checkpoint));
        calls.openCheckpoint = [next](const std::string&, JobContext&) -> Result<CheckpointPtr> {
            return std::exchange(*next, checkpointOf(100, false));
        };
        MainWindow window({m_appearance, m_settings, m_recent, calls});
        window.setAttribute(Qt::WA_DeleteOnClose, false);
        window.show();
        QTest::qWait(300);
        measure("open and check", [&] {
            window.open({QStringLiteral("/nowhere/model")});
            waitUntil([&] { return window.document().check() && !window.document().isChecking(); });
            QTest::qWait(500);
        });
        TensorView& tensors = *window.checkpointView().structure()->tensors();
        QTreeView& tree = *tensors.tree();
        auto& find = *window.findChild<FindField*>();
        measure("expand", [&] {
            tree.setFocus();
            for (int i = 0; i < 6; ++i) {
                QTest::keyClick(&tree, Qt::Key_Right);
                QTest::keyClick(&tree, Qt::Key_Down);
                QTest::qWait(20);
            }
        });
        measure("scroll", [&] {
            for (int i = 0; i < 200; ++i) {
                QTest::keyClick(&tree, Qt::Key_PageDown);
                QTest::qWait(5);
            }
            for (const int value : {tree.verticalScrollBar()->maximum(), 0, tree.verticalScrollBar()->maximum() / 2}) {
                tree.verticalScrollBar()->setValue(value);
                QTest::qWait(30);
            }
        });
        for (const char* text : {"layer 4242 query", "tensor_777", "output dense bias", "768,42 F32", "nowhere"}) {
            measure(text, [&] {
                find.setFocus();
                find.clear();
                QTest::qWait(300);
                for (const char letter : std::string(text)) {
                    QTest::keyClick(&find, letter);
                    QTest::qWait(60);
                }
                QTest::qWait(100);
                waitUntil([&] { return !tensors.model()->isArranging(); });
                QTest::qWait(100);
            });
            std::printf("    %lld rows\n", static_cast<long long>(tensors.model()->shownTensors()));
        }
        measure("clear", [&] {
            find.clear();
            QTest::qWait(400);
        });
        measure("sort by size", [&] {
            tensors.model()->sort(TensorTreeModel::SizeColumn, Qt::DescendingOrder);
            waitUntil([&] { return !tensors.model()->isArranging(); });
            QTest::qWait(200);
        });
        measure("resize", [&] { resize(window); });
        measure("open another", [&] {
            window.open({QStringLiteral("/nowhere/other")});
            waitUntil([&] {
                return window.document().checkpoint() && window.document().checkpoint()->tensors.size() == 100 && !window.document().isChecking();
            });
            QTest::qWait(500);
        });
    }

    void runComparison(size_t tensors)
    {
        std::printf("A against B, %zu tensors each\n", tensors);
        const QString a = writeSmallTensors(m_folder.filePath(QStringLiteral("a.safetensors")), tensors, 1);
        const QString b = writeSmallTensors(m_folder.filePath(QStringLiteral("b.safetensors")), tensors, 2);
        MainWindow window({m_appearance, m_settings, m_recent, coreCalls()});
        window.setAttribute(Qt::WA_DeleteOnClose, false);
        window.show();
        ComparePage& page = *window.checkpointView().compare();
        auto& find = *window.findChild<FindField*>();
        measure("open and compare", [&] {
            window.open({a, b});
            waitUntil([&] { return page.document().state() == ComparisonDocument::State::Compared; });
            QTest::qWait(1000);
        });
        measure("only differences", [&] {
            page.setOnlyDifferences(true);
            QTest::qWait(1000);
        });
        std::printf("    %d pairs\n", page.model()->shownPairs());
        measure("h.42", [&] {
            page.setOnlyDifferences(false);
            find.setFocus();
            for (const char letter : std::string("h.42")) {
                QTest::keyClick(&find, letter);
                QTest::qWait(60);
            }
            QTest::qWait(1000);
        });
        std::printf("    %d pairs\n", page.model()->shownPairs());
        measure("next deviation", [&] {
            for (int i = 0; i < 20; ++i) {
                page.goToDeviation(true);
                QTest::qWait(20);
            }
        });
        measure("resize", [&] { resize(window); });
    }

    /// What a model's size has no part in.
    void runWindows()
    {
        std::printf("windows\n");
        MainWindow first({m_appearance, m_settings, m_recent, coreCalls()});
        first.setAttribute(Qt::WA_DeleteOnClose, false);
        first.show();
        QTest::qWait(500);
        measureCall("second window", [&] {
            auto* second = new MainWindow({m_appearance, m_settings, m_recent, coreCalls()});
            second->show();
        });
        QTest::qWait(500);
        for (const ThemeChoice theme : {ThemeChoice::Dark, ThemeChoice::Light})
            measureCall(theme == ThemeChoice::Dark ? "dark, two windows" : "light", [&] { m_appearance.setChoice(theme); });
    }

    [[nodiscard]] double longestMs() const { return m_longestMs; }

private:
    static void resize(QWidget& window)
    {
        for (int i = 0; i < 10; ++i) {
            window.resize(1200 + 20 * i, 800);
            QTest::qWait(50);
        }
    }

    template <typename Condition>
    static void waitUntil(const Condition& condition)
    {
        for (int i = 0; i < 6000 && !condition(); ++i)
            QTest::qWait(10);
    }

    /// What a menu's action does, as an event like others, and the events that it leaves behind.
    template <typename Call>
    void measureCall(const char* name, const Call& call)
    {
        measure(name, [&] {
            QTimer::singleShot(0, qApp, call);
            QTest::qWait(700);
        });
    }

    template <typename Step>
    void measure(const char* name, const Step& step)
    {
        m_application.forget();
        step();
        auto handled = m_application.kept();
        std::sort(handled.begin(), handled.end(), [](const auto& a, const auto& b) { return a.ms > b.ms; });
        if (handled.empty())
            return;
        std::printf("  %-18s %6zu events, 99 %% below %6.2f ms, longest %7.2f ms (%s)\n", name, handled.size(), handled[handled.size() / 100].ms, handled[0].ms, qPrintable(handled[0].what));
        m_longestMs = std::max(m_longestMs, handled[0].ms);
    }

    WatchedApplication& m_application;
    QTemporaryDir m_folder;
    QSettings m_settings;
    RecentFiles m_recent;
    Appearance m_appearance;
    double m_longestMs = 0;
};

} // namespace

int main(int argc, char** argv)
{
    WatchedApplication application(argc, argv);
    application.keepFrom(0);
    const size_t tensors = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    Bench bench(application);
    bench.runWindows();
    bench.run(checkpointOf(tensors, false), "layers");
    bench.run(checkpointOf(tensors, true), "one flat list");
    bench.runComparison(tensors);
    std::printf("longest of all: %.2f ms\n", bench.longestMs());
    return 0;
}
