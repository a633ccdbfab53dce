// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QList>

#include <mutex>

namespace weighbridge::test {

/// What a stand-in was asked on a thread of the pool, for the test to look at on its own.
template <typename T>
class Recorded {
public:
    void add(T request)
    {
        const std::scoped_lock lock(m_mutex);
        m_requests.append(std::move(request));
    }
    [[nodiscard]] QList<T> all() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_requests;
    }

private:
    mutable std::mutex m_mutex; ///< guards what follows
    QList<T> m_requests;
};

} // namespace weighbridge::test
