// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/pair_sample.h"

#include "core/base/text.h"
#include "core/comparison/element_stream.h"
#include "core/comparison/tensor_box.h"
#include "core/tensor/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr uint64_t runElements = 4096; ///< whole blocks of every dtype
constexpr size_t histogramBins = 120;

struct Range {
    double low = 0, high = 0;
};

/// What 99.9 % of the finite values lie in; all of them where that leaves nothing.
Range rangeOf(std::vector<float> values)
{
    values.erase(std::remove_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); }), values.end());
    if (values.empty())
        return {};
    const auto at = [&values](double share) {
        const auto place = values.begin() + static_cast<ptrdiff_t>(share * double(values.size() - 1));
        std::nth_element(values.begin(), place, values.end());
        return double(*place);
    };
    const Range range{at(0.0005), at(0.9995)};
    return range.high > range.low ? range : Range{at(0), at(1)};
}

Histogram counted(const std::vector<float>& values, Range range)
{
    Histogram out;
    out.low = range.low;
    out.high = range.high;
    out.counts.assign(range.high > range.low ? histogramBins : 1, 0);
    for (const float value : values) {
        if (!std::isfinite(value))
            continue;
        if (double(value) < range.low)
            ++out.below;
        else if (double(value) > range.high)
            ++out.above;
        else
            ++out.counts[out.counts.size() == 1 ? 0 : std::min(histogramBins - 1, static_cast<size_t>((double(value) - range.low) / out.binWidth()))];
    }
    return out;
}

Result<void> append(ElementStream& stream, const Decoder& decoder, uint64_t elements, std::vector<float>* out)
{
    const auto bytes = stream.next(elements);
    if (!bytes)
        return tl::unexpected(bytes.error());
    if (!out)
        return {};
    const size_t before = out->size();
    out->resize(before + decoder.values(bytes->size()));
    decode(decoder, *bytes, std::span(*out).subspan(before));
    return {};
}

/// One run of every `every` of them.
Result<void> sampleSide(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::vector<int>& axes, uint64_t every, JobContext& job, std::vector<float>& out)
{
    const Decoder& decoder = *decoderOf(tensor.dtype);
    const bool jumps = axes.empty() && canStartAnywhere(tensor);
    auto stream = streamElements(checkpoint, tensor, axes, 0, job);
    if (!stream)
        return tl::unexpected(stream.error());
    const uint64_t elements = tensor.elements();
    for (uint64_t first = 0, run = 0; first < elements; first += runElements, ++run) {
        if (job.cancelled())
            return failure(cancelledError());
        const bool isWanted = run % every == 0;
        if (jumps && !isWanted)
            continue;
        if (jumps && every > 1)
            *stream = streamElements(checkpoint, tensor, first, job);
        if (auto done = append(**stream, decoder, std::min(runElements, elements - first), isWanted ? &out : nullptr); !done)
            return done;
    }
    return {};
}

/// One side of a pair that is to be sampled.
struct Side {
    const Checkpoint& checkpoint;
    const TensorInfo& tensor;
};

Result<void> appendBox(const Side& side, const std::vector<int>& axes, const Box& box, JobContext& job, std::vector<float>& out)
{
    return (axes.empty() ? readBox(side.checkpoint, side.tensor, box, job) : readBox(side.checkpoint, side.tensor, axes, box, job)).map([&](const std::vector<std::byte>& bytes) {
        const Decoder& decoder = *decoderOf(side.tensor.dtype);
        const size_t before = out.size();
        out.resize(before + decoder.values(bytes.size()));
        decode(decoder, bytes, std::span(out).subspan(before));
    });
}

/// Whole boxes of a transposed pair, evenly spread.
Result<void> sampleBoxes(const Side& a, const Side& b, const std::vector<int>& axes, uint64_t most, JobContext& job, PairSample& out)
{
    const BoxGrid grid(a.tensor.shape, axes);
    const uint64_t wanted = std::clamp<uint64_t>(most * grid.boxes() / a.tensor.elements(), 1, grid.boxes());
    for (uint64_t i = 0; i < wanted; ++i) {
        const Box box = grid.at(i * grid.boxes() / wanted);
        if (auto done = appendBox(a, {}, box, job, out.a).and_then([&] { return appendBox(b, axes, box, job, out.b); }); !done)
            return done;
    }
    return {};
}

} // namespace

Result<PairSample> samplePair(const Checkpoint& a, const Checkpoint& b, const TensorPair& pair, uint64_t most, JobContext& job)
{
    if (!pair.isPair() || (pair.shapeDiffers && pair.axes.empty()))
        return failure("bad-shape", "The shapes differ, so that no value of A belongs to one of B.");
    const Side sideA{a, a.tensors[static_cast<size_t>(pair.a)]};
    const Side sideB{b, b.tensors[static_cast<size_t>(pair.b)]};
    for (const Side* side : {&sideA, &sideB})
        if (!decoderOf(side->tensor.dtype))
            return failure("bad-dtype", fmt::format("Elements of type {} are no numbers.", shown(side->tensor.dtypeName())));
    const uint64_t elements = sideA.tensor.elements();
    const uint64_t every = std::max<uint64_t>(1, (elements + most - 1) / most);
    const bool inBoxes = !pair.axes.empty() && elements > 0 && canReadBoxes(sideA.tensor) && canReadBoxes(sideB.tensor);
    PairSample out;
    const auto done = inBoxes ? sampleBoxes(sideA, sideB, pair.axes, most, job, out)
                              : sampleSide(a, sideA.tensor, {}, every, job, out.a).and_then([&] { return sampleSide(b, sideB.tensor, pair.axes, every, job, out.b); });
    if (!done)
        return tl::unexpected(done.error());
    if (out.a.size() != out.b.size())
        return failure("bad-dtype", "One side is complex, the other is not.");
    out.count = elements * (info(sideA.tensor.dtype).kind == DTypeKind::Complex ? 2 : 1);
    return out;
}

PairHistograms histogramsOf(const PairSample& sample)
{
    const Range a = rangeOf(sample.a);
    const Range b = rangeOf(sample.b);
    const Range both{std::min(a.low, b.low), std::max(a.high, b.high)};
    std::vector<float> differences(sample.a.size());
    for (size_t i = 0; i < differences.size(); ++i)
        differences[i] = sample.b[i] - sample.a[i];
    return {counted(sample.a, both), counted(sample.b, both), counted(differences, rangeOf(differences))};
}

PairDensity densityOf(const PairSample& sample, size_t bins)
{
    const Range a = rangeOf(sample.a);
    const Range b = rangeOf(sample.b);
    PairDensity out;
    out.low = std::min(a.low, b.low);
    out.high = std::max(a.high, b.high);
    out.bins = bins;
    out.counts.assign(bins * bins, 0);
    if (!(out.high > out.low))
        return out;
    const auto binOf = [&](float value) { return static_cast<size_t>(std::min(double(bins - 1), (double(value) - out.low) / (out.high - out.low) * double(bins))); };
    const auto isInside = [&](float value) { return double(value) >= out.low && double(value) <= out.high; }; // false for NaN
    for (size_t i = 0; i < sample.a.size(); ++i)
        if (isInside(sample.a[i]) && isInside(sample.b[i]))
            ++out.counts[binOf(sample.b[i]) * bins + binOf(sample.a[i])];
    return out;
}

} // namespace weighbridge
