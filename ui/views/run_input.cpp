// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/run_input.h"

#include "core/architecture/expected_model.h"
#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/views/image_input.h"
#include "ui/views/segments.h"
#include "ui/views/text_label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QStandardItemModel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr int HereRole = Qt::UserRole + 1; ///< bool: of this machine, though the checkpoint lies on another
constexpr std::array dtypes{"F32", "BF16", "F16", "int8", "stored"};

TextLabel* heading(const QString& text)
{
    return new TextLabel(text, type::caption, QFont::DemiBold, Role::SecondText);
}

/// A device of this machine where the checkpoint lies on another.
bool isHere(const Value& device)
{
    return device.find("here") && device.find("here")->boolean() && *device.find("here")->boolean();
}

QString deviceText(const Value& device)
{
    const auto field = [&device](const char* key) { return device.find(key) ? QString::fromStdString(shown(device.find(key)->stringOr(""))) : QString(); };
    const QString id = field("id");
    const bool isSecond = id.contains(QLatin1Char('/')); // of another worker than the first
    if (id == QLatin1String("cpu") && field("name").isEmpty())
        return RunInput::tr("CPU");
    QString name = id == QLatin1String("cpu") || id.endsWith(QLatin1String("/cpu")) ? RunInput::tr("CPU, %1").arg(field("name")) : field("name");
    if (isSecond)
        name = RunInput::tr("%1 (libtorch %2)").arg(name, field("libtorch"));
    if (const QString host = field("host"); !host.isEmpty()) {
        const QString kind = id.contains(QLatin1String("cuda:")) ? QStringLiteral("CUDA %1, ").arg(id.section(QLatin1Char(':'), -1)) : QString();
        name = name.isEmpty() ? host : QStringLiteral("%1: %2%3").arg(host, kind, name);
    } else if (isHere(device)) {
        name = RunInput::tr("This machine: %1").arg(name);
    }
    const QString reason = fromCore(device.find("reason") ? device.find("reason")->stringOr("") : std::string());
    return reason.isEmpty() ? name : QStringLiteral("%1: %2").arg(name, reason);
}

} // namespace

