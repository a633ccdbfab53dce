// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Looking around on another machine: a file system that a test makes up stands in its place.
#include "tests/support/patience.h"
#include "tests/support/recorded.h"
#include "tests/support/window_test.h"
#include "ui/models/host_folder_model.h"
#include "ui/views/host_browser.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QThreadPool>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

host::Name folder(const char* name)
{
    return {name, host::EntryKind::Folder, 0, 1'700'000'000, false};
}

host::Name file(const char* name, uint64_t nbytes = 1, int64_t changed = 1'700'000'000)
{
    return {name, host::EntryKind::File, nbytes, changed, false};
}

/// The machine: folders by their path, and what was asked.
class Machine {
public:
    std::map<std::string, std::vector<host::Name>> folders{
        {"/home/me", {folder("runs"), folder(".cache"), file("notes.txt"), file("model.safetensors", 5'000'000'000), file("config.json", 700)}},
        {"/home/me/runs", {folder("step-10"), folder("step-9"), {"latest", host::EntryKind::Other, 0, 0, true}}},
        {"/home/me/runs/step-9", {}},
        {"/home/me/runs/latest", {file("a.gguf", 3, 3), file("b.pt", 1, 2), file("c.bin", 2, 1)}},
    };

    HostBrowser::List list()
    {
        return [this](const SshAddress& address, JobContext& job) -> Result<HostFolder> {
            m_asked.add(QString::fromStdString(address.text()));
            if (address.host == "silent") {
                while (!job.cancelled())
                    QThread::msleep(5);
                return failure(cancelledError());
            }
            const std::string path = address.path == "/~" ? "/home/me" : address.path;
            const auto found = folders.find(path);
            if (found == folders.end())
                return failure(Error("not-found", "There is nothing at this path.").fixedBy("Begin in the home folder."));
            return HostFolder{path, {}, found->second};
        };
    }
    [[nodiscard]] QStringList asked() const { return m_asked.all(); }

private:
    Recorded<QString> m_asked;
};

QStringList namesOf(const HostFolderModel& model)
{
    QStringList out;
    for (int row = 0; row < model.rowCount(); ++row)
        out << model.index(row, HostFolderModel::NameColumn).data().toString();
    return out;
}

} // namespace

class TestHostBrowser : public WindowTest {
    Q_OBJECT

private:
    std::unique_ptr<Machine> m_machine;
    std::unique_ptr<HostBrowser> m_browser;

    void open(HostPurpose purpose = HostPurpose::Open)
    {
        m_browser = std::make_unique<HostBrowser>(nullptr, *m_recent, purpose, m_machine->list());
        m_browser->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_browser.get()));
    }
    void connectHome()
    {
        open();
        m_browser->connectTo(QStringLiteral("box"));
        QTRY_COMPARE(m_browser->model()->rowCount(), 3);
    }
    [[nodiscard]] QStringList names() const { return namesOf(*m_browser->model()); }
    void press(int key, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : m_browser.get(), Qt::Key(key), modifiers);
    }

private Q_SLOTS:
    void init()
    {
        setUp();
        qputenv("HOME", m_folder->path().toLocal8Bit()); // no config of ssh
        m_machine = std::make_unique<Machine>();
    }
    void cleanup()
    {
        m_browser.reset();
        jobPool()->waitForDone(); // what was left uses the machine
        tearDown();
    }

    void nothingIsSentBeforeConnect()
    {
        m_recent->add(QStringLiteral("ssh://me@box:2222/home/me/runs/latest/a.gguf"));
        open();
        QCOMPARE(m_browser->machine()->currentText(), QStringLiteral("me@box:2222"));
        QVERIFY(m_browser->message().contains(QStringLiteral("Not connected")));
        QTest::qWait(50);
        QVERIFY(m_machine->asked().isEmpty());
        m_browser->machine()->setFocus();
        press(Qt::Key_Return);
        QTRY_COMPARE(names(),
                     (QStringList{QStringLiteral("a.gguf"), QStringLiteral("b.pt"), QStringLiteral("c.bin")})); // the folder of what was open
        QCOMPARE(m_machine->asked(), QStringList{QStringLiteral("ssh://me@box:2222/home/me/runs/latest")});
    }

    void machinesAreWrittenInManyWays_data()
    {
        QTest::addColumn<QString>("written");
        QTest::addColumn<QString>("asked");
        QTest::newRow("host") << "box"
                              << "ssh://box/~";
        QTest::newRow("user and port") << "me@box:22"
                                       << "ssh://me@box:22/~";
        QTest::newRow("address") << "ssh://box/a%20b"
                                 << "ssh://box/a%20b";
        QTest::newRow("as scp has it") << "box:/data/x"
                                       << "ssh://box/data/x";
        QTest::newRow("as scp has it, home") << "me@box:~/x"
                                             << "ssh://me@box/~/x";
        QTest::newRow("option") << "-oProxyCommand=x"
                                << "";
        QTest::newRow("nothing") << " "
                                 << "";
    }
    void machinesAreWrittenInManyWays()
    {
        QFETCH(QString, written);
        QFETCH(QString, asked);
        open();
        m_browser->connectTo(written);
        QTRY_VERIFY(!m_browser->isListing());
        QCOMPARE(m_machine->asked().join(u' '), asked);
        QVERIFY(!m_browser->message().isEmpty() || !asked.isEmpty());
    }

    void foldersComeFirstAndOnlyWhatCanBeOpened()
    {
        connectHome();
        QCOMPARE(names(), (QStringList{QStringLiteral("runs"), QStringLiteral("config.json"), QStringLiteral("model.safetensors")}));
        const auto* model = m_browser->model();
        QCOMPARE(model->index(0, HostFolderModel::KindColumn).data().toString(), QStringLiteral("Folder"));
        QCOMPARE(model->index(2, HostFolderModel::KindColumn).data().toString(), QStringLiteral("safetensors"));
        QCOMPARE(model->index(2, HostFolderModel::SizeColumn).data().toString(), QStringLiteral("4.7\u202fGiB"));
        QVERIFY(!model->index(2, HostFolderModel::ChangedColumn).data().toString().isEmpty());
        m_browser->showsAll()->click();
        QTRY_COMPARE(names().size(), 5);
        QVERIFY(names().contains(QStringLiteral(".cache")) && names().contains(QStringLiteral("notes.txt")));
        m_browser->filter()->setText(QStringLiteral("NOTE"));
        QTRY_COMPARE(names(), QStringList{QStringLiteral("notes.txt")});
        m_browser->filter()->setText(QStringLiteral("nowhere"));
        QTRY_VERIFY(m_browser->message().contains(QStringLiteral("such a name")));
    }

    void theKeyboardGoesInAndUp()
    {
        connectHome();
        QTRY_VERIFY(m_browser->names()->hasFocus());
        press(Qt::Key_Return);
        QTRY_COMPARE(names(), (QStringList{QStringLiteral("latest"), QStringLiteral("step-9"), QStringLiteral("step-10")})); // 9 before 10
        press(Qt::Key_Down);
        press(Qt::Key_Return);
        QTRY_VERIFY(m_browser->message().contains(QStringLiteral("empty")));
        QCOMPARE(m_browser->folder()->text(), QStringLiteral("/home/me/runs/step-9"));
        press(Qt::Key_Up, Qt::AltModifier);
        QTRY_COMPARE(m_browser->names()->currentIndex().row(), 1); // where one came from
        press(Qt::Key_Backspace);
        QTRY_COMPARE(m_browser->folder()->text(), QStringLiteral("/home/me"));
        m_browser->folder()->setText(QStringLiteral("/nowhere"));
        m_browser->folder()->setFocus();
        press(Qt::Key_Return);
        QTRY_VERIFY(m_browser->message().contains(QStringLiteral("Begin in the home folder")));
        press(Qt::Key_Home, Qt::AltModifier);
        QTRY_COMPARE(names().size(), 3);
    }

    void aFileOrTheFolderIsChosen()
    {
        connectHome();
        QVERIFY(m_browser->openFolderButton()->isEnabled());
        const QSignalSpy accepted(m_browser.get(), &QDialog::accepted);
        m_browser->activate(2);
        QCOMPARE(accepted.size(), 1);
        QCOMPARE(m_browser->address(), QStringLiteral("ssh://box/home/me/model.safetensors"));
        connectHome();
        m_browser->openFolderButton()->click();
        QCOMPARE(m_browser->address(), QStringLiteral("ssh://box/home/me"));
        connectHome();
        m_machine->folders["/home/me/runs/latest"] = {file("notes.txt")};
        m_browser->connectTo(QStringLiteral("ssh://box/home/me/runs/latest"));
        QTRY_VERIFY(m_browser->message().contains(QStringLiteral("No checkpoint")));
        connectHome();
        m_browser->activate(0);
        QTRY_VERIFY(!m_browser->isListing() && names().size() == 3);
        QVERIFY(m_browser->address().isEmpty());
        QVERIFY(!m_browser->openFolderButton()->isEnabled()); // it has no file
    }

    void theWordsSayWhatBecomesOfTheChoice_data()
    {
        QTest::addColumn<int>("purpose");
        QTest::addColumn<QString>("title");
        QTest::addColumn<QString>("button");
        QTest::newRow("open") << int(HostPurpose::Open) << "Open on another machine"
                              << "Open this folder";
        QTest::newRow("compare") << int(HostPurpose::Compare) << "Compare with one on another machine"
                                 << "Compare with this folder";
        QTest::newRow("reference") << int(HostPurpose::Reference) << "Use a reference on another machine"
                                   << "Use this folder";
    }
    void theWordsSayWhatBecomesOfTheChoice()
    {
        QFETCH(int, purpose);
        open(HostPurpose(purpose));
        QTEST(m_browser->windowTitle(), "title");
        QTEST(m_browser->openFolderButton()->text(), "button");
        m_browser->connectTo(QStringLiteral("box"));
        QTRY_COMPARE(m_browser->model()->rowCount(), 3);
        m_browser->activate(2);
        QCOMPARE(m_browser->address(), QStringLiteral("ssh://box/home/me/model.safetensors"));
    }

    void waitingCanBeEnded()
    {
        open();
        m_browser->connectTo(QStringLiteral("silent"));
        QTRY_VERIFY(m_machine->asked().size() == 1);
        QVERIFY(m_browser->isListing());
        QTest::keyClick(m_browser.get(), Qt::Key_Escape);
        QTRY_VERIFY(!m_browser->isListing());
        QVERIFY(m_browser->message().contains(QStringLiteral("Stopped")));
        QVERIFY(m_browser->isVisible());
        QTest::keyClick(m_browser.get(), Qt::Key_Escape);
        QVERIFY(!m_browser->isVisible());
        open();
        m_browser->connectTo(QStringLiteral("silent"));
        QTRY_VERIFY(m_machine->asked().size() == 2);
        m_browser.reset(); // nothing is waited for
    }

    void columnsSort()
    {
        HostFolderModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.sort(HostFolderModel::SizeColumn, Qt::DescendingOrder); // before the names are there
        model.setNames({file("a.gguf", 3, 3), folder("z"), file("b.pt", 1, 2), file("c.bin", 2, 1)});
        model.setFilter(QString());
        QTRY_COMPARE(namesOf(model), (QStringList{QStringLiteral("z"), QStringLiteral("a.gguf"), QStringLiteral("c.bin"), QStringLiteral("b.pt")}));
        model.sort(HostFolderModel::ChangedColumn, Qt::AscendingOrder);
        QTRY_COMPARE(namesOf(model), (QStringList{QStringLiteral("z"), QStringLiteral("c.bin"), QStringLiteral("b.pt"), QStringLiteral("a.gguf")}));
    }

    void aHundredThousandNamesAreBounded()
    {
        HostFolderModel model;
        std::vector<host::Name> names;
        for (int i = 0; i < 100'000; ++i)
            names.push_back(file(("shard-" + std::to_string(i) + ".safetensors").c_str()));
        model.setNames(std::move(names));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), int(HostFolderModel::mostRows), 20'000);
        QCOMPARE(model.matching(), 100'000);
        QCOMPARE(namesOf(model).at(10), QStringLiteral("shard-10.safetensors"));
        model.setFilter(QStringLiteral("-99999"));
        QTRY_COMPARE_WITH_TIMEOUT(namesOf(model), QStringList{QStringLiteral("shard-99999.safetensors")}, 20'000);
    }

    void hostileNamesAreShownSafely()
    {
        m_machine->folders["/home/me"] = {file("a\nb\x1b[31m.gguf"), file("\xff.pt"), file("<b>x</b>.bin")};
        connectHome();
        for (const QString& name : names())
            QVERIFY2(!name.contains(QChar(0x1b)) && !name.contains(u'\n'), qPrintable(name));
        m_browser->activate(m_browser->model()->rowNamed("\xff.pt"));
        QCOMPARE(m_browser->address(), QStringLiteral("ssh://box/home/me/%FF.pt"));
    }
};

WATCHED_TEST_MAIN(TestHostBrowser)
#include "tst_host_browser.moc"
