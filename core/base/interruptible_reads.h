// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"

namespace weighbridge {

/// While it lives, reads of this thread that wait for another machine end when `job` is stopped. The job must live as long.
class InterruptibleReads {
public:
    explicit InterruptibleReads(const JobContext& job) : m_before(current) { current = &job; }
    ~InterruptibleReads() { current = m_before; }
    InterruptibleReads(const InterruptibleReads&) = delete;
    InterruptibleReads& operator=(const InterruptibleReads&) = delete;
    /// Whether this is part of what another one of this thread does.
    [[nodiscard]] bool isInner() const { return m_before != nullptr; }

private:
    friend const JobContext& currentJob();
    inline static thread_local const JobContext* current = nullptr;
    const JobContext* m_before;
};

/// The job of this thread's InterruptibleReads; one that is never stopped if there is none.
inline const JobContext& currentJob()
{
    static const JobContext none;
    return InterruptibleReads::current ? *InterruptibleReads::current : none;
}

} // namespace weighbridge
