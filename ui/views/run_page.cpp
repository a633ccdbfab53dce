// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/run_page.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "core/remote/host_inference.h"
#include "ui/glyphs.h"
#include "ui/plots/activation_plot.h"
#include "ui/views/bar_list.h"
#include "ui/views/results_table.h"
#include "ui/views/run_input.h"
#include "ui/views/scrolled.h"
#include "ui/views/segments.h"
#include "ui/views/text_label.h"
#include "ui/views/token_strip.h"

#include <QAction>
#include <QClipboard>
#include <QFormLayout>
#include <QGuiApplication>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

constexpr int wide = 1360;

TextLabel* heading(const QString& text)
{
    return new TextLabel(text, type::caption, QFont::DemiBold, Role::SecondText);
}

QVBoxLayout* column(QWidget* panel)
{
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(6);
    return layout;
}

/// A panel of results is paper, as the tables are; one of settings is not.
void makeSurface(QWidget* panel)
{
    panel->setAutoFillBackground(true);
    panel->setBackgroundRole(QPalette::Base);
}

/// Devices of all workers, here and where the checkpoint lies; everything else of the one that the request names.
Result<Value> askWorkers(const Value& request, JobContext& job)
{
    if (request.find("command")->stringOr("") == "devices")
        return listDevicesFor(request.find("path")->stringOr(""), job);
    return runWhereItLies(request, job);
}

/// What to do about an error, in the words of the page: the worker names options of the command line.
QString wayOut(const Error& error, bool isScript)
{
    if (error.rule == "missing-tensors")
        return RunPage::tr("Correct that first, the Structure page says how; or tick \"Initialise what is missing\".");
    if (error.rule == "usage" && isScript)
        return RunPage::tr("Choose Token ids or Image above the input, or put the tokenizer's files beside the checkpoint.");
    if (error.rule == "tokenizer-missing")
        return RunPage::tr("Put the tokenizer's files beside the checkpoint, or open the folder that has both.");
    if (error.rule == "memory")
        return RunPage::tr("Tick \"Stream layer by layer\", or choose BF16 or another device.");
    return QString::fromStdString(shown(translated(error.fix), 1000));
}

} // namespace

RunPage::RunPage(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_ask(&askWorkers), m_columns(new QSplitter), m_input(new RunInput(document)),
      m_sentence(new TextLabel({}, type::findingTitle, QFont::DemiBold)), m_status(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)),
      m_tokens(new TokenStrip), m_resultsTitle(heading(tr("Results"))), m_choice(new Segments({tr("Bars"), tr("Table")})), m_results(new BarList), m_table(new ResultsTable), m_tokensTitle(heading(tr("Tokens"))), m_proofTitle(heading(tr("Proof of life"))),
      m_proofLine(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_proof(new BarList),
      m_std(new ActivationPlot(tr("std of activations"))), m_mean(new ActivationPlot(tr("mean"))), m_change(new ActivationPlot(tr("change by the layer, relative"))),
      m_distance(new ActivationPlot(tr("distance to the other model, relative"))), m_health(new TextLabel({}, type::caption)), m_besideLine(new TextLabel({}, type::caption)),
      m_timeTitle(heading(tr("Time and memory"))), m_measurements(new QFormLayout), m_copy(new QPushButton(tr("Copy as JSON")))
{
    QScrollArea* input = scrolled(m_input, tr("Input"), QPalette::Window);
    input->setFocusPolicy(Qt::NoFocus); // what is on it can be reached, and is scrolled to
    m_columns->addWidget(input);
    m_columns->addWidget(makeResults());
    m_columns->addWidget(makeMeasurements());
    m_columns->setStretchFactor(0, 0);
    m_columns->setStretchFactor(1, 1);
    m_columns->setStretchFactor(2, 0);
    m_columns->setHandleWidth(1);
    m_columns->setChildrenCollapsible(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_columns);

    connect(m_input, &RunInput::runClicked, this, [this] { isRunning() ? stop() : run(); });
    connect(m_copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(QString::fromStdString(toJson(m_answer, 2))); });
    connect(&m_runner, &JobRunner::progressed, this, &RunPage::showProgress);
    connect(&m_runner, &JobRunner::runningChanged, this, &RunPage::runningChanged);
    connect(&m_document, &Document::headerLoaded, this, &RunPage::forget);
    connect(&m_document, &Document::checked, m_input, &RunInput::setSampleIfUntouched);
    forget();
}

