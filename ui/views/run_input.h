// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"
#include "ui/models/run_sample.h"

#include "core/base/value.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QPlainTextEdit;
class QPushButton;

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
    /// Another checkpoint to run beside this one; empty: none.
    void setBeside(const QString& path);
    [[nodiscard]] QString beside() const { return m_beside; }
    void setSample();           ///< the input that suits the model, also in place of what was typed
    void setSampleIfUntouched();

Q_SIGNALS:
    void runClicked();

private:
    void chooseBeside();
    QWidget* makeBeside();

    Document& m_document;
    RunSample m_sample;
    QString m_beside;
    TextLabel* m_textHint;
    QPlainTextEdit* m_text;
    QPlainTextEdit* m_pair;
    ImageInput* m_image;
    QPushButton* m_button;
    QComboBox* m_device;
    Segments* m_dtype;
    QCheckBox* m_streams;
    QCheckBox* m_initialises;
    TextLabel* m_besideName;
    QPushButton* m_besideButton;
};

} // namespace weighbridge
