// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/manual_window.h"

#include "core/base/resources.h"
#include "ui/glyphs.h"
#include "ui/theme.h"

#include <QAction>
#include <QFileInfo>
#include <QImage>
#include <QScrollBar>
#include <QTextBrowser>
#include <QTextDocument>
#include <QTextTable>
#include <QToolBar>
#include <QVBoxLayout>

#include <algorithm>

namespace weighbridge {
namespace {

/// Installed beside the samples; in a source tree the documents themselves.
QString manualFolder()
{
    const QString resources = QString::fromStdString(resourceFolder());
    const QString installed = resources + QStringLiteral("/manual");
    return QFileInfo::exists(installed) ? installed : resources + QStringLiteral("/../docs/manual");
}

/// Pages of the manual: without the licence comment on top, which Qt 6.4 would show; pictures as wide as the window; tables with hairlines.
class Pages : public QTextBrowser {
public:
    /// After a page has been set.
    void layOutTables()
    {
        QList<QTextFrame*> frames{document()->rootFrame()};
        while (!frames.isEmpty()) {
            QTextFrame* frame = frames.takeFirst();
            frames << frame->childFrames();
            auto* table = qobject_cast<QTextTable*>(frame);
            if (!table)
                continue;
            QTextTableFormat format = table->format();
            format.setCellSpacing(0);
            format.setCellPadding(5);
            format.setBorder(1);
            format.setBorderCollapse(true);
            format.setBorderBrush(colour(Role::Line, palette()));
            table->setFormat(format);
        }
    }

protected:
    void doSetSource(const QUrl& url, QTextDocument::ResourceType type) override
    {
        QTextBrowser::doSetSource(url, type);
        layOutTables();
    }

    QVariant loadResource(int type, const QUrl& url) override
    {
        QByteArray text = QTextBrowser::loadResource(type, type == QTextDocument::ImageResource ? pictureOf(url) : url).toByteArray();
        if (type == QTextDocument::ImageResource) {
            const QImage picture = QImage::fromData(text);
            const double room =
                std::max(200.0, window()->width() - 2 * (document()->documentMargin() + frameWidth()) - verticalScrollBar()->sizeHint().width());
            if (picture.width() <= room)
                return picture;
            QImage fitting = picture.scaledToWidth(int(room * devicePixelRatioF()), Qt::SmoothTransformation);
            fitting.setDevicePixelRatio(devicePixelRatioF());
            return fitting;
        }
        if (text.startsWith("<!--"))
            text.remove(0, text.indexOf("-->") + 3);
        return text;
    }

private:
    /// On a dark window the dark picture, where there is one.
    [[nodiscard]] QUrl pictureOf(const QUrl& light) const
    {
        const QUrl dark(light.toString().replace(QStringLiteral("-light."), QStringLiteral("-dark.")));
        const bool isDark = palette().color(QPalette::Base).lightness() < 128;
        return isDark && QFileInfo::exists(source().resolved(dark).toLocalFile()) ? dark : light;
    }
};

} // namespace

ManualWindow::ManualWindow(QWidget* parent) : QWidget(parent, Qt::Window), m_browser(new Pages)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Manual"));
    auto* bar = new QToolBar;
    QAction* back = bar->addAction(glyphIcon(Glyph::Back, palette()), tr("Back"), m_browser, &QTextBrowser::backward);
    QAction* forward = bar->addAction(glyphIcon(Glyph::Forward, palette()), tr("Forward"), m_browser, &QTextBrowser::forward);
    back->setShortcut(QKeySequence::Back);
    forward->setShortcut(QKeySequence::Forward);
    back->setEnabled(false);
    forward->setEnabled(false);
    connect(m_browser, &QTextBrowser::backwardAvailable, back, &QAction::setEnabled);
    connect(m_browser, &QTextBrowser::forwardAvailable, forward, &QAction::setEnabled);
    bar->addAction(tr("Contents"), this, [this] { showPage(QStringLiteral("index")); });
    auto* close = new QAction(tr("Close"), this);
    close->setShortcuts({QKeySequence::Close, QKeySequence(Qt::Key_Escape)});
    connect(close, &QAction::triggered, this, &QWidget::close);
    addAction(close);
    m_browser->setOpenExternalLinks(true);
    m_browser->setAccessibleName(tr("Manual page"));
    m_browser->document()->setDocumentMargin(20);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(bar);
    column->addWidget(m_browser);
    resize(760, 720);
    m_browser->setFocus();
}

void ManualWindow::showPage(const QString& page)
{
    const QString folder = manualFolder();
    QString path = QStringLiteral("%1/%2.md").arg(folder, page);
    if (!QFileInfo::exists(path))
        path = folder + QStringLiteral("/index.md");
    m_browser->setSource(QUrl::fromLocalFile(QFileInfo(path).canonicalFilePath()), QTextDocument::MarkdownResource);
}

QList<std::pair<QStringList, QString>> ManualWindow::keysOfViews()
{
    const auto keys = [](const char* list) { return QString::fromLatin1(list).split(u' '); };
    return {{keys("Left Right"), tr("Close or open a module of the tree; go along the strip, the map or a plot")},
            {keys("*"), tr("Open everything below a module")},
            {keys("Space"), tr("Fit a plot to its values; press a button")},
            {keys("+ -"), tr("Zoom a plot")},
            {keys("Down"), tr("From the find field into the tree")},
            {keys("Esc"), tr("Clear the find field, then leave it; close a dialog")},
            {keys("Enter"), tr("Press a button; open a recent file, or what is chosen on another machine")},
            {keys("Alt+Up Backspace"), tr("To the folder above, on another machine")},
            {keys("Alt+Home"), tr("To the home folder, on another machine")}};
}

void ManualWindow::showShortcuts(const QList<QAction*>& actions)
{
    QString text = tr("# Keyboard shortcuts") + QStringLiteral("\n\n| %1 | %2 |\n| --- | --- |\n").arg(tr("Key"), tr("Does"));
    for (const QAction* action : actions) {
        QStringList keys;
        for (const QKeySequence& key : action->shortcuts())
            keys << QStringLiteral("`%1`").arg(key.toString(QKeySequence::NativeText));
        keys.removeDuplicates();
        if (!keys.isEmpty() && action->isVisible())
            text += QStringLiteral("| %1 | %2 |\n").arg(keys.join(QStringLiteral(", ")), action->statusTip());
    }
    text +=
        QStringLiteral("\n\n") + tr("## In what has the keyboard") + QStringLiteral("\n\n| %1 | %2 |\n| --- | --- |\n").arg(tr("Key"), tr("Does"));
    for (const auto& [keys, does] : keysOfViews()) {
        QStringList shown;
        for (const QString& key : keys)
            shown << QStringLiteral("`%1`").arg(QKeySequence(key).toString(QKeySequence::NativeText));
        text += QStringLiteral("| %1 | %2 |\n").arg(shown.join(QStringLiteral(", ")), does);
    }
    setWindowTitle(tr("Keyboard shortcuts"));
    m_browser->setMarkdown(text);
    static_cast<Pages*>(m_browser)->layOutTables();
}

} // namespace weighbridge
