// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/weights_detail.h"

#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/models/value_table.h"
#include "ui/plots/axis.h"
#include "ui/plots/heat_map_plot.h"
#include "ui/plots/histogram_plot.h"
#include "ui/plots/quantiles_plot.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/text_scale.h"
#include "ui/views/segments.h"
#include "ui/views/text_label.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr int lateIntervalMs = 60;
constexpr size_t mostSiblings = 48;        ///< curves of a histogram
constexpr size_t mostSiblingSpectra = 8;
constexpr size_t quantilePoints = 200;
constexpr qsizetype mostSpectra = 512;     ///< kept: 4 MiB

QString digits(uint64_t number)
{
    return QString::fromStdString(groupDigits(number));
}

QString sentenceOf(const Error& error)
{
    return fromCore(error.message, 500);
}

/// What a histogram does not show, never dropped silently.
QString noteOf(const TensorStatistics& statistics)
{
    QStringList parts;
    if (statistics.nan > 0)
        parts << WeightsDetail::tr("%1 NaN").arg(digits(statistics.nan));
    if (statistics.inf > 0)
        parts << WeightsDetail::tr("%1 Inf").arg(digits(statistics.inf));
    if (statistics.zeros > 0)
        parts << WeightsDetail::tr("%1 zeros").arg(digits(statistics.zeros));
    if (const uint64_t outside = statistics.histogram.below + statistics.histogram.above; outside > 0)
        parts << WeightsDetail::tr("%1 outside").arg(digits(outside));
    return parts.join(QStringLiteral(", "));
}

HistogramCompanions::Curve curveOf(const Distribution& distribution, const QString& label)
{
    return {[distribution](double x) { return distribution.density(x); }, label};
}

bool isMatrix(const TensorInfo& tensor)
{
    const MatrixView view = matrixViewOf(tensor);
    return view.rows > 1 && view.columns > 1;
}

template <typename T>
double shareOf(const T& progress)
{
    return progress.total > 0 ? double(progress.done) / double(progress.total) : 0;
}

} // namespace

