// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/theme.h"

#include <QLabel>

namespace weighbridge {

/// A label whose size and colour are roles of the theme, so that it follows both. Always plain text: what a file says is never markup.
class TextLabel : public QLabel {
    Q_OBJECT
public:
    explicit TextLabel(const QString& text = {}, double factor = type::body, QFont::Weight weight = QFont::Normal, Role role = Role::Text, QWidget* parent = nullptr);

    void setRole(Role role);
    void setFixed(bool on); ///< the fixed font: names, Python
    /// Shows what fits in one line with an ellipsis in the middle or at the end; the whole text is the tooltip.
    void setElided(Qt::TextElideMode mode);
    void setFullText(const QString& text);
    [[nodiscard]] const QString& fullText() const { return m_fullText; }

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void applyTheme();
    void elide();

    double m_factor;
    QFont::Weight m_weight;
    Role m_role;
    bool m_fixed = false;
    bool m_applying = false;
    Qt::TextElideMode m_elideMode = Qt::ElideNone;
    QString m_fullText;
};

/// A dotted name that may break after its dots and underscores.
[[nodiscard]] QString breakable(QString name);

/// A hairline across its layout.
class HairLine : public QWidget {
    Q_OBJECT
public:
    explicit HairLine(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace weighbridge
