// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QLineEdit>
#include <QTimer>

namespace weighbridge {

/// The find field of the tool bar. Escape clears, then gives the keyboard back; Down goes into the tree.
class FindField : public QLineEdit {
    Q_OBJECT
public:
    explicit FindField(QWidget* parent = nullptr);

Q_SIGNALS:
    void searched(const QString& text); ///< a moment after the last key
    void left();                        ///< Down, or Escape on an empty field

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void setHintPlace();
    [[nodiscard]] QString hint() const;

    QAction* m_icon;
    QTimer m_pause;
};

} // namespace weighbridge
