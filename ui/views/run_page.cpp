// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/run_page.h"

#include "core/base/inference_worker.h"
#include "core/base/text.h"
#include "ui/plots/activation_plot.h"
#include "ui/views/bar_list.h"
#include "ui/views/segments.h"
#include "ui/views/text_label.h"
#include "ui/views/token_strip.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <array>

namespace weighbridge {
namespace {

constexpr std::array dtypes{"F32", "BF16", "stored"};
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

QString deviceText(const Value& device)
{
    const auto field = [&device](const char* key) { return device.find(key) ? QString::fromStdString(shown(device.find(key)->stringOr(""))) : QString(); };
    const QString reason = field("reason");
    const QString name = field("id") == QLatin1String("cpu") ? RunPage::tr("CPU, %1").arg(field("name")) : field("name");
    return reason.isEmpty() ? name : QStringLiteral("%1: %2").arg(name, reason);
}

/// What to do about an error, in the words of the page: the worker names options of the command line.
QString wayOut(const Error& error)
{
    if (error.rule == "missing-tensors")
        return RunPage::tr("Correct that first, the Structure page says how; or tick \"Initialise what is missing\".");
    if (error.rule == "memory")
        return RunPage::tr("Tick \"Stream layer by layer\", or choose BF16 or another device.");
    return QString::fromStdString(shown(error.fix, 1000));
}

} // namespace

RunPage::RunPage(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_ask(&askInferenceWorker), m_columns(new QSplitter), m_text(new QPlainTextEdit), m_pair(new QPlainTextEdit), m_device(new QComboBox),
      m_dtype(new Segments({tr("F32"), tr("BF16"), tr("as stored")})), m_streams(new QCheckBox(tr("Stream layer by layer"))), m_initialises(new QCheckBox(tr("Initialise what is missing"))),
      m_button(new QPushButton), m_sentence(new TextLabel({}, type::findingTitle, QFont::DemiBold)), m_status(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)),
      m_tokens(new TokenStrip), m_results(new BarList), m_tokensTitle(heading(tr("Tokens"))), m_proofTitle(heading(tr("Proof of life"))),
      m_proofLine(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_proof(new BarList),
      m_std(new ActivationPlot(tr("std of activations"))), m_mean(new ActivationPlot(tr("mean"))),
      m_health(new TextLabel({}, type::caption)), m_timeTitle(heading(tr("Time and memory"))), m_measurements(new QFormLayout)
{
    m_columns->addWidget(makeInput());
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

    connect(m_button, &QPushButton::clicked, this, [this] { isRunning() ? stop() : run(); });
    connect(&m_runner, &JobRunner::progressed, this, &RunPage::showProgress);
    connect(&m_document, &Document::headerLoaded, this, &RunPage::forget);
    connect(&m_document, &Document::checked, this, [this] {
        if (!m_text->document()->isModified())
            setSample();
    });
    forget();
}

QWidget* RunPage::makeInput()
{
    auto* panel = new QWidget;
    panel->setMinimumWidth(260);
    m_text->setAccessibleName(tr("Input"));
    m_text->setTabChangesFocus(true);
    m_text->setMaximumHeight(110);
    m_pair->setAccessibleName(tr("Second text"));
    m_pair->setPlaceholderText(tr("Second text, where the model takes two"));
    m_pair->setTabChangesFocus(true);
    m_pair->setMaximumHeight(64);
    m_button->setProperty("primary", true);
    m_device->setAccessibleName(tr("Device"));
    m_device->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_device->addItem(tr("CPU"), QStringLiteral("cpu"));
    m_dtype->setAccessibleName(tr("dtype of the calculation"));
    m_streams->setToolTip(tr("Reads each tensor when it is needed: a model larger than memory runs, more slowly, with the same result bit for bit"));
    m_initialises->setToolTip(tr("Runs although tensors are missing or have another shape. What comes out depends on chance then"));
    auto* layout = column(panel);
    layout->addWidget(heading(tr("Input")));
    layout->addWidget(m_text);
    layout->addWidget(m_pair);
    layout->addWidget(m_button);
    layout->addSpacing(6);
    layout->addWidget(heading(tr("Device")));
    layout->addWidget(m_device);
    layout->addWidget(heading(tr("dtype")));
    layout->addWidget(m_dtype, 0, Qt::AlignLeft);
    layout->addWidget(heading(tr("Weights")));
    layout->addWidget(m_streams);
    layout->addWidget(m_initialises);
    layout->addStretch();
    auto* foot = new TextLabel(tr("The model runs in a process of its own. Nothing from the file is executed."), type::caption, QFont::Normal, Role::SecondText);
    foot->setWordWrap(true);
    layout->addWidget(foot);
    return panel;
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
    m_proof->setAccessibleName(tr("Loss on built-in sentences"));
    auto* layout = column(content);
    layout->addWidget(m_sentence);
    layout->addWidget(m_status);
    layout->addSpacing(10);
    layout->addWidget(m_tokensTitle);
    layout->addWidget(m_tokens);
    layout->addSpacing(10);
    layout->addWidget(m_results);
    layout->addSpacing(10);
    layout->addWidget(m_proofTitle);
    layout->addWidget(m_proofLine);
    layout->addWidget(m_proof);
    layout->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setMinimumWidth(360);
    scroll->setWidget(content);
    return scroll;
}

QWidget* RunPage::makeMeasurements()
{
    auto* panel = new QWidget;
    panel->setMinimumWidth(300);
    auto* layout = column(panel);
    makeSurface(panel);
    const int line = fontMetrics().height();
    m_std->setMaximumHeight(13 * line);
    m_mean->setMaximumHeight(9 * line);
    m_measurements->setHorizontalSpacing(2 * line);
    auto* head = new QHBoxLayout;
    head->addWidget(heading(tr("Activations over depth")));
    head->addStretch();
    head->addWidget(m_health);
    layout->addLayout(head);
    layout->addWidget(m_std, 3);
    layout->addWidget(m_mean, 2);
    layout->addWidget(new HairLine);
    layout->addWidget(m_timeTitle);
    layout->addLayout(m_measurements);
    layout->addStretch(1);
    return panel;
}

void RunPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_hasDevices)
        return;
    listDevices();
    resetLayout();
}

