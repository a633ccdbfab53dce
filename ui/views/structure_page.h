// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"
#include "ui/models/findings_model.h"

#include <QWidget>

class QSettings;
class QSplitter;

namespace weighbridge {

class Banner;
class FindingsView;
class Inspector;
class PropertiesPanel;
class TensorView;
class TextLabel;

/// Findings and properties, tensor tree, inspector.
class StructurePage : public QWidget {
    Q_OBJECT
public:
    explicit StructurePage(Document& document, QWidget* parent = nullptr);

    [[nodiscard]] TensorView* tensors() const { return m_tensors; }
    [[nodiscard]] Inspector* inspector() const { return m_inspector; }
    [[nodiscard]] FindingsView* findings() const { return m_findings; }
    void toggleInspector();
    void resetLayout();
    void saveLayout(QSettings& settings) const;
    void restoreLayout(const QSettings& settings);

Q_SIGNALS:
    void inspectorShown(bool isShown);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void showFindings();
    void showCheckProblem();
    void layOutOnce();

    Document& m_document;
    FindingsModel* m_findingsModel;
    TextLabel* m_findingsCount;
    FindingsView* m_findings;
    TextLabel* m_checkedLine;
    PropertiesPanel* m_properties;
    Banner* m_banner;
    TensorView* m_tensors;
    Inspector* m_inspector;
    QSplitter* m_columns;
    QSplitter* m_left;
    bool m_inspectorWanted = true;
    bool m_isNarrow = false;
    bool m_laidOut = false;
};

} // namespace weighbridge