RunInput::RunInput(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_textHint(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_text(new QPlainTextEdit), m_pair(new QPlainTextEdit), m_image(new ImageInput), m_kind(new Segments({tr("Text"), tr("Token ids"), tr("Image")})), m_samples(new QToolButton), m_sampleMenu(new QMenu(m_samples)),
      m_button(new QPushButton), m_device(new QComboBox), m_dtype(new Segments({tr("F32"), tr("BF16"), tr("F16"), tr("int8"), tr("stored")})), m_streams(new QCheckBox(tr("Stream layer by layer"))),
      m_initialises(new QCheckBox(tr("Initialise what is missing"))), m_besideName(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_besideButton(new QPushButton)
{
    m_text->setAccessibleName(tr("Input"));
    m_text->setTabChangesFocus(true);
    m_text->setMaximumHeight(110);
    m_pair->setAccessibleName(tr("Second text"));
    m_pair->setPlaceholderText(tr("Second text, where the model takes two"));
    m_pair->setTabChangesFocus(true);
    m_pair->setMaximumHeight(64);
    setPrimary(*m_button);
    m_device->setAccessibleName(tr("Device"));
    m_device->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_device->setToolTip(tr("Devices of another PyTorch, with CUDA: ./run --torch ENVIRONMENT builds a second worker from a Python environment"));
    setDevices(unlistedDevices());
    m_dtype->setAccessibleName(tr("dtype of the calculation"));
    m_dtype->setToolTip(tr("int8 rounds the linear layers as dynamic quantization does; stored: the dtype of the file"));
    m_streams->setToolTip(tr("Reads each tensor when it is needed: a model larger than memory runs, more slowly, with the same result bit for bit"));
    m_initialises->setToolTip(tr("Runs although tensors are missing or have another shape. What comes out depends on chance then"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(6);
    layout->addLayout(makeHead());
    layout->addWidget(m_kind, 0, Qt::AlignLeft);
    layout->addWidget(m_image);
    layout->addWidget(m_textHint);
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
    layout->addWidget(makeBeside());
    layout->addStretch();
    auto* foot = new TextLabel(tr("The model runs in a process of its own. Nothing from the file is executed, unless it is TorchScript and you allow it."), type::caption, QFont::Normal, Role::SecondText);
    foot->setWordWrap(true);
    layout->addWidget(foot);
    setMinimumWidth(std::max(260, layout->minimumSize().width())); // the words of a choice, in any language
    m_kind->setAccessibleName(tr("What the program takes"));
    m_kind->setToolTip(tr("A TorchScript file does not say what it takes. A text needs the tokenizer's files beside it"));
    connect(m_kind, &Segments::chosen, this, &RunInput::showFields);
    connect(m_button, &QPushButton::clicked, this, &RunInput::runClicked);
    setRunning(false);
    setSample();
}

QLayout* RunInput::makeHead()
{
    connect(m_samples, &QToolButton::clicked, this, [this] { m_sampleMenu->popup(m_samples->mapToGlobal(m_samples->rect().bottomLeft())); });
    m_samples->setToolTip(tr("Inputs that suit the model"));
    m_samples->setAccessibleName(tr("Samples"));
    auto* head = new QHBoxLayout;
    head->addWidget(heading(tr("Input")));
    head->addStretch();
    head->addWidget(m_samples);
    return head;
}

QWidget* RunInput::makeBeside()
{
    auto* panel = new QWidget;
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(heading(tr("Beside")));
    layout->addWidget(m_besideName);
    layout->addWidget(m_besideButton, 0, Qt::AlignLeft);
    m_besideName->setElided(Qt::ElideMiddle);
    connect(m_besideButton, &QPushButton::clicked, this, &RunInput::chooseBeside);
    setBeside({});
    return panel;
}

void RunInput::setRunning(bool isRunning)
{
    m_button->setText(isRunning ? tr("Stop   Esc") : tr("Run   Ctrl+R"));
}

void RunInput::setBeside(const QString& path)
{
    m_beside = path;
    const QFileInfo file(path);
    m_besideName->setFullText(path.isEmpty() ? tr("No other model") : file.isFile() ? file.dir().dirName() + QLatin1Char('/') + file.fileName() : QDir(path).dirName());
    m_besideButton->setText(path.isEmpty() ? tr("Run beside another model…") : tr("Run without it"));
}

void RunInput::chooseBeside()
{
    if (!m_beside.isEmpty())
        return setBeside({});
    const QString start = m_document.pathB().isEmpty() ? QFileInfo(m_document.path()).absolutePath() : m_document.pathB();
    if (const QString path = QFileDialog::getExistingDirectory(this, tr("Folder of the model to run beside this one"), start); !path.isEmpty())
        setBeside(path);
}

void RunInput::setDevices(const Value::List& devices)
{
    if (devices.empty())
        return;
    m_device->clear();
    auto* model = qobject_cast<QStandardItemModel*>(m_device->model());
    for (const Value& device : devices) {
        m_device->addItem(deviceText(device), QString::fromStdString(device.find("id") ? device.find("id")->stringOr("cpu") : "cpu"));
        const int row = m_device->count() - 1;
        const bool isUsable = !device.find("reason") || device.find("reason")->stringOr("").empty();
        model->item(row)->setEnabled(isUsable);
        m_device->setItemData(row, isHere(device) ? tr("%1. The values are fetched for it").arg(deviceText(device)) : deviceText(device),
                              Qt::ToolTipRole);
        m_device->setItemData(row, isHere(device), HereRole);
    }
    for (int row = 0; row < m_device->count(); ++row)
        if (model->item(row)->isEnabled())
            return m_device->setCurrentIndex(row);
}

Value::List RunInput::unlistedDevices()
{
    return {Value::Map{{"id", "cpu"}, {"name", ""}}};
}

void RunInput::setSample()
{
    const auto expected = m_document.expected();
    const auto samples = RunSample::all(expected ? QString::fromStdString(expected->className) : QString(), expected ? QString::fromStdString(expected->modelType) : QString());
    fillSamples(samples);
    showSample(samples.first());
}

void RunInput::fillSamples(const QList<RunSample>& samples)
{
    m_sampleMenu->clear();
    for (const RunSample& sample : samples)
        connect(m_sampleMenu->addAction(sample.name), &QAction::triggered, this, [this, sample] {
            showSample(sample);
            m_text->document()->setModified(true); // chosen as if typed: a check that ends later does not take it away
        });
}

void RunInput::showSample(const RunSample& sample)
{
    m_sample = sample;
    m_samples->setText(tr("Sample: %1").arg(sample.name) + QStringLiteral(" ▾"));
    m_text->setPlainText(m_sample.text);
    m_text->document()->setModified(false);
    m_pair->setPlainText(m_sample.pair);
    showFields();
}

bool RunInput::isScript() const
{
    return m_document.checkpoint() && m_document.checkpoint()->format == "torchscript";
}

void RunInput::showFields()
{
    const bool isProgram = isScript();
    const bool takesIds = isProgram && m_kind->current() == TokenIds;
    const bool takesImage = isProgram ? m_kind->current() == Image : m_sample.takesImage;
    m_kind->setVisible(isProgram);
    m_samples->setVisible(!isProgram && m_sampleMenu->actions().size() > 1);
    m_text->setVisible(isProgram ? !takesImage : m_sample.takesText);
    m_pair->setVisible(!isProgram && m_sample.takesText && !m_sample.comparesTexts);
    m_image->setVisible(takesImage);
    m_textHint->setVisible(takesIds || m_sample.comparesTexts);
    m_textHint->setFullText(takesIds ? tr("Whole numbers, as the model's tokenizer gives them") : tr("Texts to compare the image with, one a line"));
    if (takesIds && tokenIds().list()->empty())
        m_text->setPlainText(QStringLiteral("1 2 3 4 5 6 7 8"));
}

/// The numbers in the text, whatever stands between them.
Value RunInput::tokenIds() const
{
    static const QRegularExpression number(QStringLiteral("\\d{1,18}"));
    Value::List out;
    for (auto found = number.globalMatch(m_text->toPlainText()); found.hasNext();)
        out.push_back(static_cast<int64_t>(found.next().captured().toLongLong()));
    return out;
}

void RunInput::setSampleIfUntouched()
{
    if (!m_text->document()->isModified())
        setSample();
}

void RunInput::setInput(Value& request) const
{
    if (isScript() && m_kind->current() == TokenIds)
        request.set("input_ids", tokenIds());
    else if (isScript() && m_kind->current() == Image)
        request.set("image", m_image->fileOrSample().toStdString());
    else if (m_sample.takesText || isScript())
        request.set("text", m_text->toPlainText().toStdString());
    if (isScript())
        return;
    if (m_sample.takesText && !m_sample.comparesTexts && !m_pair->toPlainText().isEmpty())
        request.set("pair", m_pair->toPlainText().toStdString());
    if (m_sample.takesImage && !m_image->path().isEmpty())
        request.set("image", m_image->path().toStdString());
}

Value RunInput::request() const
{
    Value out(Value::Map{{"command", "run"}, {"path", m_document.path().toStdString()}, {"device", m_device->currentData().toString().toStdString()},
                         {"dtype", dtypes[size_t(m_dtype->current())]}, {"initialise_missing", m_initialises->isChecked()}});
    setInput(out);
    if (m_device->currentData(HereRole).toBool())
        out.set("here", true);
    if (m_streams->isChecked())
        out.set("stream", true);
    if (!m_beside.isEmpty())
        out.set("beside", m_beside.toStdString());
    if (!m_document.configPath().isEmpty())
        out.set("config", m_document.configPath().toStdString());
    if (!m_document.className().isEmpty())
        out.set("class", m_document.className().toStdString());
    return out;
}

} // namespace weighbridge
