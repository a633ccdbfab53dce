// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QList>
#include <QString>
#include <QWidget>

namespace weighbridge {

/// One number per layer, over depth: a point each, joined; numbers that are none leave a gap.
class ActivationPlot : public QWidget {
    Q_OBJECT
public:
    explicit ActivationPlot(const QString& yTitle, QWidget* parent = nullptr);

    void setValues(const QList<double>& values);
    void clear(const QString& why);
    [[nodiscard]] const QList<double>& values() const { return m_values; }

    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_yTitle;
    QList<double> m_values;
    QString m_why;
};

} // namespace weighbridge
