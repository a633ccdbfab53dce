// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/inspector.h"

#include "core/base/text.h"
#include "ui/models/manual_pages.h"
#include "ui/models/numbers.h"
#include "ui/models/tensor_texts.h"
#include "core/checkpoint/tensor_reader.h"
#include "ui/glyphs.h"
#include "ui/plots/axis.h"
#include "ui/plots/histogram_plot.h"
#include "ui/views/code_box.h"
#include "ui/views/properties_panel.h"
#include "ui/views/segments.h"
#include "ui/views/text_label.h"
#include "ui/views/trial_list.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

constexpr int padding = 14;

TextLabel* sectionTitle(const QString& text)
{
    return new TextLabel(text, type::caption, QFont::DemiBold, Role::SecondText);
}

TextLabel* wrapping(double factor, QFont::Weight weight = QFont::Normal, Role role = Role::Text)
{
    auto* label = new TextLabel({}, factor, weight, role);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    return label;
}

/// A section of the inspector: a line above, its title, its table.
void fillBlock(QWidget* block, const QString& title, QWidget* table)
{
    auto* column = new QVBoxLayout(block);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(new HairLine);
    auto* rows = new QVBoxLayout;
    rows->setContentsMargins(padding, 4, padding, 0);
    rows->setSpacing(6);
    rows->addWidget(sectionTitle(title));
    rows->addWidget(table);
    column->addLayout(rows);
}

} // namespace

FindingSection::FindingSection(QWidget* parent)
    : QWidget(parent)
    , m_title(wrapping(type::findingTitle, QFont::DemiBold))
    , m_explanation(wrapping(type::body))
    , m_triedBlock(new QWidget)
    , m_tried(new TrialList)
    , m_printedBlock(new QWidget)
    , m_printed(wrapping(type::caption))
    , m_evidenceBlock(new QWidget)
    , m_evidence(new PropertyGrid)
    , m_fixBlock(new QWidget)
    , m_fixText(wrapping(type::body))
    , m_python(new CodeBox)
    , m_copy(new QPushButton(tr("Copy fix")))
    , m_after(new QPushButton(tr("Show after the fix")))
{
    m_python->setAccessibleName(tr("Python of the fix"));
    m_python->setTabChangesFocus(true);
    m_copy->setToolTip(tr("Copy the Python of the fix"));
    connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_python->toPlainText()); });
    connect(m_after, &QPushButton::clicked, this, &FindingSection::showAfterFix);

    fillBlock(m_triedBlock, tr("What was tried"), m_tried);
    fillBlock(m_evidenceBlock, tr("How it is known"), m_evidence);
    fillBlock(m_printedBlock, tr("What loaders print"), m_printed);
    m_printed->setFixed(true);
    m_printed->setObjectName("loaderMessages");

    auto* fix = new QVBoxLayout(m_fixBlock);
    fix->setContentsMargins(0, 0, 0, 0);
    fix->setSpacing(8);
    fix->addWidget(new HairLine);
    auto* fixRows = new QVBoxLayout;
    fixRows->setContentsMargins(padding, 4, padding, 0);
    fixRows->setSpacing(8);
    fixRows->addWidget(sectionTitle(tr("What to do")));
    fixRows->addWidget(m_fixText);
    fixRows->addWidget(m_python);
    fixRows->addWidget(m_copy); // one below the other: side by side they would widen the inspector in some languages
    fixRows->addWidget(m_after);
    fix->addLayout(fixRows);

    auto* head = new QVBoxLayout;
    head->setContentsMargins(padding, 12, padding, 4);
    head->setSpacing(6);
    head->addWidget(m_title);
    head->addWidget(m_explanation);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 12);
    column->setSpacing(8);
    column->addLayout(head);
    column->addWidget(m_triedBlock);
    column->addWidget(m_evidenceBlock);
    column->addWidget(m_fixBlock);
    column->addWidget(m_printedBlock);
}

void FindingSection::setEvidence(const Value::Map& evidence)
{
    const QList<Property> rows = evidenceProperties(evidence);
    m_evidence->setProperties(rows);
    m_evidenceBlock->setVisible(!rows.isEmpty());
}

void FindingSection::setTried(const std::vector<Trial>& tried)
{
    m_tried->setTrials(tried);
    m_triedBlock->setVisible(!tried.empty());
}