QWidget* RunPage::makeResults()
{
    auto* content = new QWidget;
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_status->setWordWrap(true);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    makeSurface(content);
    m_proofLine->setWordWrap(true);
    m_results->setAccessibleName(tr("Results"));
    m_choice->setAccessibleName(tr("How the results are shown"));
    connect(m_choice, &Segments::chosen, this, &RunPage::showResults);
    m_proof->setAccessibleName(tr("Loss on built-in sentences"));
    auto* layout = column(content);
    layout->addWidget(m_sentence);
    layout->addWidget(m_status);
    layout->addSpacing(10);
    layout->addWidget(m_tokensTitle);
    layout->addWidget(m_tokens);
    layout->addSpacing(10);
    auto* head = new QHBoxLayout;
    head->addWidget(m_resultsTitle);
    head->addStretch();
    head->addWidget(m_choice);
    layout->addLayout(head);
    layout->addWidget(m_results);
    layout->addWidget(m_table);
    layout->addSpacing(10);
    layout->addWidget(m_proofTitle);
    layout->addWidget(m_proofLine);
    layout->addWidget(m_proof);
    layout->addStretch();
    content->setMinimumWidth(360);
    return scrolled(content, tr("Results"), QPalette::Base);
}

QWidget* RunPage::makeMeasurements()
{
    auto* panel = new QWidget;
    panel->setMinimumWidth(300);
    auto* layout = column(panel);
    makeSurface(panel);
    const int line = fontMetrics().height();
    m_std->setMaximumHeight(13 * line);
    for (ActivationPlot* plot : {m_mean, m_change, m_distance})
        plot->setMaximumHeight(9 * line);
    m_besideLine->setWordWrap(true);
    m_measurements->setHorizontalSpacing(2 * line);
    auto* head = new QHBoxLayout;
    head->addWidget(heading(tr("Activations over depth")));
    head->addStretch();
    head->addWidget(m_health);
    layout->addLayout(head);
    layout->addWidget(m_std, 3);
    layout->addWidget(m_mean, 2);
    layout->addWidget(m_change, 2);
    layout->addWidget(m_besideLine);
    layout->addWidget(m_distance, 2);
    layout->addWidget(new HairLine);
    layout->addWidget(m_timeTitle);
    layout->addLayout(m_measurements);
    layout->addStretch(1);
    layout->addWidget(m_copy, 0, Qt::AlignLeft);
    return scrolled(panel, tr("Measurements"), QPalette::Base);
}

void RunPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (!m_hasLayout)
        resetLayout();
    listDevices();
}

void RunPage::resetLayout()
{
    const bool isWide = window()->width() >= wide;
    const int input = isWide ? 330 : 300;
    const int measurements = isWide ? 412 : 360;
    m_hasLayout = true;
    m_columns->setSizes({input, width() - input - measurements, measurements});
}

/// Once for this machine, and for each other that a checkpoint lies on.
void RunPage::listDevices()
{
    const auto address =
        isSshAddress(m_document.path().toStdString()) ? parseSshAddress(m_document.path().toStdString()) : failure("bad-address", "");
    const std::string place = address ? address->place() : std::string();
    if (std::exchange(m_devicesOf, place) == place)
        return;
    m_input->setDevices(RunInput::unlistedDevices());
    m_deviceRunner.start<Value>(
        [ask = m_ask, place](JobContext& job) {
            return ask(Value::Map{{"command", "devices"}, {"path", place}}, job);
        },
        [this](Result<Value> answer) {
            if (const Value* devices = answer ? answer->find("devices") : nullptr; devices && devices->list())
                m_input->setDevices(*devices->list());
        });
}

void RunPage::forget()
{
    m_runner.drop();
    if (isVisible())
        listDevices();
    m_input->setSample();
    m_sentence->setFullText(tr("Not run yet"));
    m_status->setFullText(tr("Run puts the input through the checkpoint and shows what comes out."));
    m_input->setRunning(false);
    clearAnswer();
}

/// What an earlier run showed must not stand beside the sentence of another.
void RunPage::clearAnswer()
{
    m_tokens->setTokens({});
    m_results->setRows({});
    m_table->setRows({});
    showResults();
    m_proof->setRows({});
    for (TextLabel* label : {m_tokensTitle, m_proofTitle, m_proofLine, m_timeTitle, m_health, m_besideLine})
        label->hide();
    for (QWidget* widget : std::initializer_list<QWidget*>{m_mean, m_change, m_distance, m_copy})
        widget->hide();
    m_std->clear(tr("Nothing has been run"));
    while (m_measurements->rowCount() > 0)
        m_measurements->removeRow(0);
}

/// TorchScript is a program: it is run only when the user says so each time.
bool RunPage::mayExecute()
{
    if (!m_input->isScript())
        return true;
    QMessageBox box(QMessageBox::Warning, tr("Run a program from the file?"),
                    tr("This file is TorchScript: running it executes the program in it, in a process of its own but with your rights. Run it only if you trust where it comes from."),
                    QMessageBox::Cancel, this);
    const auto* allow = box.addButton(tr("Execute it"), QMessageBox::AcceptRole);
    box.setDefaultButton(QMessageBox::Cancel);
    box.setIconPixmap(glyphPixmap(Glyph::Warning, 2 * fontMetrics().height(), glyphColour(Glyph::Warning, palette()), colour(Role::Window, palette()), devicePixelRatioF()));
    box.exec();
    return box.clickedButton() == allow;
}

