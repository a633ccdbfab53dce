// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/actions.h"
#include "ui/jobs/tensor_export.h"
#include "ui/models/document.h"
#include "ui/models/tensor_copy.h"

namespace weighbridge {

class JobBar;
class TensorView;

/// What can be done with the tensors that are selected: copying in several forms, and export to a file, whose progress the status bar shows.
class TensorActions : public QObject {
    Q_OBJECT
public:
    TensorActions(const Actions& actions, Document& document, TensorView& tensors, JobBar& bar, QWidget* window);

private:
    void copy(const QString& text, const QString& what);
    void copyRows(TensorCopy kind, const QString& what);
    void askForExport();
    void askForReadable();
    void showProgress();
    void showError(const Error& error);
    void update();

    Actions m_actions;
    Document& m_document;
    TensorView& m_tensors;
    JobBar& m_bar;
    QWidget* m_window;
    TensorExport m_export;
};

} // namespace weighbridge