void FindingSection::setFinding(const Finding* finding, bool canShowAfterFix)
{
    setVisible(finding != nullptr);
    if (!finding)
        return;
    m_title->setFullText(breakable(fromCore(finding->title)));
    m_explanation->setFullText(fromCore(finding->explanation, 2000));
    m_explanation->setVisible(!finding->explanation.empty());
    setTried(finding->tried);
    setEvidence(finding->evidence);
    const QStringList printed = loaderMessages(finding->rule);
    m_printed->setFullText(breakable(printed.join(u'\n')));
    m_printedBlock->setVisible(!printed.isEmpty());
    const QString python = QString::fromStdString(finding->fix.python);
    m_fixBlock->setVisible(!finding->fix.text.empty() || !python.isEmpty());
    m_fixText->setFullText(fromCore(finding->fix.text, 2000));
    m_fixText->setVisible(!finding->fix.text.empty());
    m_python->setPlainText(python.trimmed());
    m_python->fitHeight();
    m_python->setVisible(!python.isEmpty());
    m_copy->setVisible(!python.isEmpty());
    updateIcon();
    m_after->setVisible(canShowAfterFix);
}

void FindingSection::updateIcon()
{
    m_copy->setIcon(glyphIcon(Glyph::Copy, palette()));
}

void FindingSection::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        updateIcon();
}

