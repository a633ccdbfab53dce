// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/settings_dialog.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "ui/language.h"
#include "ui/models/numbers.h"
#include "ui/models/recent_files.h"
#include "ui/theme.h"
#include "ui/views/text_label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLocale>
#include <QTabWidget>
#include <QTableWidget>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

struct Limit {
    const char* what;
    uint64_t value;
    bool isNbytes;
    const char* why;
};

constexpr Limit limitTable[] = {
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Header of a safetensors file"), limits::headerNbytes, true, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "The official reader stops at 100 MB.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "JSON text"), limits::jsonNbytes, true, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Configs, indices and tokenizers are smaller.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Depth of JSON"), limits::jsonDepth, false, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Deeper nesting is an attack on the reader's stack.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "YAML text"), limits::yamlNbytes, true, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "References in it can multiply it.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Tensors of a checkpoint"), limits::tensors, false, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "The largest models have some 100 000.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Dimensions of a tensor"), limits::dimensions, false, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "NumPy and PyTorch stop at 64.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Pickle: operations"), limits::pickleOpcodes, false, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "A pickle is read as data and never executed.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Pickle: objects"), limits::pickleObjects, false, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "More would fill the memory.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Entries of a ZIP archive"), limits::zipEntries, false, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Its directory is held in memory.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Unpacked entry"), limits::inflatedEntryNbytes, true, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Where it must be held in memory at once.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Unpacked over packed size"), limits::bombRatio, false, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Beyond, and from 256 MiB on, it is a decompression bomb.")},
    {QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "Text given to a tokenizer"), limits::tokenizerTextNbytes, true, QT_TRANSLATE_NOOP("weighbridge::SettingsDialog", "At each step of its way to tokens.")},
};

TextLabel* paragraph(const QString& text)
{
    auto* label = new TextLabel(text);
    label->setWordWrap(true);
    return label;
}

} // namespace

SettingsDialog::SettingsDialog(QSettings& settings, RecentFiles& recent, QWidget* parent) : QDialog(parent), m_preferences(settings), m_recent(recent)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Settings"));
    auto* tabs = new QTabWidget;
    tabs->setAccessibleName(windowTitle());
    tabs->addTab(generalPage(), tr("General"));
    tabs->addTab(limitsPage(), tr("Limits"));
    tabs->addTab(privacyPage(), tr("Privacy"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto* column = new QVBoxLayout(this);
    column->addWidget(tabs);
    column->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 100, fontMetrics().height() * 28);
}

QWidget* SettingsDialog::generalPage()
{
    auto* page = new QWidget;
    auto* form = new QFormLayout(page);
    form->setContentsMargins(16, 16, 16, 16);
    form->setVerticalSpacing(12);
    form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    form->addRow(tr("&Language"), languageBox());
    form->addRow(QString(), new TextLabel(tr("The language changes when Weighbridge starts again."), type::caption, QFont::Normal, Role::SecondText));
    form->addRow(QString(), new TextLabel(tr("Reports and the manual are in English."), type::caption, QFont::Normal, Role::SecondText));
    form->addRow(tr("Check &values unasked"), checkBox());
    form->addRow(QString(), new TextLabel(tr("Reads every value once, in the background: what was never trained, NaN, damage."), type::caption, QFont::Normal, Role::SecondText));
    form->addRow(QString(), new TextLabel(tr("Text size and scaling are the desktop's. Colours: View > Theme."), type::caption, QFont::Normal, Role::SecondText));
    return page;
}

QComboBox* SettingsDialog::languageBox()
{
    auto* box = new QComboBox;
    box->setAccessibleName(tr("Language"));
    box->addItem(tr("Like the desktop"), QString());
    for (const QString& language : languages())
        box->addItem(QLocale(language).nativeLanguageName().section(u' ', -1), language);
    box->setCurrentIndex(std::max(0, box->findData(m_preferences.language())));
    connect(box, &QComboBox::currentIndexChanged, this, [this, box] { m_preferences.setLanguage(box->currentData().toString()); });
    return box;
}

QComboBox* SettingsDialog::checkBox()
{
    auto* box = new QComboBox;
    box->setAccessibleName(tr("Check values unasked"));
    box->addItem(tr("Never"), 0ull);
    for (const uint64_t nbytes : {limits::GiB, Preferences::defaultCheckedUnaskedNbytes, 32 * limits::GiB})
        box->addItem(tr("Up to %1").arg(nbytesText(nbytes)), qulonglong(nbytes));
    box->addItem(tr("Always"), qulonglong(UINT64_MAX));
    const int chosen = box->findData(qulonglong(m_preferences.checkedUnaskedNbytes()));
    box->setCurrentIndex(chosen < 0 ? box->findData(qulonglong(Preferences::defaultCheckedUnaskedNbytes)) : chosen);
    connect(box, &QComboBox::currentIndexChanged, this, [this, box] {
        m_preferences.setCheckedUnaskedNbytes(box->currentData().toULongLong());
        Q_EMIT changed();
    });
    return box;
}

QWidget* SettingsDialog::limitsPage()
{
    auto* table = new QTableWidget(int(std::size(limitTable)), 3);
    table->setHorizontalHeaderLabels({tr("What a file may ask for"), tr("At most"), tr("Why")});
    table->setAccessibleName(tr("Limits"));
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setShowGrid(false);
    table->verticalHeader()->hide();
    for (int row = 0; row < table->rowCount(); ++row) {
        const Limit& limit = limitTable[row];
        auto* value = new QTableWidgetItem(limit.isNbytes ? nbytesText(limit.value) : QString::fromStdString(groupDigits(limit.value)));
        value->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        table->setItem(row, 0, new QTableWidgetItem(tr(limit.what)));
        table->setItem(row, 1, value);
        table->setItem(row, 2, new QTableWidgetItem(tr(limit.why)));
    }
    table->resizeColumnsToContents();
    table->horizontalHeader()->setStretchLastSection(true);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeading | Qt::AlignVCenter);
    table->horizontalHeaderItem(1)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(16, 16, 16, 16);
    column->addWidget(paragraph(tr("A file from a stranger may claim anything. Beyond these limits Weighbridge stops reading and says why. They are fixed.")));
    column->addWidget(table, 1);
    return page;
}

QWidget* SettingsDialog::privacyPage()
{
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);
    column->addWidget(paragraph(tr("Files are read on this machine. Nothing is sent anywhere, nothing is counted, and no newer version is looked for. The network is used only for an address that you open yourself.")));
    column->addWidget(paragraph(tr("What a checkpoint holds is never executed. Files that you open are never changed.")));
    auto* remembers = new QCheckBox(tr("&Remember the files that were open"));
    remembers->setChecked(m_preferences.remembersFiles());
    connect(remembers, &QCheckBox::toggled, this, [this](bool on) {
        m_preferences.setRemembersFiles(on);
        if (!on)
            m_recent.clear();
    });
    column->addWidget(remembers);
    column->addWidget(new TextLabel(tr("Their paths, verdicts and small pictures are kept in your settings file."), type::caption, QFont::Normal, Role::SecondText));
    column->addStretch();
    return page;
}

} // namespace weighbridge
