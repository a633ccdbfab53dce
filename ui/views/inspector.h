// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"

#include <QScrollArea>

class QPushButton;
class QVBoxLayout;

namespace weighbridge {

class CodeBox;
class HistogramPlot;
class PropertyGrid;
class TrialList;
class Segments;
class TextLabel;

/// The upper half of the inspector: the finding, how it is known, what to do.
class FindingSection : public QWidget {
    Q_OBJECT
public:
    explicit FindingSection(QWidget* parent = nullptr);
    void setFinding(const Finding* finding, bool canShowAfterFix);

Q_SIGNALS:
    void showAfterFix();

protected:
    void changeEvent(QEvent* event) override;

private:
    void updateIcon();
    void setEvidence(const Value::Map& evidence);
    void setTried(const std::vector<Trial>& tried);

    TextLabel* m_title;
    TextLabel* m_explanation;
    QWidget* m_triedBlock;
    TrialList* m_tried;
    QWidget* m_printedBlock;
    TextLabel* m_printed;
    QWidget* m_evidenceBlock;
    PropertyGrid* m_evidence;
    QWidget* m_fixBlock;
    TextLabel* m_fixText;
    CodeBox* m_python;
    QPushButton* m_copy;
    QPushButton* m_after;
};

/// The lower half: the selected tensor with its histogram and numbers.
class TensorSection : public QWidget {
    Q_OBJECT
public:
    explicit TensorSection(QWidget* parent = nullptr);
    void showTensor(const Document& document);
    [[nodiscard]] HistogramPlot* plot() const { return m_plot; }

private:
    void showStatistics(const Document& document, int found, const QString& name);

    TextLabel* m_facts;
    TextLabel* m_name;
    HistogramPlot* m_plot;
    Segments* m_scale;
    PropertyGrid* m_numbers;
    PropertyGrid* m_quantiles;
    PropertyGrid* m_place;
    QWidget* m_content;
    TextLabel* m_nothing;
};

/// Follows the selection: a tensor changes the lower half only, a finding the upper.
class Inspector : public QScrollArea {
    Q_OBJECT
public:
    explicit Inspector(Document& document, QWidget* parent = nullptr);
    [[nodiscard]] TensorSection* tensorSection() const { return m_tensor; }

Q_SIGNALS:
    void showAfterFix();

private:
    void updateFinding();
    void updateTensor();

    Document& m_document;
    FindingSection* m_finding;
    QWidget* m_line;
    TensorSection* m_tensor;
};

} // namespace weighbridge
