// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QFrame>
#include <QStringList>

class QButtonGroup;

namespace weighbridge {

/// A segmented choice: two to five exclusive views in one frame.
class Segments : public QFrame {
    Q_OBJECT
public:
    explicit Segments(const QStringList& texts, QWidget* parent = nullptr);

    [[nodiscard]] int current() const;
    void setCurrent(int index); ///< does not emit chosen()

Q_SIGNALS:
    void chosen(int index);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QButtonGroup* m_group;
};

} // namespace weighbridge