TensorSection::TensorSection(QWidget* parent)
    : QWidget(parent), m_facts(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_name(wrapping(type::caption)), m_plot(new HistogramPlot),
      m_scale(new Segments({tr("linear"), tr("log")})), m_numbers(new PropertyGrid), m_quantiles(new PropertyGrid), m_place(new PropertyGrid), m_content(new QWidget),
      m_nothing(wrapping(type::body, QFont::Normal, Role::SecondText))
{
    m_name->setFixed(true);
    m_plot->setTitlesVisible(false);
    m_plot->setFixedHeight(118);
    m_scale->setAccessibleName(tr("Scale of the counts"));
    connect(m_scale, &Segments::chosen, this, [this](int index) { m_plot->setLogarithmic(index == 1); });
    m_nothing->setFullText(tr("A tensor that is selected in the tree or in the strip is described here."));

    auto* head = new QHBoxLayout;
    head->addWidget(sectionTitle(tr("Selected tensor")));
    head->addStretch();
    head->addWidget(m_facts);
    auto* scale = new QHBoxLayout;
    scale->addWidget(new TextLabel(tr("Values"), type::caption, QFont::Normal, Role::SecondText));
    scale->addStretch();
    scale->addWidget(m_scale);
    auto* rows = new QVBoxLayout(m_content);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(8);
    rows->addWidget(m_name);
    rows->addLayout(scale);
    rows->addWidget(m_plot);
    rows->addWidget(m_numbers);
    rows->addWidget(new HairLine);
    rows->addWidget(m_quantiles);
    rows->addWidget(new HairLine);
    rows->addWidget(m_place);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(padding, 10, padding, 12);
    column->setSpacing(8);
    column->addLayout(head);
    column->addWidget(m_nothing);
    column->addWidget(m_content);
}

void TensorSection::showTensor(const Document& document)
{
    const TensorRowsPtr rows = document.rows();
    const int selected = document.selectedRow();
    const bool any = rows && selected >= 0;
    m_content->setVisible(any);
    m_facts->setVisible(any);
    m_nothing->setVisible(!any);
    if (!any)
        return;
    const TensorRow& row = rows->rows()[size_t(selected)];
    const TensorInfo* found = rows->foundOf(row);
    const ExpectedTensor* expected = rows->expectedOf(row);
    const QString name = QString::fromStdString(shown(found ? std::string_view(found->name) : row.name, 2000));
    m_name->setFullText(breakable(name));
    m_name->setAccessibleName(name);
    const QString dtype = found ? QString::fromStdString(shown(found->dtypeName())) : QString();
    m_facts->setFullText((dtype.isEmpty() ? QString() : dtype + QStringLiteral("  ")) +
                         (found ? shapeText(found->shape) : fromCore(formatShape(*expected))));
    QList<Property> place;
    if (row.tiedTo >= 0)
        place << Property{tr("Tied to"), fromFile(rows->rows()[size_t(row.tiedTo)].name), tiedText(*rows, row)};
    if (found && document.checkpoint() && found->storage.shard < document.checkpoint()->shards.size()) {
        const Shard& shard = document.checkpoint()->shards[found->storage.shard];
        place << Property{tr("File"), QFileInfo(QString::fromStdString(shard.path)).fileName(), QString::fromStdString(shown(shard.path))};
        if (found->storage.kind == StorageKind::Raw)
            place << Property{tr("At byte"), QString::fromStdString(groupDigits(found->storage.offset)), {}};
        place << Property{tr("Bytes"), QString::fromStdString(groupDigits(found->nbytes())), {}};
        place << Property{tr("Parameters"), QString::fromStdString(groupDigits(found->elements())), {}};
    }
    m_place->setProperties(place);
    showStatistics(document, row.found, name);
    if (row.tiedTo >= 0)
        m_plot->clear(tiedText(*rows, row));
}

void TensorSection::showStatistics(const Document& document, int found, const QString& name)
{
    const TensorStatistics* statistics = found >= 0 ? document.statistics(found) : nullptr;
    m_numbers->setVisible(statistics != nullptr);
    m_quantiles->setVisible(statistics != nullptr);
    if (!statistics) {
        const Error* error = found >= 0 ? document.statisticsError(found) : nullptr;
        m_plot->clear(found < 0 ? tr("The file does not hold this tensor") : error ? fromCore(error->message, 500) : tr("Reading the values"));
        return;
    }
    m_plot->setHistogram(name, statistics->histogram);
    const auto count = [](uint64_t n) { return QString::fromStdString(groupDigits(n)); };
    m_numbers->setProperties({{tr("mean"), numberText(statistics->mean), {}}, {tr("min"), numberText(statistics->min), {}},
                              {tr("std"), numberText(statistics->std), {}}, {tr("max"), numberText(statistics->max), {}},
                              {tr("NaN"), count(statistics->nan), {}}, {tr("Inf"), count(statistics->inf), {}},
                              {tr("zeros"), count(statistics->zeros), {}}, {tr("outside"), count(statistics->histogram.below + statistics->histogram.above), tr("Values outside the range of the histogram")}},
                             2);
    QList<Property> quantiles;
    for (size_t i = 1; i + 1 < TensorStatistics::quantileLevels.size(); ++i)
        quantiles << Property{tr("%1 %").arg(shortText(TensorStatistics::quantileLevels[i] * 100, 6)), numberText(statistics->quantiles[i]), {}};
    quantiles << Property{tr("kurtosis"), numberText(statistics->kurtosis), tr("3 for a normal distribution")};
    m_quantiles->setProperties(quantiles, 2);
}

Inspector::Inspector(Document& document, QWidget* parent)
    : QScrollArea(parent), m_document(document), m_finding(new FindingSection), m_line(new HairLine), m_tensor(new TensorSection)
{
    auto* content = new QWidget;
    content->setBackgroundRole(QPalette::Base);
    content->setAutoFillBackground(true);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_finding);
    column->addWidget(m_line);
    column->addWidget(m_tensor);
    column->addStretch(1); // all of a tall window's rest: the box of code would take some
    setWidget(content);
    setWidgetResizable(true);
    setFrameShape(QFrame::StyledPanel); // room for the ring of the focus
    viewport()->setBackgroundRole(QPalette::Base);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Inspector"));
    connect(m_finding, &FindingSection::showAfterFix, this, &Inspector::showAfterFix);
    for (const auto signal : {&Document::headerLoaded, &Document::expectedChanged, &Document::checked}) {
        connect(&m_document, signal, this, &Inspector::updateFinding);
        connect(&m_document, signal, this, &Inspector::updateTensor);
    }
    connect(&m_document, &Document::findingSelected, this, &Inspector::updateFinding);
    connect(&m_document, &Document::afterFixChanged, this, &Inspector::updateFinding);
    connect(&m_document, &Document::selectionChanged, this, &Inspector::updateTensor);
    connect(&m_document, &Document::statisticsReady, this, [this](const QList<int>& tensors) {
        const TensorRowsPtr rows = m_document.rows();
        const int row = m_document.selectedRow();
        if (rows && row >= 0 && tensors.contains(rows->rows()[size_t(row)].found))
            updateTensor();
    });
    updateFinding();
    updateTensor();
}

void Inspector::updateFinding()
{
    const auto& findings = m_document.findings();
    const int selected = m_document.selectedFinding();
    const Finding* finding = selected >= 0 && size_t(selected) < findings.size() ? &findings[size_t(selected)] : nullptr;
    m_finding->setFinding(finding, m_document.tree(View::AfterFix) != nullptr);
    m_line->setVisible(finding != nullptr);
}

void Inspector::updateTensor()
{
    m_tensor->showTensor(m_document);
}

} // namespace weighbridge
