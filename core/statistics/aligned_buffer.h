// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace weighbridge {

/// Values that begin at a multiple of 64 bytes: reading vectors that cross the lines of the cache takes twice as long.
template <typename T>
class AlignedBuffer {
public:
    explicit AlignedBuffer(size_t count) : m_storage(count + alignment / sizeof(T)), m_count(count) {}

    [[nodiscard]] std::span<T> values()
    {
        void* first = m_storage.data();
        size_t room = m_storage.size() * sizeof(T);
        std::align(alignment, m_count * sizeof(T), first, room);
        return {static_cast<T*>(first), m_count};
    }

private:
    static constexpr size_t alignment = 64;
    std::vector<T> m_storage;
    size_t m_count;
};

} // namespace weighbridge
