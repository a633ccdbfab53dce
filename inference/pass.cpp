// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/pass.h"

#include "inference/request.h"

#include <algorithm>

#include <sys/resource.h>

namespace weighbridge::inference {
namespace {

constexpr auto timingBudget = std::chrono::milliseconds(2000);

} // namespace

Pass passThrough(const Prepared& p, const ModelInput& input, bool keeps, JobContext& job)
{
    Pass out;
    at::Tensor before;
    const int64_t expected = p.model.integer("num_hidden_layers", 0);
    LayerProbe probe;
    probe.see = [&](const std::string& layer, const at::Tensor& hidden) {
        out.health.push_back(healthAnswer(layer, hidden, layer == "embeddings" ? at::Tensor() : before));
        before = hidden;
        if (keeps)
            out.hidden.emplace_back(layer, hidden.to(at::kFloat).cpu().clone());
        job.report({"Running", out.health.size(), static_cast<uint64_t>(std::max<int64_t>(expected + 1, static_cast<int64_t>(out.health.size())))});
    };
    const auto began = Clock::now();
    out.outputs = p.family->run(p.model, input, probe);
    out.ms = millisecondsSince(began);
    return out;
}

Value timed(const std::function<void()>& again, const Value& request, double firstMs, JobContext& job)
{
    const int64_t wanted = number(request, "runs", 20, 1000);
    const bool isFixed = request.find("runs") != nullptr;
    std::vector<double> times;
    const auto start = Clock::now();
    while (static_cast<int64_t>(times.size()) < wanted && (times.empty() || isFixed || Clock::now() - start < timingBudget)) {
        job.report({"Timing", times.size(), static_cast<uint64_t>(wanted)});
        const auto began = Clock::now();
        again();
        times.push_back(millisecondsSince(began));
    }
    if (times.empty())
        times.push_back(firstMs);
    std::sort(times.begin(), times.end());
    return Value::Map{{"median", times[times.size() / 2]}, {"min", times.front()}, {"runs", times.size()}, {"first", firstMs}};
}

int64_t peakMemory()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

} // namespace weighbridge::inference
