// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/models/document.h"
#include "ui/models/palette_search.h"

#include <QDialog>
#include <QList>
#include <QPointer>

class QAction;
class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace weighbridge {

/// Everything that has a name: the window's enabled actions (and with them the recent files), the findings, the modules and the tensors.
/// Found by words of the name; Return takes it. The tensors are searched on a pool thread and appear behind the rest.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    CommandPalette(const QList<QAction*>& actions, Document& document, QWidget* parent);
    [[nodiscard]] QListWidget* list() const { return m_list; }

Q_SIGNALS:
    void findingChosen(int finding);                       ///< index into Document::findings()
    void selectionChosen(const weighbridge::Selection& selection);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void fill(const QString& text);
    void addActions(const QStringList& words);
    void addFindings(const QStringList& words);
    void addHits(const std::shared_ptr<const TensorTree>& tree, const PaletteHits& hits);
    QListWidgetItem* add(const QString& text, const QString& kind);
    void run();

    QList<QPointer<QAction>> m_actions;
    Document& m_document;
    QLineEdit* m_field;
    QListWidget* m_list;
    JobRunner m_search;
};

} // namespace weighbridge
