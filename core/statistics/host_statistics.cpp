// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/host_statistics.h"

#include "core/base/text.h"
#include "core/checkpoint/checkpoint_key.h"
#include "core/remote/host_connection.h"
#include "core/remote/host_protocol.h"
#include "core/statistics/shared_analyses.h"

#include <fmt/format.h>

#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t mostHints = 1000;

Value::List listOf(const std::vector<double>& numbers)
{
    return {numbers.begin(), numbers.end()};
}

std::vector<double> numbersIn(const Value& value, std::string_view key)
{
    std::vector<double> out;
    const Value* list = value.find(key);
    for (const Value& number : list && list->list() ? *list->list() : Value::List{})
        if (number.isNumber() && out.size() < mostHints)
            out.push_back(number.number());
    return out;
}

/// What is still to come, and where it goes.
class Receiver {
public:
    Receiver(const Checkpoint& checkpoint, std::string key, std::span<const size_t> tensors, const AnalysisSink& sink)
        : m_checkpoint(checkpoint), m_key(std::move(key)), m_open(tensors.begin(), tensors.end()), m_order(tensors.begin(), tensors.end()), m_sink(sink)
    {
    }

    [[nodiscard]] Value::List openTensors() const
    {
        Value::List out;
        for (const size_t index : m_order)
            if (m_open.contains(index))
                out.emplace_back(static_cast<uint64_t>(index));
        return out;
    }

    Result<void> take(const HostFrame& frame)
    {
        auto analyses = frame.document ? analysesFromValue(*frame.document, m_key) : std::nullopt;
        if (!analyses)
            return failure("worker", "");
        for (SharedAnalysis& one : *analyses) {
            if (one.index >= m_checkpoint.tensors.size() || one.tensor.shape != m_checkpoint.tensors[one.index].shape)
                return failure("worker", "");
            if (m_open.erase(one.index) > 0)
                m_sink(one.index, std::move(one.analysis));
        }
        return {};
    }

    [[nodiscard]] bool isComplete() const { return m_open.empty(); }

private:
    const Checkpoint& m_checkpoint;
    std::string m_key;
    std::unordered_set<size_t> m_open;
    std::vector<size_t> m_order;
    const AnalysisSink& m_sink;
};

} // namespace

Value toValue(const ConfigHints& hints)
{
    Value::Map map{{"model_type", hints.modelType}, {"ranges", listOf(hints.ranges)}, {"factor", hints.factor}, {"layers", listOf(hints.layers)}, {"hidden", listOf(hints.hidden)}};
    if (hints.headSize)
        map.emplace_back("head_size", *hints.headSize);
    return map;
}

ConfigHints hintsFromValue(const Value& value)
{
    ConfigHints out;
    out.modelType = host::textIn(value, "model_type");
    out.ranges = numbersIn(value, "ranges");
    out.layers = numbersIn(value, "layers");
    out.hidden = numbersIn(value, "hidden");
    if (const Value* factor = value.find("factor"))
        out.factor = factor->number(1);
    if (const Value* size = value.find("head_size"); size && size->isNumber())
        out.headSize = size->number();
    return out;
}

std::optional<Result<void>> computeStatisticsThere(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, JobContext& job, const AnalysisSink& sink)
{
    const auto address = parseSshAddress(checkpoint.path);
    if (!address)
        return Result<void>(tl::unexpected(address.error()));
    const auto version = hostVersion(*address, job);
    if (!version)
        return Result<void>(tl::unexpected(version.error()));
    if (!version->can("statistics"))
        return std::nullopt;
    const std::string key = checkpointKey(checkpoint);
    Receiver receiver(checkpoint, key, tensors, sink);
    const auto request = [&]() -> Value {
        return Value::Map{{"command", "statistics"}, {"path", host::encodedPath(address->path)}, {"checkpoint", key}, {"hints", toValue(hints)}, {"tensors", receiver.openTensors()}};
    };
    const auto asked = askHostAbout(*address, request, job, [&receiver](const HostFrame& frame) { return receiver.take(frame); });
    if (!asked)
        return std::nullopt;
    return asked->and_then([&](const Value&) {
        return receiver.isComplete() ? Result<void>() : failure(Error("worker", fmt::format("{} left out some of the statistics.", shown(address->host))).at(checkpoint.path));
    });
}

} // namespace weighbridge
