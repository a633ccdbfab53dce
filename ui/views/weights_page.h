// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"

#include <QWidget>

class QSplitter;

namespace weighbridge {

class WeightsDetail;
class WeightsOverview;

/// "Is it trained?": the whole model at a glance, and the values of the selected tensor.
class WeightsPage : public QWidget {
    Q_OBJECT
public:
    explicit WeightsPage(Document& document, QWidget* parent = nullptr);
    [[nodiscard]] WeightsOverview* overview() const { return m_overview; }
    [[nodiscard]] WeightsDetail* detail() const { return m_detail; }
    [[nodiscard]] QList<QWidget*> panels() const; ///< in the order in which F6 goes through them

Q_SIGNALS:
    void readOut(const QString& text); ///< of what is under the pointer; empty when it leaves

protected:
    void showEvent(QShowEvent* event) override;

private:
    void selectSomething();

    Document& m_document;
    WeightsOverview* m_overview;
    WeightsDetail* m_detail;
    QSplitter* m_columns;
    bool m_laidOut = false;
};

} // namespace weighbridge
