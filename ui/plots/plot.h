// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QWidget>

#include <optional>

namespace weighbridge {

/// What all plots share: one const paint function for screen and file, a read-out, a menu that copies and saves, a message with progress in
/// place of data, focus, a sentence for screen readers. docs/plots.md says why they paint themselves.
class Plot : public QWidget {
    Q_OBJECT
public:
    explicit Plot(QWidget* parent = nullptr);

    /// Of the saved picture; the tensor's name.
    void setTitle(const QString& title) { m_title = title; }
    /// Axes stand, the plot area says why there is nothing ("Reading the values", an error's sentence).
    virtual void clear(const QString& why);
    /// Under that message: 0 to 1.
    void setProgress(double share);
    /// By the name's ending: .svg, .pdf, else a PNG at twice the size. Written beside the file and renamed; false if that fails.
    bool save(const QString& path);

    /// Of a picture, without a suffix: the tensor's name and what the plot shows, "layer.3.query.weight-histogram".
    [[nodiscard]] QString fileName() const;
    [[nodiscard]] const QString& message() const { return m_message; } ///< empty while there are data
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// What the pointer points at, for the status bar; empty when it leaves.
    void readOut(const QString& text);

public Q_SLOTS:
    virtual void fit() {} ///< shows everything
    void copyImage() { copyAt(m_pointer); } ///< the picture and, for programs that take no picture, the sentence and the read-out
    void saveAs();    ///< asks where

protected:
    /// Everything but pointer and focus.
    virtual void paintPicture(QPainter& painter, const QRectF& area) const = 0;
    virtual void paintPointer(QPainter&) const {} ///< whoever does it asks for an update() when the pointer moves or leaves
    [[nodiscard]] virtual QString textAt(const QPointF& point) const = 0;
    /// Data have come: the message goes, the sentence is what a screen reader says.
    void showData(const QString& sentence);
    void paintMessage(QPainter& painter, const QRectF& area) const;
    [[nodiscard]] const std::optional<QPointF>& pointer() const { return m_pointer; }
    void updateReadOut();

    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void copyAt(const std::optional<QPointF>& point);
    bool paintTo(QPaintDevice& device) const;
    [[nodiscard]] QImage image() const; ///< without pointer and focus, at twice the size; null if there is no memory for it

    QString m_title;
    QString m_message;
    double m_progress = 0;
    std::optional<QPointF> m_pointer;
};

} // namespace weighbridge
