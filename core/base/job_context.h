// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace weighbridge {

/// What a long call reports: `done` of `total` (bytes, tensors: whatever `what` says). total 0: not known.
struct Progress {
    std::string what;
    uint64_t done = 0;
    uint64_t total = 0;
};

/// Handed to everything that may take long: says when to stop and takes progress.
/// The callback is called on the thread that does the work and must be cheap.
struct JobContext {
    std::stop_token stop;
    std::function<void(const Progress&)> progress;

    [[nodiscard]] bool cancelled() const { return stop.stop_requested(); }
    void report(const Progress& value) const
    {
        if (progress)
            progress(value);
    }
};

/// The Error of a job that was stopped on request.
inline Error cancelledError()
{
    return Error("cancelled", "Stopped on request.");
}

} // namespace weighbridge
