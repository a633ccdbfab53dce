// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/strip_cells.h"

#include <QPixmap>
#include <QWidget>

#include <functional>
#include <memory>
#include <utility>

namespace weighbridge {

/// Paints one cell of the strip. Forms are legible in grey: outline, filled, diagonal, hatching, cross, plus.
void paintStripCell(QPainter& painter, const QRectF& rect, const StripCell& cell, StripRow::Kind kind, const QPalette& palette);

/// Expected over Found (over After fix), or A over B: one cell per tensor, in the model's order.
/// Click or arrow keys select, hover says what a cell is, the wheel does nothing.
class LoadStrip : public QWidget {
    Q_OBJECT
public:
    /// What a row's cell stands for, in words: "encoder.layer.3…query.weight, 384 x 384, missing".
    using Describe = std::function<QString(StripRow::Kind kind, int tensorRow)>;
    using Labels = std::array<QString, StripRow::kinds>; ///< by StripRow::Kind: "config.json · BertModel", "model.safetensors", the fix, A's file, B's

    explicit LoadStrip(QWidget* parent = nullptr);

    /// At most Strip::finest positions are laid out within a frame; a longer strip is reduced() to them where it is made.
    void setStrip(std::shared_ptr<const Strip> strip, const Labels& labels, const Describe& describe);
    /// Frames the cell of this row of the TensorRows as it loads; -1: none.
    void setSelectedRow(int tensorRow);

    [[nodiscard]] const Strip& strip() const { return m_shown; }     ///< as shown: reduced to the pixels that there are
    [[nodiscard]] int currentPosition() const { return m_current; }
    [[nodiscard]] int currentRow() const { return m_currentRow; }
    [[nodiscard]] QString rowText(int row) const; ///< "Found, model.safetensors: 103 unexpected"
    /// Row and position of the cell under a point; -1, -1 if there is none.
    [[nodiscard]] std::pair<int, int> cellAt(const QPoint& point) const;
    void moveTo(int row, int position);           ///< of the keyboard; selects the cell's tensor
    [[nodiscard]] QRect cellRect(int row, int position) const;
    [[nodiscard]] QString describe(int row, int position) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void activated(weighbridge::StripRow::Kind kind, int tensorRow);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int rowPitch() const;
    [[nodiscard]] int topOf(int row) const;
    [[nodiscard]] int labelWidth() const;
    [[nodiscard]] int summaryWidth() const;
    [[nodiscard]] int selectedPosition(size_t row) const;
    void arrange();
    void render();
    void paintTexts(QPainter& painter) const;
    void paintGroupLabels(QPainter& painter) const;

    std::shared_ptr<const Strip> m_strip;
    StripReduction m_reduction; ///< from m_strip to m_shown; empty if all has room
    Strip m_shown;
    Labels m_labels;
    Describe m_describe;
    std::vector<double> m_left;  ///< of each position; one more than positions
    double m_cellWidth = 0;
    QPixmap m_cells;             ///< everything but selection and focus
    int m_selectedRow = -1;
    int m_current = -1;          ///< position of the keyboard
    int m_currentRow = 0;
};

/// Makes LoadStrip a table for screen readers; called by its constructor.
void installLoadStripAccessible();

} // namespace weighbridge
