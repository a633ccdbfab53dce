// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

namespace weighbridge {

/// Owns one identifier of libhdf5.
class Handle {
public:
    explicit Handle(hid_t id = H5I_INVALID_HID) : m_id(id) {}
    ~Handle()
    {
        if (m_id > 0)
            H5Idec_ref(m_id);
    }
    Handle(Handle&& other) noexcept : m_id(std::exchange(other.m_id, H5I_INVALID_HID)) {}
    Handle& operator=(Handle&& other) noexcept
    {
        std::swap(m_id, other.m_id);
        return *this;
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    [[nodiscard]] hid_t id() const { return m_id; }
    explicit operator bool() const { return m_id >= 0; }

private:
    hid_t m_id;
};

/// What libhdf5 says about its last failure: the innermost line of its error stack, which it then forgets.
std::string lastHdf5Error();

} // namespace weighbridge
