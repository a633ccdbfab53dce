// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/start_page.h"

#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/report/row_state.h"
#include "ui/glyphs.h"
#include "ui/models/recent_files.h"
#include "ui/models/tensor_texts.h"
#include "ui/views/start_row.h"
#include "ui/views/text_label.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QPushButton>
#include <QSvgRenderer>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

constexpr int gap = 56;       // between the two columns
constexpr int widest = 1256;  // of both columns: lines stay readable on large screens
constexpr int mostRecent = 9; // as many as there are keys

/// The dashed field. The whole window takes drops; this says so.
class DropZone : public QWidget {
public:
    explicit DropZone(QWidget* parent = nullptr) : QWidget(parent) {}
    bool highlighted = false;

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QPen pen(colour(highlighted ? Role::Accent : Role::SecondText, palette()), highlighted ? 2 : 1);
        pen.setDashPattern({3, 2});
        painter.setPen(pen);
        painter.setBrush(colour(highlighted ? Role::Selection : Role::Surface, palette()));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 9, 9);
    }
};

/// The application's icon at the device's resolution.
class AppIcon : public QWidget {
public:
    explicit AppIcon(int size) { setFixedSize(size, size); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        QSvgRenderer(QStringLiteral(":/icons/weighbridge.svg")).render(&painter, QRectF(rect()));
    }
};

TextLabel* heading(const QString& text)
{
    return new TextLabel(text, type::findingTitle, QFont::DemiBold);
}

QWidget* makeDropZone(QAction* open, QAction* openFolder)
{
    auto* zone = new DropZone;
    auto* title = new TextLabel(StartPage::tr("Drop a checkpoint here"), 1.62, QFont::DemiBold);
    title->setAlignment(Qt::AlignHCenter);
    auto* promise = new TextLabel(StartPage::tr("It is only read, never changed and never executed."), type::body, QFont::Normal, Role::SecondText);
    promise->setAlignment(Qt::AlignHCenter);
    auto* openButton = new QPushButton(StartPage::tr("Open…   Ctrl+O"));
    setPrimary(*openButton);
    openButton->setDefault(true);
    openButton->setAccessibleName(open->toolTip());
    QObject::connect(openButton, &QPushButton::clicked, open, &QAction::trigger);
    auto* folderButton = new QPushButton(StartPage::tr("Open folder…"));
    QObject::connect(folderButton, &QPushButton::clicked, openFolder, &QAction::trigger);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(10);
    buttons->addStretch();
    buttons->addWidget(openButton);
    buttons->addWidget(folderButton);
    buttons->addStretch();
    auto* column = new QVBoxLayout(zone);
    column->setContentsMargins(24, 44, 24, 44);
    column->setSpacing(6);
    column->addWidget(new AppIcon(104), 0, Qt::AlignHCenter);
    column->addSpacing(14);
    column->addWidget(title);
    column->addWidget(promise);
    column->addSpacing(12);
    column->addLayout(buttons);
    return zone;
}

QWidget* makeWhatYouCanDrop()
{
    const std::pair<QString, QString> rows[] = {
        {StartPage::tr("A checkpoint"), StartPage::tr("Layer tree, shapes, dtypes, distributions.")},
        {StartPage::tr("A checkpoint and a config"), StartPage::tr("What is missing, unexpected or mismatched, and the fix.")},
        {StartPage::tr("A folder"), StartPage::tr("Shards as one model, with its config and tokenizer.")},
        {StartPage::tr("Two models"), StartPage::tr("Side by side, renames understood, values compared.")},
        {StartPage::tr("A config alone"), StartPage::tr("What the architecture expects, before there is a file.")},
    };
    auto* block = new QWidget;
    auto* column = new QVBoxLayout(block);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(heading(StartPage::tr("What you can drop")));
    column->addSpacing(6);
    int widestName = 0;
    for (const auto& [name, text] : rows)
        widestName = std::max(widestName, QFontMetrics(scaledFont(block->font(), type::body, QFont::DemiBold)).horizontalAdvance(name));
    for (const auto& [name, text] : rows) {
        column->addWidget(new HairLine);
        auto* row = new QHBoxLayout;
        row->setContentsMargins(2, 7, 2, 7);
        row->setSpacing(22);
        auto* nameLabel = new TextLabel(name, type::body, QFont::DemiBold);
        nameLabel->setFixedWidth(widestName + 2);
        row->addWidget(nameLabel);
        auto* textLabel = new TextLabel(text, type::body, QFont::Normal, Role::SecondText);
        textLabel->setWordWrap(true);
        row->addWidget(textLabel, 1);
        column->addLayout(row);
    }
    column->addSpacing(8);
    auto* formats = new TextLabel(
        StartPage::tr(
            "safetensors, PyTorch (.pt .pth .bin .ckpt), Keras and HDF5, TensorFlow, GGUF, ONNX, NumPy, Flax. Told by content, not by extension."),
        type::caption, QFont::Normal, Role::SecondText);
    formats->setWordWrap(true);
    column->addWidget(formats);
    return block;
}

QWidget* makeBlock(const QString& title, QVBoxLayout*& rows)
{
    auto* block = new QWidget;
    auto* column = new QVBoxLayout(block);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(heading(title));
    column->addSpacing(6);
    column->addWidget(new HairLine);
    rows = new QVBoxLayout;
    rows->setSpacing(0);
    column->addLayout(rows);
    return block;
}

