// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/tensor_rows.h"

#include <QList>
#include <QMetaType>
#include <QString>

#include <functional>

namespace weighbridge {

/// What is selected in all views at once: a tensor, or a module, or nothing.
struct Selection {
    TensorId tensor;
    QString module;   ///< full name; only if `tensor` is not valid
    [[nodiscard]] bool isEmpty() const { return !tensor.isValid() && module.isEmpty(); }
    bool operator==(const Selection&) const = default;
};

/// Where one was and can go back to, as in a browser: going back and then elsewhere drops what lay ahead.
class SelectionHistory {
public:
    static constexpr qsizetype maximum = 100;
    [[nodiscard]] Selection current() const { return m_position < 0 ? Selection() : m_entries[m_position]; }
    [[nodiscard]] bool canGoBack() const { return m_position > 0; }
    [[nodiscard]] bool canGoForward() const { return m_position + 1 < m_entries.size(); }
    /// False if it is the current one already.
    bool add(const Selection& selection);
    bool back();
    bool forward();
    void clear();
    /// Gives every tensor the id that `translate` returns for it.
    void translate(const std::function<TensorId(TensorId)>& translate);

private:
    QList<Selection> m_entries;
    qsizetype m_position = -1;
};

} // namespace weighbridge

Q_DECLARE_METATYPE(weighbridge::Selection)
