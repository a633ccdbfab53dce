// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/strip_cells.h"
#include "ui/glyphs.h"
#include "ui/models/document.h"

#include <QWidget>

#include <functional>

class QAction;
class QStackedWidget;

namespace weighbridge {

class Banner;
class ComparePage;
class EmptyState;
class LoadStrip;
class RunPage;
class StructurePage;
class VerdictBand;
class WeightsPage;

/// An open checkpoint: verdict band and load strip over the four pages.
class CheckpointView : public QWidget {
    Q_OBJECT
public:
    enum Page { StructurePageIndex, WeightsPageIndex, ComparePageIndex, RunPageIndex };

    /// What the actions do is the window's business; here they stand behind buttons.
    struct Buttons {
        QAction* copyFix;
        QAction* saveRepaired;
        QAction* saveReadable; ///< of a damaged file
        QAction* compareWith;
        QAction* swapSides;
    };
    CheckpointView(Document& document, const Buttons& buttons, QWidget* parent = nullptr);

    void setPage(Page page);
    [[nodiscard]] Page page() const;
    [[nodiscard]] StructurePage* structure() const { return m_structure; }
    [[nodiscard]] WeightsPage* weights() const { return m_weights; }
    [[nodiscard]] ComparePage* compare() const { return m_compare; }
    [[nodiscard]] RunPage* run() const { return m_run; }
    [[nodiscard]] LoadStrip* strip() const { return m_strip; }
    [[nodiscard]] QWidget* mainPanel() const; ///< of the page that is shown: what takes the keyboard first
    [[nodiscard]] VerdictBand* verdict() const { return m_verdict; }
    [[nodiscard]] Banner* banner() const { return m_banner; }
    /// Worst severity of the findings that belong to a page; nothing while not checked. Only the two that exist have some.
    [[nodiscard]] std::optional<Severity> worstOf(Page page) const;

Q_SIGNALS:
    void openRequested(const QStringList& paths);

private:
    void showVerdict();
    void showStrip();
    void compareIfAsked();
    void showComparison();
    void followSelection();
    void showFileChange();
    void showDamage();
    void showGivenStatistics();
    void showRepair();
    void showBanner(Glyph glyph, const QString& text, const QString& button, std::function<void()> act, const QString& close);
    [[nodiscard]] QString describe(StripRow::Kind kind, int tensorRow) const;

    Document& m_document;
    Buttons m_buttons;
    std::function<void()> m_bannerAct;  ///< what the first button of the banner does
    VerdictBand* m_verdict;
    LoadStrip* m_strip;
    JobRunner m_stripRunner;
    Banner* m_banner;
    QStackedWidget* m_pages;
    StructurePage* m_structure;
    WeightsPage* m_weights;
    ComparePage* m_compare;
    RunPage* m_run;
    CheckpointPtr m_comparedA;
    QString m_comparedB;
};

} // namespace weighbridge
