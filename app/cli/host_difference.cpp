// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/host_session.h"

#include "core/comparison/host_difference.h"
#include "core/comparison/low_rank.h"
#include "core/remote/host_protocol.h"

#include <numeric>
#include <utility>

namespace weighbridge::cli {
namespace {

/// Both checkpoints of a request and its pairs, each in its place; `indices` are those by which the client calls them.
struct Asked {
    Difference difference;
    std::vector<size_t> indices;
};

Result<CheckpointPtr> checkpointAt(const Value& request, const char* path, const char* key, KeptCheckpoint& kept, JobContext& job)
{
    const Value* named = request.find(path);
    return pathIn(Value::Map{{"path", named ? *named : Value()}}).and_then([&](const std::string& at) {
        return kept.get(at, host::textIn(request, key), job);
    });
}

Result<Asked> askedIn(const Value& request, HostSession& session)
{
    const auto a = checkpointAt(request, "path", "checkpoint", session.kept, session.job);
    const auto b = a ? checkpointAt(request, "other", "other_checkpoint", session.other, session.job) : a;
    if (!b)
        return tl::unexpected(b.error());
    Asked out;
    out.difference.a = *a;
    out.difference.b = *b;
    const Value* list = request.find("pairs");
    for (const Value& entry : list && list->list() ? *list->list() : Value::List{}) {
        auto shared = pairFrom(entry, **a, **b);
        if (!shared)
            return failure("worker", "The request names a pair that there is not.");
        out.indices.push_back(shared->index);
        out.difference.pairs.push_back(std::move(shared->pair));
    }
    return out;
}

} // namespace

HostAnswer hostDifference(const Value& request, HostSession& session)
{
    auto asked = askedIn(request, session);
    if (!asked)
        return tl::unexpected(asked.error());
    Difference& difference = asked->difference;
    for (TensorPair& pair : difference.pairs)
        pair.shapeDiffers = false; // the client asks only for what can be compared
    DifferenceOptions options;
    options.atol = request.find("atol") ? request.find("atol")->number() : 0;
    options.rtol = request.find("rtol") ? request.find("rtol")->number() : 0;
    Value::List waiting;
    SendingPace pace;
    const auto send = [&] { session.outlet.send(Value::Map{{"pairs", std::exchange(waiting, {})}}); };
    std::vector<size_t> all(difference.pairs.size());
    std::iota(all.begin(), all.end(), size_t(0));
    const auto done = comparePairs(difference, options, all, session.job, [&](size_t index, const TensorPair& pair) {
        waiting.push_back(toValue(asked->indices[index], pair));
        if (pace.isDue(waiting.size()))
            send();
    });
    if (!waiting.empty())
        send();
    return done.map([] { return Value::Map{}; });
}

HostAnswer hostLowRank(const Value& request, HostSession& session)
{
    const auto asked = askedIn(request, session);
    if (!asked || asked->difference.pairs.empty())
        return failure(asked ? Error("worker", "The request names no pair.") : asked.error());
    const auto rank = lowRankOf(asked->difference, asked->difference.pairs.front(), session.job);
    return rank ? Value::Map{{"rank", *rank}} : Value::Map{};
}

} // namespace weighbridge::cli
