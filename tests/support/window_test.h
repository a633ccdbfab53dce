// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "tests/support/patience.h"
#include "tests/support/watched_application.h"
#include "ui/mainwindow.h"
#include "ui/models/recent_files.h"
#include "ui/theme.h"
#include "ui/views/find_field.h"
#include "ui/views/structure_page.h"
#include "ui/views/tensor_view.h"

#include <QFile>
#include <QFileDialog>
#include <QPointer>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QTreeView>

#include <functional>
#include <memory>

namespace weighbridge::test {

struct Entry {
    QByteArray name;
    QByteArray shape;
    int elements;
};

/// A safetensors file of zeros: 8 bytes of length, the JSON header, the values.
inline QByteArray safetensors(const QList<Entry>& entries)
{
    QByteArray header = "{";
    int offset = 0;
    for (const Entry& entry : entries) {
        header += (offset ? ",\"" : "\"") + entry.name + "\":{\"dtype\":\"F32\",\"shape\":[" + entry.shape + "],\"data_offsets\":[" + QByteArray::number(offset) + "," +
                  QByteArray::number(offset + entry.elements * 4) + "]}";
        offset += entry.elements * 4;
    }
    header += "}";
    QByteArray length(8, '\0');
    for (int i = 0; i < 8; ++i)
        length[i] = char(quint64(header.size()) >> (8 * i));
    return length + header + QByteArray(offset, '\0');
}

/// What tests of the window share: settings and files of their own for each test function, and one window.
class WindowTest : public QObject {
protected:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<RecentFiles> m_recent;
    std::unique_ptr<Appearance> m_appearance;
    QPointer<MainWindow> m_window;

    void setUp()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_folder->filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
        m_recent = std::make_unique<RecentFiles>(*m_settings);
        m_appearance = std::make_unique<Appearance>();
        m_appearance->setChoice(ThemeChoice::Light);
    }
    void tearDown()
    {
        delete m_window;
        m_recent.reset();
        m_settings.reset();
        m_appearance.reset();
    }

    QString write(const QString& name, const QByteArray& bytes)
    {
        const QString path = m_folder->filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("the test's folder cannot be written");
        return path;
    }
    QString checkpoint(const QString& name = QStringLiteral("model.safetensors"))
    {
        return write(name, safetensors({{"encoder.layer.0.query.weight", "4,4", 16}, {"encoder.layer.0.query.bias", "4", 4}, {"encoder.layer.1.query.weight", "4,4", 16}, {"encoder.layer.1.query.bias", "4", 4}}));
    }

    void makeWindow(const CoreCalls& calls = coreCalls())
    {
        m_window = new MainWindow({*m_appearance, *m_settings, *m_recent, calls});
        m_window->resize(1440, 900);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window));
        m_window->activateWindow();
    }
    void openAndWait(const QStringList& paths)
    {
        m_window->open(paths);
        waitForCheck();
    }
    /// Does this to the window that is opened next over the main one: a dialog, the palette, the manual.
    void onNextWindow(std::function<void(QWidget&)> act)
    {
        auto* wait = new QTimer(m_window);
        connect(wait, &QTimer::timeout, m_window, [this, wait, act = std::move(act)] {
            QWidget* next = QApplication::activeModalWidget() ? QApplication::activeModalWidget() : QApplication::activeWindow();
            if (!next || next == m_window || !next->isVisible())
                return;
            wait->stop();
            wait->deleteLater();
            act(*next);
        });
        wait->start(20);
    }
    void onFileDialog(std::function<void(QFileDialog&)> act)
    {
        onNextWindow([act = std::move(act)](QWidget& window) { act(*qobject_cast<QFileDialog*>(&window)); });
    }
    void waitForCheck() { QTRY_VERIFY(m_window->document().state() == Document::State::Loaded && !m_window->document().isChecking()); }
    void select(int found) { m_window->document().select(TensorId{TensorId::Side::Found, found}); }

    [[nodiscard]] TensorView& tensors() { return *m_window->checkpointView().structure()->tensors(); }
    [[nodiscard]] FindField& find() { return *m_window->findChild<FindField*>(); }
};

} // namespace weighbridge::test
