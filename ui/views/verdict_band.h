// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/glyphs.h"
#include "ui/theme.h"

#include <QWidget>

class QAction;
class QPushButton;

namespace weighbridge {

class TextLabel;

/// The answer, on top of every page: glyph, sentence, what happens if nothing is done, the share that loads now and after the fix.
class VerdictBand : public QWidget {
    Q_OBJECT
public:
    struct Content {
        Glyph glyph = Glyph::VerdictUsable;
        QString sentence;
        QString subSentence;
        QString before;             ///< "0 %"; empty: no readout
        Role beforeRole = Role::Text;
        QString after;              ///< "100 %"; empty: there is no fix to prove
        QString caption;            ///< what the readout counts
        QString toolTip;            ///< of the readout: what its numbers hide
    };

    explicit VerdictBand(QWidget* parent = nullptr);

    void setContent(const Content& content);
    /// The one button at the right end; null for none. The action's text is the button's.
    void setAction(QAction* action, bool primary);
    [[nodiscard]] QString sentence() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Glyph m_glyph = Glyph::VerdictUsable;
    QWidget* m_glyphPlace;
    TextLabel* m_sentence;
    TextLabel* m_subSentence;
    QWidget* m_readout;
    TextLabel* m_before;
    TextLabel* m_arrow;
    TextLabel* m_after;
    TextLabel* m_caption;
    QPushButton* m_button;
    QMetaObject::Connection m_trigger;
};

} // namespace weighbridge
