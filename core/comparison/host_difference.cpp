// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/host_difference.h"

#include "core/base/text.h"
#include "core/checkpoint/checkpoint_key.h"
#include "core/remote/host_connection.h"
#include "core/remote/host_protocol.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr std::array numbers{&ValueDifference::maxAbs,     &ValueDifference::meanAbs, &ValueDifference::rmse,  &ValueDifference::cosine,
                             &ValueDifference::relativeL2, &ValueDifference::normA,   &ValueDifference::normB, &ValueDifference::normDifference};
constexpr std::array counts{&ValueDifference::count, &ValueDifference::changed, &ValueDifference::notFinite};
constexpr size_t longestReason = 1000;

/// The machine that both lie on; nothing if there is none.
std::optional<SshAddress> placeOfBoth(const Difference& difference)
{
    const auto a = isSshAddress(difference.a->path) ? parseSshAddress(difference.a->path) : failure("bad-address", "");
    const auto b = isSshAddress(difference.b->path) ? parseSshAddress(difference.b->path) : failure("bad-address", "");
    return a && b && a->place() == b->place() ? std::optional(*a) : std::nullopt;
}

/// What every request about two checkpoints has.
Value::Map requestOf(const char* command, const Difference& difference)
{
    const auto pathOf = [](const Checkpoint& checkpoint) { return host::encodedPath(parseSshAddress(checkpoint.path).value().path); };
    return {{"command", command},
            {"path", pathOf(*difference.a)},
            {"checkpoint", checkpointKey(*difference.a)},
            {"other", pathOf(*difference.b)},
            {"other_checkpoint", checkpointKey(*difference.b)}};
}

Value::List listOf(const auto& integers)
{
    Value::List out;
    for (const auto integer : integers)
        out.emplace_back(static_cast<int64_t>(integer));
    return out;
}

Value toValue(const ValueDifference& values)
{
    Value::List bits, counted;
    for (const auto number : numbers) // infinities and all, which JSON has no words for
        bits.emplace_back(std::bit_cast<int64_t>(values.*number));
    for (const auto count : counts)
        counted.emplace_back(static_cast<int64_t>(values.*count));
    return Value::Map{{"bits", std::move(bits)},
                      {"counts", std::move(counted)},
                      {"bitwise", values.isBitwiseEqual},
                      {"rounding", static_cast<int64_t>(values.rounding)},
                      {"first", listOf(values.firstChanged)}};
}

/// Whole numbers under a key, at most `most`; nothing for anything else.
std::optional<std::vector<int64_t>> integersIn(const Value& value, std::string_view key, size_t most)
{
    const Value* list = value.find(key);
    if (!list || !list->list() || list->list()->size() > most)
        return std::nullopt;
    std::vector<int64_t> out;
    for (const Value& entry : *list->list()) {
        if (!entry.integer())
            return std::nullopt;
        out.push_back(*entry.integer());
    }
    return out;
}

bool isIndexIn(const std::vector<int64_t>& index, const Shape& shape)
{
    bool isInside = index.empty() || index.size() == shape.size();
    for (size_t d = 0; isInside && d < index.size(); ++d)
        isInside = index[d] >= 0 && index[d] < shape[d];
    return isInside;
}

std::optional<ValueDifference> valuesFrom(const Value& value, const Shape& shape)
{
    const auto bits = integersIn(value, "bits", numbers.size());
    const auto counted = integersIn(value, "counts", counts.size());
    const auto first = integersIn(value, "first", shape.size());
    const auto rounding = host::numberIn(value, "rounding");
    const Value* bitwise = value.find("bitwise");
    const bool isWhole = bits && bits->size() == numbers.size() && counted && counted->size() == counts.size() && first && isIndexIn(*first, shape) &&
                         rounding && *rounding <= static_cast<uint64_t>(Rounding::Quantized) && bitwise && bitwise->boolean();
    if (!isWhole)
        return std::nullopt;
    ValueDifference out;
    for (size_t i = 0; i < numbers.size(); ++i)
        out.*numbers[i] = std::bit_cast<double>((*bits)[i]);
    for (size_t i = 0; i < counts.size(); ++i)
        out.*counts[i] = static_cast<uint64_t>((*counted)[i]);
    out.isBitwiseEqual = *bitwise->boolean();
    out.rounding = static_cast<Rounding>(*rounding);
    out.firstChanged = *first;
    return out.changed <= out.count && out.notFinite <= out.count ? std::optional(std::move(out)) : std::nullopt;
}

/// An order of the axes: each once.
bool isOrder(const std::vector<int64_t>& axes, size_t dimensions)
{
    std::vector<bool> isThere(dimensions, false);
    for (const int64_t axis : axes) {
        if (axis < 0 || static_cast<size_t>(axis) >= dimensions || isThere[static_cast<size_t>(axis)])
            return false;
        isThere[static_cast<size_t>(axis)] = true;
    }
    return axes.empty() || axes.size() == dimensions;
}

/// Puts what comes where it belongs.
class Receiver {
public:
    Receiver(Difference& difference, std::span<const size_t> pairs, const PairSink& sink)
        : m_difference(difference)
        , m_order(pairs.begin(), pairs.end())
        , m_open(pairs.begin(), pairs.end())
        , m_sink(sink)
    {
    }

