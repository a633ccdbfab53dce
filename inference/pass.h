// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/prepare.h"

#include <chrono>
#include <functional>

namespace weighbridge::inference {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double millisecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// A forward pass that was looked at.
struct Pass {
    ModelOutputs outputs;
    Value::List health; ///< one answer per layer, the embeddings first
    std::vector<std::pair<std::string, at::Tensor>> hidden; ///< by layer, if they were to be kept
    double ms = 0;

    /// How many there are besides the embeddings.
    [[nodiscard]] int64_t layers() const { return std::max<int64_t>(0, static_cast<int64_t>(health.size()) - 1); }
};

/// Runs the model once; `keeps` also keeps what comes out of each layer. Throws RunFailure and what libtorch throws.
[[nodiscard]] Pass passThrough(const Prepared& p, const ModelInput& input, bool keeps, JobContext& job);

/// Times `again` as often as the request's "runs" says, or as fits into two seconds: {"median", "min", "runs", "first"} in milliseconds.
[[nodiscard]] Value timed(const std::function<void()>& again, const Value& request, double firstMs, JobContext& job);

/// The most memory that the process has held, in bytes.
[[nodiscard]] int64_t peakMemory();

} // namespace weighbridge::inference