WeightsDetail::WeightsDetail(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_name(new TextLabel), m_facts(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)),
      m_views(new Segments({tr("Histogram"), tr("Quantiles"), tr("Heat map"), tr("Values")})), m_scale(new Segments({tr("linear"), tr("log")})), m_stack(new QStackedWidget), m_histogram(new HistogramPlot),
      m_quantiles(new QuantilesPlot), m_heatMap(new HeatMapPlot), m_values(new ValueTable(document.calls().valueBlock, this)), m_valuePage(new QWidget), m_valueView(new QTableView),
      m_valueNote(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_spectrumBlock(new QWidget), m_spectrum(new SpectrumPlot), m_origin(new TextLabel({}, type::caption))
{
    setMaximumWidth(forText(900));
    m_name->setFixed(true);
    m_name->setElided(Qt::ElideMiddle);
    m_facts->setWordWrap(true);
    m_facts->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_origin->setWordWrap(true);
    m_origin->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_scale->setAccessibleName(tr("Scale of the counts"));
    m_views->setAccessibleName(tr("What is shown of the values"));
    m_valueView->setModel(m_values);
    m_valueView->setFrameShape(QFrame::NoFrame);
    m_valueView->setTabKeyNavigation(false);
    m_valueView->setWordWrap(false);
    m_valueView->setAccessibleName(tr("Values"));
    m_valueView->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_valueView->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_late.setSingleShot(true);
    m_late.setInterval(lateIntervalMs);
    layOut();
    showView(HistogramView);
    connectAll();
}

void WeightsDetail::layOut()
{
    auto* head = new QHBoxLayout;
    head->addWidget(m_views);
    head->addStretch();
    head->addWidget(m_scale);
    auto* valueColumn = new QVBoxLayout(m_valuePage);
    valueColumn->setContentsMargins(0, 0, 0, 0);
    valueColumn->addWidget(m_valueView, 1);
    valueColumn->addWidget(m_valueNote);
    for (QWidget* view : std::initializer_list<QWidget*>{m_histogram, m_quantiles, m_heatMap, m_valuePage})
        m_stack->addWidget(view);
    const int line = fontMetrics().height();
    m_stack->setMinimumHeight(11 * line);
    m_spectrum->setMinimumHeight(10 * line);
    auto* spectrumColumn = new QVBoxLayout(m_spectrumBlock);
    spectrumColumn->setContentsMargins(0, 0, 0, 0);
    spectrumColumn->addWidget(new HairLine);
    spectrumColumn->addWidget(m_spectrum);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(6);
    column->addWidget(m_name);
    column->addWidget(m_facts);
    column->addWidget(new HairLine);
    column->addLayout(head);
    column->addWidget(m_stack, 5);
    column->addWidget(m_spectrumBlock, 4);
    column->addWidget(new HairLine);
    column->addWidget(new TextLabel(tr("Where the values come from"), type::caption, QFont::DemiBold, Role::SecondText));
    column->addWidget(m_origin);
    setMinimumWidth(std::max(420, column->minimumSize().width())); // the words of both choices, in any language
}

void WeightsDetail::connectAll()
{
    connect(m_views, &Segments::chosen, this, [this](int view) { showView(ViewIndex(view)); });
    connect(m_scale, &Segments::chosen, this, [this](int index) { m_histogram->setLogarithmic(index == 1); });
    for (Plot* plot : std::initializer_list<Plot*>{m_histogram, m_quantiles, m_heatMap, m_spectrum})
        connect(plot, &Plot::readOut, this, &WeightsDetail::readOut);
    connect(m_heatMap, &HeatMapPlot::blockWanted, this, &WeightsDetail::readBlock);
    connect(m_values, &ValueTable::errorChanged, this, &WeightsDetail::showValues);
    connect(&m_quantileJob, &JobRunner::progressed, m_quantiles, [this](const Progress& progress) { m_quantiles->setProgress(shareOf(progress)); });
    connect(&m_heatMapJob, &JobRunner::progressed, m_heatMap, [this](const Progress& progress) { m_heatMap->setProgress(shareOf(progress)); });
    connect(&m_spectrumJob, &JobRunner::progressed, m_spectrum, [this](const Progress& progress) { m_spectrum->setProgress(shareOf(progress)); });
    connect(&m_late, &QTimer::timeout, this, &WeightsDetail::showSelection);
    connect(&m_document, &Document::selectionChanged, this, &WeightsDetail::showSelection);
    connect(&m_document, &Document::checked, this, &WeightsDetail::showSelection);
    connect(&m_document, &Document::stateChanged, this, &WeightsDetail::showSelection);
    connect(&m_document, &Document::statisticsReady, this, [this] {
        if (!m_late.isActive())
            m_late.start();
    });
}

void WeightsDetail::setMap(const ModelMapPtr& map)
{
    m_map = map;
    showSelection();
}

void WeightsDetail::showView(ViewIndex view)
{
    m_views->setCurrent(view);
    m_stack->setCurrentIndex(view);
    m_scale->setVisible(view == HistogramView);
    setFocusProxy(view == ValuesView ? static_cast<QWidget*>(m_valueView) : m_stack->currentWidget());
    showExtras();
}

/// Also when it cannot be seen: what is shown of a checkpoint that was closed must not keep it.
void WeightsDetail::setSubject(const Subject& subject)
{
    if (subject == m_subject)
        return;
    if (m_quantileJob.isRunning())
        m_quantilesOf = {};
    if (m_heatMapJob.isRunning())
        m_heatMapOf = {};
    for (JobRunner* job : {&m_quantileJob, &m_heatMapJob, &m_blockJob, &m_spectrumJob})
        job->drop();
    if (subject.checkpoint != m_subject.checkpoint) {
        m_spectra.clear();
        m_quantilesOf = m_heatMapOf = {};
        m_values->setTensor(nullptr, -1);
    }
    m_subject = subject;
}

void WeightsDetail::showSelection()
{
    const TensorRowsPtr rows = m_document.rows();
    const int selected = m_document.selectedRow();
    if (m_document.checkpoint() != m_subject.checkpoint)
        setSubject({m_document.checkpoint(), -1});
    if (!isVisible() || !rows || selected < 0)
        return;
    const TensorRow& row = rows->rows()[size_t(selected)];
    setSubject({m_document.checkpoint(), row.found});
    m_selected = row.id;
    m_state = row.state;
    showFacts(row);
    showHistogram(row);
    showOrigin();
    showExtras();
}

void WeightsDetail::showFacts(const TensorRow& row)
{
    const TensorInfo* found = m_document.rows()->foundOf(row);
    m_name->setFullText(QString::fromStdString(shown(found ? std::string_view(found->name) : row.name)));
    const TensorStatistics* statistics = m_document.statistics(row.found);
    if (!found || !statistics) {
        m_facts->setFullText({});
        return;
    }
    m_facts->setFullText(tr("%1   %2   mean %3   std %4   min %5   max %6")
                             .arg(QString::fromStdString(shown(found->dtypeName())), shapeText(found->shape), numberText(statistics->mean),
                                  numberText(statistics->std), numberText(statistics->min), numberText(statistics->max)));
}

QString WeightsDetail::layerLabel() const
{
    const MapPlace place = m_map ? m_map->placeOf(m_map->rows->rowOf(m_selected)) : MapPlace();
    return place.isValid() ? fromCore(m_map->lines[size_t(place.line)].label) : QString();
}

std::vector<int> WeightsDetail::siblings() const
{
    std::vector<int> out;
    if (!m_map || m_map->rows->checkpoint() != m_subject.checkpoint.get())
        return out;
    for (const int row : m_map->siblings(m_map->rows->rowOf(m_selected)))
        out.push_back(m_map->rows->rows()[size_t(row)].found);
    return out;
}

std::optional<DistributionFit> WeightsDetail::fit() const
{
    const TensorAnalysis* analysis = m_document.analysis(m_subject.found);
    const auto check = m_document.check();
    if (!analysis)
        return std::nullopt;
    return distributionFit(analysis->statistics, analysis->features, check && check->config ? hintsOf(check->config->root) : ConfigHints());
}

void WeightsDetail::showHistogram(const TensorRow& row)
{
    const TensorStatistics* statistics = m_document.statistics(row.found);
    if (!statistics) {
        const Error* error = m_document.statisticsError(row.found);
        m_histogram->clear(row.tiedTo >= 0 ? tiedText(*m_document.rows(), row)
                           : row.found < 0 ? tr("The file does not hold this tensor")
                           : error         ? sentenceOf(*error)
                                           : tr("Reading the values"));
        return;
    }
    if (statistics->finite == 0) {
        m_histogram->clear(tr("No value is finite: %1").arg(noteOf(*statistics)));
        return;
    }
    HistogramCompanions companions;
    companions.note = noteOf(*statistics);
    companions.isNeverTrained = isNeverTrained();
    companions.label = layerLabel();
    for (const int sibling : siblings())
        if (const TensorStatistics* other = m_document.statistics(sibling); other && companions.siblings.size() < mostSiblings)
            companions.siblings.push_back(other->histogram);
    if (const auto found = fit()) {
        const QString text = QString::fromStdString(found->fitted.text());
        companions.fitted = curveOf(found->fitted, found->isAccepted ? tr("fits %1").arg(text) : tr("nearest: %1, does not fit").arg(text));
        if (found->initialiser)
            companions.initialiser =
                curveOf(*found->initialiser, tr("%1: %2").arg(fromCore(found->initialiserName), QString::fromStdString(found->initialiser->text())));
    }
    m_histogram->setHistogram(m_name->fullText(), statistics->histogram, std::move(companions));
}

/// The answer before its proof.
QString WeightsDetail::originText(const Origin& origin)
{
    const QString sentence = fromCore(origin.sentence, 600);
    if (origin.verdict == OriginVerdict::Trained)
        return tr("Trained: no initialiser draws such values. %1").arg(sentence);
    return origin.verdict == OriginVerdict::Random ? tr("Never trained. %1").arg(sentence) : sentence;
}

void WeightsDetail::showOrigin()
{
    const Origin* origin = m_document.origin(m_subject.found);
    m_origin->setFullText(origin ? originText(*origin) : tr("Not judged before the values of all tensors are read."));
}

/// What takes a reading of its own: only what is looked at, and only if the tensor can be read.
void WeightsDetail::showExtras()
{
    const bool isThere = m_subject.checkpoint && m_subject.found >= 0;
    m_spectrumBlock->setVisible(isThere && isMatrix(m_subject.checkpoint->unpacked(m_subject.tensor())));
    if (!isVisible())
        return;
    m_values->setTensor(m_stack->currentIndex() == ValuesView ? m_subject.checkpoint : nullptr, m_subject.found);
    if (!isThere) {
        m_quantilesOf = m_heatMapOf = {};
        m_quantiles->clear(tr("The file does not hold this tensor"));
        m_heatMap->clear(tr("The file does not hold this tensor"));
        return;
    }
    if (m_stack->currentIndex() == QuantilesView)
        startQuantiles();
    if (m_stack->currentIndex() == HeatMapView)
        startHeatMap();
    if (m_stack->currentIndex() == ValuesView)
        showValues();
    if (m_spectrumBlock->isVisible())
        startSpectrum();
}

void WeightsDetail::startQuantiles()
{
    const TensorStatistics* statistics = m_document.statistics(m_subject.found);
    if (m_quantilesOf == m_subject)
        return;
    if (!statistics) {
        m_quantiles->clear(tr("Reading the values"));
        return;
    }
    const auto found = fit();
    const Distribution distribution = found ? found->initialiser.value_or(found->fitted) : fitted(Family::Normal, *statistics);
    if (!(distribution.sd > 0) || statistics->finite == 0) {
        m_quantiles->clear(tr("All values are equal"));
        return;
    }
    m_quantilesOf = m_subject;
    m_quantiles->clear(tr("Reading the values"));
    m_quantileJob.start<QuantilePlot>(
        [compute = m_document.calls().quantiles, subject = m_subject, distribution](JobContext& job) { return compute(*subject.checkpoint, subject.tensor(), distribution, quantilePoints, job); },
        [this](Result<QuantilePlot> quantiles) {
            if (quantiles)
                m_quantiles->setQuantiles(m_name->fullText(), *std::move(quantiles), isNeverTrained());
            else
                m_quantiles->clear(sentenceOf(quantiles.error()));
        });
}

void WeightsDetail::startHeatMap()
{
    if (m_heatMapOf == m_subject)
        return;
    m_heatMapOf = m_subject;
    m_heatMap->clear(tr("Reading the values"));
    m_heatMapJob.start<HeatMap>(
        [compute = m_document.calls().heatMap, subject = m_subject](JobContext& job) { return compute(*subject.checkpoint, subject.tensor(), HeatMapPlot::mostCells, HeatMapPlot::mostCells, job); },
        [this](Result<HeatMap> map) {
            if (!map || map->mean.empty()) {
                m_heatMap->clear(map ? tr("The tensor holds no values") : sentenceOf(map.error()));
                return;
            }
            // The magnitude below which 98 % of the cells lie: one large value does not pale all others.
            std::vector<float> sizes;
            for (const float mean : map->mean)
                if (std::isfinite(mean))
                    sizes.push_back(std::abs(mean));
            const size_t rank = sizes.size() * 98 / 100;
            if (!sizes.empty())
                std::nth_element(sizes.begin(), sizes.begin() + std::ptrdiff_t(rank), sizes.end());
            const double range = sizes.empty() ? 1 : double(sizes[rank]);
            m_heatMap->setHeatMap(m_name->fullText(), *std::move(map), range);
        });
}

void WeightsDetail::readBlock(quint64 firstRow, quint64 firstColumn, qsizetype rows, qsizetype columns)
{
    m_blockJob.start<ValueBlock>(
        [read = m_document.calls().valueBlock, subject = m_subject, firstRow, firstColumn, rows, columns](JobContext& job) {
            return read(*subject.checkpoint, subject.tensor(), firstRow, firstColumn, size_t(rows), size_t(columns), job);
        },
        [this](Result<ValueBlock> block) {
            if (block)
                m_heatMap->setBlock(*block);
        });
}

/// The tensor's own first, then those of its siblings, one job after another; all are kept, so that going from layer to layer is quick.
void WeightsDetail::startSpectrum()
{
    std::vector<int> wanted{m_subject.found};
    for (const int sibling : siblings())
        if (wanted.size() <= mostSiblingSpectra)
            wanted.push_back(sibling);
    showSpectrum();
    const auto next = std::find_if(wanted.begin(), wanted.end(), [this](int tensor) { return !m_spectra.contains(tensor); });
    if (m_spectrumJob.isRunning() || next == wanted.end())
        return;
    if (m_spectra.size() >= mostSpectra)
        m_spectra.clear();
    m_spectrumJob.start<Spectrum>(
        [compute = m_document.calls().spectrum, checkpoint = m_subject.checkpoint, tensor = size_t(*next)](JobContext& job) { return compute(*checkpoint, checkpoint->tensors[tensor], job); },
        [this, tensor = *next](Result<Spectrum> spectrum) {
            const bool isUsable = spectrum && !spectrum->values.empty();
            m_spectra.insert(tensor, isUsable ? std::make_shared<const Spectrum>(*std::move(spectrum)) : nullptr);
            if (!isUsable && tensor == m_subject.found)
                m_spectrum->clear(spectrum ? tr("There are no singular values") : sentenceOf(spectrum.error()));
            startSpectrum();
        });
}

void WeightsDetail::showSpectrum()
{
    if (!m_spectra.contains(m_subject.found)) {
        m_spectrum->clear(tr("Computing the singular values"));
        return;
    }
    const SpectrumPtr own = m_spectra.value(m_subject.found);
    if (!own)
        return;
    std::vector<SpectrumPtr> others;
    for (const int sibling : siblings())
        if (const SpectrumPtr other = m_spectra.value(sibling); other && others.size() < mostSiblingSpectra)
            others.push_back(other);
    m_spectrum->setSpectrum(m_name->fullText(), layerLabel(), own, std::move(others), isNeverTrained());
}

void WeightsDetail::showValues()
{
    const QFont font = numberFont(QApplication::font());
    const QFontMetrics metrics(font);
    m_valueView->setFont(font);
    m_valueView->horizontalHeader()->setDefaultSectionSize(metrics.horizontalAdvance(QStringLiteral("−0.000142")) + 16);
    m_valueView->verticalHeader()->setDefaultSectionSize(metrics.height() + 6);
    const MatrixView& matrix = m_values->matrix();
    QString note = tr("%1 rows of %2 values").arg(digits(matrix.rows), digits(matrix.columns));
    if (m_values->isCut())
        note = tr("the first %1 x %2 of %3 x %4 values").arg(digits(uint64_t(m_values->rowCount())), digits(uint64_t(m_values->columnCount())), digits(matrix.rows), digits(matrix.columns));
    m_valueNote->setFullText(m_values->error().isEmpty() ? note : m_values->error());
}

void WeightsDetail::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    showSelection();
}

} // namespace weighbridge