    [[nodiscard]] Value::List openPairs() const
    {
        Value::List out;
        for (const size_t index : m_order)
            if (m_open.contains(index))
                out.push_back(toValue(index, m_difference.pairs[index]));
        return out;
    }

    Result<void> take(const HostFrame& frame)
    {
        const Value* list = frame.document ? frame.document->find("pairs") : nullptr;
        if (!list || !list->list())
            return failure("worker", "");
        for (const Value& entry : *list->list())
            if (!take(entry))
                return failure("worker", "");
        return {};
    }

    [[nodiscard]] bool isComplete() const { return m_open.empty(); }

private:
    bool take(const Value& entry)
    {
        auto shared = pairFrom(entry, *m_difference.a, *m_difference.b);
        if (!shared || shared->index >= m_difference.pairs.size())
            return false;
        TensorPair& pair = m_difference.pairs[shared->index];
        if (pair.a != shared->pair.a || pair.b != shared->pair.b || pair.axes != shared->pair.axes ||
            (!shared->pair.values && shared->pair.valuesError.empty()))
            return false;
        if (m_open.erase(shared->index) == 0)
            return true; // it was there before the connection was cut
        pair.values = std::move(shared->pair.values);
        pair.valuesError = std::move(shared->pair.valuesError);
        pair.isUnreadable = shared->pair.isUnreadable;
        if (m_sink)
            m_sink(shared->index, pair);
        return true;
    }

    Difference& m_difference;
    std::vector<size_t> m_order;
    std::unordered_set<size_t> m_open;
    const PairSink& m_sink;
};

bool canThere(const SshAddress& address, JobContext& job)
{
    const auto version = hostVersion(address, job);
    return version && version->can("difference");
}

} // namespace

Value toValue(size_t index, const TensorPair& pair)
{
    Value::Map map{{"index", static_cast<uint64_t>(index)}, {"a", pair.a}, {"b", pair.b}, {"axes", listOf(pair.axes)}};
    if (pair.values)
        map.emplace_back("values", toValue(*pair.values));
    if (!pair.valuesError.empty())
        map.emplace_back("reason", pair.valuesError);
    if (pair.isUnreadable)
        map.emplace_back("unreadable", true);
    return map;
}

std::optional<SharedPair> pairFrom(const Value& value, const Checkpoint& a, const Checkpoint& b)
{
    const auto index = host::numberIn(value, "index"), ofA = host::numberIn(value, "a"), ofB = host::numberIn(value, "b");
    if (!index || !ofA || !ofB || *ofA >= a.tensors.size() || *ofB >= b.tensors.size())
        return std::nullopt;
    const Shape& shape = a.tensors[*ofA].shape;
    const auto axes = integersIn(value, "axes", shape.size());
    if (!axes || !isOrder(*axes, b.tensors[*ofB].shape.size()))
        return std::nullopt;
    SharedPair out;
    out.index = static_cast<size_t>(*index);
    out.pair.a = static_cast<int>(*ofA);
    out.pair.b = static_cast<int>(*ofB);
    out.pair.axes.assign(axes->begin(), axes->end());
    if (const Value* values = value.find("values"); values && !(out.pair.values = valuesFrom(*values, shape)))
        return std::nullopt;
    out.pair.valuesError = shown(host::textIn(value, "reason"), longestReason);
    out.pair.isUnreadable = value.find("unreadable") != nullptr;
    return out;
}

std::optional<Result<void>> comparePairsThere(Difference& difference, const DifferenceOptions& options, std::span<const size_t> pairs,
                                              JobContext& job, const PairSink& sink)
{
    const auto address = placeOfBoth(difference);
    if (!address || pairs.empty() || !canThere(*address, job))
        return std::nullopt;
    Receiver receiver(difference, pairs, sink);
    const Value::Map head = requestOf("difference", difference);
    const auto request = [&]() -> Value {
        Value::Map map = head;
        map.emplace_back("atol", options.atol);
        map.emplace_back("rtol", options.rtol);
        map.emplace_back("pairs", receiver.openPairs());
        return map;
    };
    const auto asked = askHostAbout(*address, request, job, [&receiver](const HostFrame& frame) { return receiver.take(frame); });
    if (!asked)
        return std::nullopt;
    return asked->and_then([&](const Value&) {
        return receiver.isComplete() ? Result<void>()
                                     : failure(Error("worker", fmt::format("{} left out some of the comparison.", shown(address->host))).at(difference.a->path));
    });
}

std::optional<std::optional<int>> lowRankThere(const Difference& difference, const TensorPair& pair, JobContext& job)
{
    const auto address = placeOfBoth(difference);
    if (!address || !canThere(*address, job))
        return std::nullopt;
    Value::Map request = requestOf("low-rank", difference);
    request.emplace_back("pairs", Value::List{toValue(0, pair)});
    const auto asked = askHost(*address, [&request] { return request; }, job, &noFrames);
    if (!asked)
        return std::nullopt;
    const auto rank = host::numberIn(*asked, "rank");
    return rank && *rank < 10'000 ? std::optional(std::optional(static_cast<int>(*rank))) : std::optional(std::optional<int>());
}

} // namespace weighbridge