void clearLayout(QVBoxLayout* layout)
{
    while (QLayoutItem* item = layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

std::pair<std::optional<Glyph>, QString> verdictOf(const QString& verdict)
{
    if (verdict == QLatin1String("usable"))
        return {Glyph::Matched, StartPage::tr("usable")};
    if (verdict == QLatin1String("usable-after-fix"))
        return {Glyph::Warning, StartPage::tr("usable after one fix")};
    if (verdict == QLatin1String("not-usable"))
        return {Glyph::Error, StartPage::tr("not usable")};
    return {{}, {}};
}

QString withTilde(const QString& path)
{
    const QString home = QDir::homePath();
    return path.startsWith(home + u'/') ? u'~' + path.mid(home.size()) : path;
}

} // namespace

StartPage::StartPage(RecentFiles& recent, QAction* open, QAction* openFolder, QWidget* parent)
    : QScrollArea(parent), m_recent(recent), m_dropZone(makeDropZone(open, openFolder)), m_samplesBlock(makeBlock(tr("Samples"), m_samples)), m_recentBlock(makeBlock(tr("Recent"), m_recentRows))
{
    auto* left = new QVBoxLayout;
    left->setSpacing(24);
    left->addWidget(m_dropZone);
    left->addWidget(makeWhatYouCanDrop());
    left->addStretch();
    auto* right = new QVBoxLayout;
    right->setSpacing(28);
    right->addWidget(m_samplesBlock);
    right->addWidget(m_recentBlock);
    right->addStretch();
    auto* both = new QWidget;
    both->setMaximumWidth(widest);
    auto* columns = new QHBoxLayout(both);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(gap);
    columns->addLayout(left, 1);
    columns->addLayout(right, 1);
    auto* content = new QWidget;
    content->setBackgroundRole(QPalette::Window);
    auto* centred = new QHBoxLayout(content);
    centred->setContentsMargins(32, 44, 32, 24);
    centred->addStretch(1);
    centred->addWidget(both, 24);
    centred->addStretch(1);
    setWidget(content);
    setWidgetResizable(true);
    setFrameShape(QFrame::StyledPanel); // room for the ring of the focus
    viewport()->setBackgroundRole(QPalette::Window);
    setFocusPolicy(Qt::NoFocus); // what is on it can be reached, and is scrolled to
    setAccessibleName(tr("Start"));
    connect(&m_recent, &QAbstractItemModel::modelReset, this, &StartPage::fillRecent);
    connect(&m_recent, &QAbstractItemModel::rowsInserted, this, &StartPage::fillRecent);
    connect(&m_recent, &QAbstractItemModel::rowsRemoved, this, &StartPage::fillRecent);
    connect(&m_recent, &QAbstractItemModel::rowsMoved, this, &StartPage::fillRecent);
    connect(&m_recent, &QAbstractItemModel::dataChanged, this, &StartPage::fillRecent);
    fillSamples();
    fillRecent();
}

void StartPage::setDropHighlighted(bool on)
{
    static_cast<DropZone*>(m_dropZone)->highlighted = on;
    m_dropZone->update();
}

void StartPage::fillRecent()
{
    clearLayout(m_recentRows);
    const qsizetype count = std::min<qsizetype>(m_recent.files().size(), mostRecent);
    for (qsizetype i = 0; i < count; ++i) {
        const RecentFile& file = m_recent.files()[i];
        const QFileInfo info(file.path);
        StartRow::Content content;
        content.title = QString::fromStdString(shown(info.fileName().toStdString()));
        content.text = QString::fromStdString(shown(withTilde(file.path).toStdString()));
        content.cells = file.cells;
        std::tie(content.glyph, content.verdict) = verdictOf(file.verdict);
        content.key = QKeySequence(QStringLiteral("Ctrl+%1").arg(i + 1)).toString(QKeySequence::NativeText);
        content.isMissing = m_recent.index(int(i)).data(RecentFiles::IsMissingRole).toBool();
        if (content.isMissing) {
            content.glyph.reset();
            content.verdict = tr("not found");
        }
        auto* row = new StartRow(content);
        if (content.isMissing) {
            row->setToolTip(tr("The file is gone. Click to remove it from the list."));
            connect(row, &QAbstractButton::clicked, this, [this, path = file.path] { m_recent.remove(path); }, Qt::QueuedConnection);
        } else {
            connect(row, &QAbstractButton::clicked, this, [this, path = file.path] { Q_EMIT openRequested({path}); }, Qt::QueuedConnection);
        }
        m_recentRows->addWidget(row);
    }
    m_recentBlock->setVisible(count > 0);
}

void StartPage::fillSamples()
{
    // samples/samples.json of the resource folder: [{"path", "title", "text", "cells"}], paths relative to it; cells: a hexadecimal
    // digit per cell, its RowState.
    const QDir folder(QString::fromStdString(resourceFolder()) + QStringLiteral("/samples"));
    QFile list(folder.filePath(QStringLiteral("samples.json")));
    const QJsonArray samples = list.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(list.readAll()).array() : QJsonArray();
    for (const auto& entry : samples) {
        const QJsonObject sample = entry.toObject();
        const QString path = folder.filePath(sample[QStringLiteral("path")].toString());
        QByteArray cells;
        for (const QChar digit : sample[QStringLiteral("cells")].toString())
            cells.append(char(QString(digit).toInt(nullptr, 16)));
        const auto text = [&sample](const char* key) { return fromCore(sample[QLatin1String(key)].toString().toStdString()); };
        auto* row = new StartRow({text("title"), text("text"), cells, {}, {}, {}, false});
        connect(row, &QAbstractButton::clicked, this, [this, path] { Q_EMIT openRequested({path}); });
        m_samples->addWidget(row);
    }
    m_samplesBlock->setVisible(!samples.isEmpty());
}

} // namespace weighbridge