void RunPage::run()
{
    if (m_document.path().isEmpty() || !mayExecute())
        return;
    Value request = m_input->request();
    if (m_input->isScript())
        request.set("allow_execution", true);
    m_sentence->setFullText(tr("Running"));
    m_status->setFullText(tr("Starting the worker"));
    m_input->setRunning(true);
    m_runner.start<Value>([ask = m_ask, request](JobContext& job) { return ask(request, job); }, [this](Result<Value> answer) { take(std::move(answer)); });
}

void RunPage::stop()
{
    m_runner.cancel();
}

QPlainTextEdit* RunPage::input() const
{
    return m_input->text();
}

QString RunPage::sentence() const
{
    return m_sentence->fullText();
}

QString RunPage::status() const
{
    return m_status->fullText();
}

QString RunPage::besideSentence() const
{
    return m_besideLine->fullText();
}

/// Nothing of the two stands there while there are no results.
void RunPage::showResults()
{
    const bool hasAny = !m_results->rows().isEmpty();
    const bool isTable = m_choice->current() == 1;
    m_resultsTitle->setVisible(hasAny);
    m_choice->setVisible(hasAny);
    m_results->setVisible(hasAny && !isTable);
    m_table->setVisible(hasAny && isTable);
}

QList<QWidget*> RunPage::panels() const
{
    return {m_input->text(), m_table};
}

void RunPage::showProgress(const Progress& progress)
{
    const QString what = QString::fromStdString(progress.what);
    if (progress.what == "Loading")
        m_status->setFullText(tr("Loading, %1 of %2").arg(QString::fromStdString(formatNbytes(progress.done)), QString::fromStdString(formatNbytes(progress.total))));
    else
        m_status->setFullText(progress.total > 0 ? tr("%1, %2 of %3").arg(what).arg(progress.done).arg(progress.total) : what);
}

void RunPage::take(Result<Value> answer)
{
    m_input->setRunning(false);
    if (answer) {
        m_answer = *answer;
        showAnswer(RunAnswer::from(*answer));
        return;
    }
    clearAnswer();
    const Error& error = answer.error();
    m_sentence->setFullText(error.rule == "cancelled" ? tr("Stopped") : tr("It did not run"));
    m_status->setFullText(
        (QString::fromStdString(shown(translated(error.message), 2000)) + QLatin1Char(' ') + wayOut(error, m_input->isScript())).trimmed());
}

void RunPage::showAnswer(const RunAnswer& answer)
{
    m_sentence->setFullText(answer.sentence());
    m_status->setFullText((QStringList{QStringLiteral("%1, %2, %3.").arg(answer.className, answer.device, answer.dtype)} + answer.notes).join(QLatin1Char(' ')));
    m_tokens->setTokens(answer.tokens);
    m_tokensTitle->setVisible(!answer.tokens.isEmpty());
    m_results->setRows(answer.results);
    m_table->setRows(answer.results);
    showResults();
    m_proofTitle->setVisible(answer.loss.has_value());
    m_proofLine->setVisible(answer.loss.has_value());
    if (answer.loss)
        m_proofLine->setFullText(tr("Mean loss in nats on %1 tokens of built-in sentences, lower is better. A full bar is %2, what random weights give.").arg(answer.proofTokens).arg(*answer.guessing, 0, 'f', 2));
    m_proof->setRows(answer.proof);
    QList<double> deviations;
    QList<double> means;
    QList<double> changes;
    QList<double> distances;
    for (const RunAnswer::Layer& layer : answer.layers) {
        deviations << layer.std;
        means << layer.mean;
        changes << layer.change;
        distances << layer.distance;
    }
    m_std->setValues(deviations);
    m_mean->setValues(means);
    m_mean->show();
    m_change->setValues(changes);
    m_change->show();
    m_distance->setValues(distances);
    m_distance->setVisible(!answer.besidePath.isEmpty());
    m_besideLine->setFullText(answer.besideSentence());
    m_besideLine->setVisible(!answer.besidePath.isEmpty());
    m_copy->show();
    m_health->setVisible(!answer.layers.isEmpty()); // of a program there are none to look at
    m_timeTitle->show();
    m_health->setFullText(answer.hasBrokenLayer() ? tr("NaN or Inf") : tr("no NaN, no Inf"));
    m_health->setRole(answer.hasBrokenLayer() ? Role::Missing : Role::Matched);
    while (m_measurements->rowCount() > 0)
        m_measurements->removeRow(0);
    for (const auto& [what, value] : answer.measurements)
        m_measurements->addRow(new TextLabel(what), new TextLabel(value));
}

} // namespace weighbridge