void RunPage::resetLayout()
{
    const bool isWide = window()->width() >= wide;
    const int input = isWide ? 330 : 300;
    const int measurements = isWide ? 412 : 360;
    m_columns->setSizes({input, width() - input - measurements, measurements});
}

/// Devices that cannot be used stay in the list, greyed, with the reason.
void RunPage::listDevices()
{
    m_hasDevices = true;
    m_deviceRunner.start<Value>([ask = m_ask](JobContext& job) { return ask(Value::Map{{"command", "devices"}}, job); },
                                [this](Result<Value> answer) {
                                    const Value* devices = answer ? answer->find("devices") : nullptr;
                                    if (!devices || !devices->list() || devices->list()->empty())
                                        return;
                                    m_device->clear();
                                    auto* model = qobject_cast<QStandardItemModel*>(m_device->model());
                                    for (const Value& device : *devices->list()) {
                                        m_device->addItem(deviceText(device), QString::fromStdString(device.find("id") ? device.find("id")->stringOr("cpu") : "cpu"));
                                        const bool isUsable = !device.find("reason") || device.find("reason")->stringOr("").empty();
                                        model->item(m_device->count() - 1)->setEnabled(isUsable);
                                        m_device->setItemData(m_device->count() - 1, deviceText(device), Qt::ToolTipRole);
                                    }
                                });
}

QString RunPage::sampleText() const
{
    const auto expected = m_document.expected();
    const QString name = expected ? QString::fromStdString(expected->className) : QString();
    if (name.endsWith(QLatin1String("ForMaskedLM")) || name == QLatin1String("BertForPreTraining"))
        return QStringLiteral("The capital of France is [MASK].");
    if (name.endsWith(QLatin1String("ForCausalLM")) || name.endsWith(QLatin1String("LMHeadModel")))
        return QStringLiteral("The capital of France is");
    if (name.endsWith(QLatin1String("ForQuestionAnswering")))
        return QStringLiteral("Where does the lorry stop?");
    return QStringLiteral("The lorry carries what its papers say.");
}

/// The second text is the one in which the question's answer stands.
void RunPage::setSample()
{
    m_text->setPlainText(sampleText());
    m_text->document()->setModified(false);
    m_pair->setPlainText(sampleText().endsWith(QLatin1Char('?')) ? QStringLiteral("The lorry stops at the weighbridge before it crosses the border.") : QString());
}

