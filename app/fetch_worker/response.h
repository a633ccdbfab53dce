// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"
#include "core/remote/fetch_client.h"

#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// What the header of an HTTP response says (RFC 9110), one line after the other. A new status line, of a redirect's target, begins anew.
class Response {
public:
    void addLine(std::string_view line);

    [[nodiscard]] int status() const { return m_status; }
    [[nodiscard]] const RemoteState& state() const { return m_state; }
    /// Whether the length of the whole is known.
    [[nodiscard]] bool hasLength() const { return m_hasLength; }
    /// The first byte of the range that is sent, and one past its last.
    [[nodiscard]] uint64_t start() const { return m_start; }
    [[nodiscard]] uint64_t end() const { return m_end; }

private:
    void addRange(std::string_view value);

    int m_status = 0;
    RemoteState m_state;
    bool m_hasLength = false;
    uint64_t m_start = 0;
    uint64_t m_end = 0;
};

/// Why a status gives no content.
[[nodiscard]] Error statusError(int status, bool hasToken);

} // namespace weighbridge
