// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"
#include "ui/models/run_sample.h"

#include "core/base/value.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLayout;
class QMenu;
class QPlainTextEdit;
class QPushButton;
class QToolButton;

namespace weighbridge {

class ImageInput;
class Segments;
class TextLabel;

/// The left column of the Run page: what the checkpoint is run on, where and how. request() says it to the worker.
class RunInput : public QWidget {
    Q_OBJECT
public:
    explicit RunInput(Document& document, QWidget* parent = nullptr);

    [[nodiscard]] Value request() const;
    [[nodiscard]] QPlainTextEdit* text() const { return m_text; }
    void setRunning(bool isRunning);
    /// Devices that cannot be used stay in the list, greyed, with the reason.
    void setDevices(const Value::List& devices);
    /// What is offered before the workers have answered.
    [[nodiscard]] static Value::List unlistedDevices();
    [[nodiscard]] QComboBox* device() const { return m_device; }
    /// Another checkpoint to run beside this one; empty: none.
    void setBeside(const QString& path);
    [[nodiscard]] QString beside() const { return m_beside; }
    void setSample();           ///< the input that suits the model, also in place of what was typed
    void setSampleIfUntouched();
    [[nodiscard]] bool isScript() const; ///< the checkpoint is TorchScript, a program that does not say what it takes
    [[nodiscard]] Segments* kind() const { return m_kind; }
    [[nodiscard]] QToolButton* samples() const { return m_samples; } ///< hidden where there is but one
    [[nodiscard]] QMenu* sampleMenu() const { return m_sampleMenu; }

Q_SIGNALS:
    void runClicked();

private:
    enum ScriptKind { Text, TokenIds, Image };

    void chooseBeside();
    QLayout* makeHead();
    void showSample(const RunSample& sample);
    void showFields();
    [[nodiscard]] Value tokenIds() const;
    void setInput(Value& request) const;
    void fillSamples(const QList<RunSample>& samples);
    QWidget* makeBeside();

    Document& m_document;
    RunSample m_sample;
    QString m_beside;
    TextLabel* m_textHint;
    QPlainTextEdit* m_text;
    QPlainTextEdit* m_pair;
    ImageInput* m_image;
    Segments* m_kind;
    QToolButton* m_samples;
    QMenu* m_sampleMenu;
    QPushButton* m_button;
    QComboBox* m_device;
    Segments* m_dtype;
    QCheckBox* m_streams;
    QCheckBox* m_initialises;
    TextLabel* m_besideName;
    QPushButton* m_besideButton;
};

} // namespace weighbridge