void RunPage::forget()
{
    m_runner.drop();
    setSample();
    m_sentence->setFullText(tr("Not run yet"));
    m_status->setFullText(tr("Run puts the text through the checkpoint and shows what comes out."));
    m_button->setText(tr("Run   Ctrl+R"));
    clearAnswer();
}

/// What an earlier run showed must not stand beside the sentence of another.
void RunPage::clearAnswer()
{
    m_tokens->setTokens({});
    m_results->setRows({});
    m_proof->setRows({});
    for (TextLabel* label : {m_tokensTitle, m_proofTitle, m_proofLine, m_timeTitle, m_health})
        label->hide();
    m_std->clear(tr("Nothing has been run"));
    m_mean->hide();
    while (m_measurements->rowCount() > 0)
        m_measurements->removeRow(0);
}

Value RunPage::request() const
{
    Value out(Value::Map{{"command", "run"}, {"path", m_document.path().toStdString()}, {"text", m_text->toPlainText().toStdString()},
                         {"device", m_device->currentData().toString().toStdString()}, {"dtype", dtypes[size_t(m_dtype->current())]}, {"initialise_missing", m_initialises->isChecked()}});
    if (!m_pair->toPlainText().isEmpty())
        out.set("pair", m_pair->toPlainText().toStdString());
    if (m_streams->isChecked())
        out.set("stream", true);
    if (!m_document.configPath().isEmpty())
        out.set("config", m_document.configPath().toStdString());
    if (!m_document.className().isEmpty())
        out.set("class", m_document.className().toStdString());
    return out;
}

void RunPage::run()
{
    if (m_document.path().isEmpty())
        return;
    m_sentence->setFullText(tr("Running"));
    m_status->setFullText(tr("Starting the worker"));
    m_button->setText(tr("Stop   Esc"));
    m_runner.start<Value>([ask = m_ask, request = request()](JobContext& job) { return ask(request, job); }, [this](Result<Value> answer) { take(std::move(answer)); });
}

void RunPage::stop()
{
    m_runner.cancel();
}

QString RunPage::sentence() const
{
    return m_sentence->fullText();
}

QString RunPage::status() const
{
    return m_status->fullText();
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
    m_button->setText(tr("Run   Ctrl+R"));
    if (answer) {
        showAnswer(RunAnswer::from(*answer));
        return;
    }
    clearAnswer();
    const Error& error = answer.error();
    m_sentence->setFullText(error.rule == "cancelled" ? tr("Stopped") : tr("It did not run"));
    m_status->setFullText((QString::fromStdString(shown(error.message, 2000)) + QLatin1Char(' ') + wayOut(error)).trimmed());
}

void RunPage::showAnswer(const RunAnswer& answer)
{
    m_sentence->setFullText(answer.sentence());
    m_status->setFullText((QStringList{QStringLiteral("%1, %2, %3.").arg(answer.className, answer.device, answer.dtype)} + answer.notes).join(QLatin1Char(' ')));
    m_tokens->setTokens(answer.tokens);
    m_tokensTitle->setVisible(!answer.tokens.isEmpty());
    m_results->setRows(answer.results);
    m_proofTitle->setVisible(answer.loss.has_value());
    m_proofLine->setVisible(answer.loss.has_value());
    if (answer.loss)
        m_proofLine->setFullText(tr("Mean loss in nats on %1 tokens of built-in sentences, lower is better. A full bar is %2, what random weights give.").arg(answer.proofTokens).arg(*answer.guessing, 0, 'f', 2));
    m_proof->setRows(answer.proof);
    QList<double> deviations;
    QList<double> means;
    for (const RunAnswer::Layer& layer : answer.layers) {
        deviations << layer.std;
        means << layer.mean;
    }
    m_std->setValues(deviations);
    m_mean->setValues(means);
    m_mean->show();
    m_health->show();
    m_timeTitle->show();
    m_health->setFullText(answer.hasBrokenLayer() ? tr("NaN or Inf") : tr("no NaN, no Inf"));
    m_health->setRole(answer.hasBrokenLayer() ? Role::Missing : Role::Matched);
    while (m_measurements->rowCount() > 0)
        m_measurements->removeRow(0);
    for (const auto& [what, value] : answer.measurements)
        m_measurements->addRow(new TextLabel(what), new TextLabel(value));
}

} // namespace weighbridge
