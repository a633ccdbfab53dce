// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/address.h"
#include "core/statistics/analysis_store.h"
#include "ui/language.h"
#include "ui/mainwindow.h"
#include "ui/models/preferences.h"
#include "ui/models/recent_files.h"
#include "ui/theme.h"
#include "ui/views/structure_page.h"
#include "ui/views/tensor_view.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QEvent>
#include <QIcon>
#include <QLoggingCategory>
#include <QSettings>
#include <QTimer>
#include <QTreeView>

using namespace weighbridge;

namespace {

Q_LOGGING_CATEGORY(startup, "weighbridge.startup", QtInfoMsg)

/// Says once when the tensor tree has been painted with rows in it: tests/bench/bench_startup.py waits for that.
class FirstPaint : public QObject {
public:
    explicit FirstPaint(QTreeView* tree) : QObject(tree), m_tree(tree) { tree->viewport()->installEventFilter(this); }
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::Paint && m_tree->model()->rowCount() > 0) {
            watched->removeEventFilter(this);
            QTimer::singleShot(0, this, [] { qCDebug(startup) << "tree shown"; });
        }
        return false;
    }

private:
    QTreeView* m_tree;
};

ThemeChoice themeNamed(const QString& name, ThemeChoice fallback)
{
    if (name == QLatin1String("light"))
        return ThemeChoice::Light;
    if (name == QLatin1String("dark"))
        return ThemeChoice::Dark;
    return name == QLatin1String("system") ? ThemeChoice::System : fallback;
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("weighbridge"));
    QApplication::setOrganizationName(QStringLiteral("weighbridge"));
    QApplication::setApplicationVersion(QStringLiteral(WEIGHBRIDGE_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("weighbridge"));

    QSettings settings;
    installLanguage(Preferences(settings).language());

    QCommandLineParser parser;
    parser.setApplicationDescription(QApplication::translate("main", "Tells whether a model checkpoint carries what its papers say."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption theme(QStringLiteral("theme"), QApplication::translate("main", "Colours: light, dark or system."), QStringLiteral("name"));
    parser.addOption(theme);
    parser.addPositionalArgument(QStringLiteral("PATH"), QApplication::translate("main", "Files, folders and addresses to open, as if they had been dropped on the window."), QStringLiteral("[PATH...]"));
    parser.process(application);

    Appearance appearance;
    const auto remembered = ThemeChoice(std::clamp(settings.value(QStringLiteral("window/theme")).toInt(), 0, 2));
    appearance.setChoice(themeNamed(parser.value(theme), remembered));
    QIcon icon(QStringLiteral(":/icons/weighbridge-256.png"));
    icon.addFile(QStringLiteral(":/icons/weighbridge-16.png"));
    QApplication::setWindowIcon(icon);

    RecentFiles recent(settings);
    auto* window = new MainWindow({appearance, settings, recent, coreCalls(analysisFolder())}); // deletes itself when it is closed
    if (startup().isDebugEnabled())
        new FirstPaint(window->checkpointView().structure()->tensors()->tree());
    window->show();
    QStringList paths;
    for (const QString& argument : parser.positionalArguments())
        paths << (isAddress(argument.toStdString()) ? argument : QFileInfo(argument).absoluteFilePath());
    if (!paths.isEmpty())
        window->open(paths);
    return QApplication::exec();
}
