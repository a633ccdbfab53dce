// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/difference.h"

#include "core/base/run_on_threads.h"
#include "core/comparison/element_stream.h"
#include "core/comparison/host_difference.h"
#include "core/comparison/rounding.h"
#include "core/comparison/tensor_box.h"
#include "core/comparison/value_sums.h"
#include "core/statistics/kernels.h"
#include "core/tensor/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <new>
#include <numeric>

namespace weighbridge {
namespace {

constexpr uint64_t chunkElements = 65536;               ///< compared at a time: both sides stay in the second cache; whole blocks of every dtype
constexpr uint64_t sliceElements = 32 * chunkElements;  ///< what one thread takes at a time of a large tensor
constexpr size_t mostTransposedTried = 4;               ///< square matrices in a row that turn out not to be transposed

bool isComplex(const Decoder& decoder)
{
    return info(decoder.dtype).kind == DTypeKind::Complex;
}

/// What one slice of a pair gives.
struct SliceResult {
    ValueSums sums;
    uint64_t firstChanged = UINT64_MAX;  ///< value of the tensor
    bool isBitwiseEqual = true;
    bool isRounded = true;               ///< B's values are A's, rounded
    bool isNarrower = true;              ///< the other way round
    std::optional<Error> error;
};

/// How the values of a pair are to be read; the same for all its slices.
struct Plan {
    const TensorInfo* a = nullptr;
    const TensorInfo* b = nullptr;
    const Decoder* decoderA = nullptr;
    const Decoder* decoderB = nullptr;
    RoundTo toA = nullptr;  ///< for the question whether A is B, rounded
    RoundTo toB = nullptr;
    std::vector<int> axes;
    Tolerance tolerance;

    [[nodiscard]] bool sameDtype() const { return a->dtype == b->dtype; }
    [[nodiscard]] bool exactAsFloat() const { return decoderA->exactAsFloat && decoderB->exactAsFloat; }
    [[nodiscard]] bool canBeSliced() const { return axes.empty() && canStartAnywhere(*a) && canStartAnywhere(*b); }
    [[nodiscard]] bool canBeBoxed() const { return !axes.empty() && a->elements() > 0 && canReadBoxes(*a) && canReadBoxes(*b); }
    /// Parts that can be compared apart from each other.
    [[nodiscard]] size_t parts() const
    {
        const uint64_t parts = canBeSliced() ? (a->elements() + sliceElements - 1) / sliceElements : canBeBoxed() ? BoxGrid(a->shape, axes).boxes() : 1;
        return static_cast<size_t>(std::max<uint64_t>(1, parts));
    }
    [[nodiscard]] uint64_t nbytes() const { return a->nbytes() + b->nbytes(); }
    [[nodiscard]] uint64_t valuesPerElement() const { return isComplex(*decoderA) ? 2 : 1; }
};

/// Compares the chunks of one slice, one after the other.
class SliceComparison {
public:
    /// `first`: element that the slice begins with.
    SliceComparison(const Plan& plan, uint64_t first) : m_plan(plan), m_seen(first * plan.valuesPerElement())
    {
        m_out.isRounded = m_out.isNarrower = !plan.sameDtype();
    }

    void add(std::span<const std::byte> a, std::span<const std::byte> b)
    {
        const bool isEqual = m_plan.sameDtype() && a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
        m_out.isBitwiseEqual = m_out.isBitwiseEqual && isEqual;
        if (m_plan.exactAsFloat())
            addAs(m_floatsA, m_floatsB, a, b, isEqual);
        else
            addAs(m_doublesA, m_doublesB, a, b, isEqual);
    }
    [[nodiscard]] SliceResult take() { return std::move(m_out); }

private:
    template <typename T>
    void addAs(std::vector<T>& a, std::vector<T>& b, std::span<const std::byte> bytesA, std::span<const std::byte> bytesB, bool isEqual)
    {
        a.resize(m_plan.decoderA->values(bytesA.size()));
        decode(*m_plan.decoderA, bytesA, std::span(a));
        if (isEqual) {
            m_out.sums.add(sumsOfEqual(a));
            m_seen += a.size();
            return;
        }
        b.resize(m_plan.decoderB->values(bytesB.size()));
        decode(*m_plan.decoderB, bytesB, std::span(b));
        const size_t count = std::min(a.size(), b.size());
        const ValueSums sums = sumsOf(a.data(), b.data(), count, m_plan.tolerance);
        if (sums.changed > 0 && m_out.firstChanged == UINT64_MAX)
            for (size_t i = 0; i < count && m_out.firstChanged == UINT64_MAX; ++i)
                if (isChanged(double(a[i]), double(b[i]), m_plan.tolerance))
                    m_out.firstChanged = m_seen + i;
        m_out.sums.add(sums);
        if constexpr (std::is_same_v<T, float>) {
            m_out.isRounded = m_out.isRounded && isRounded(a, b, m_plan.toB);
            m_out.isNarrower = m_out.isNarrower && isRounded(b, a, m_plan.toA);
        } else {
            m_out.isRounded = m_out.isRounded && m_plan.b->dtype == DType::F32 && isFloatOf(a, b);
            m_out.isNarrower = m_out.isNarrower && m_plan.a->dtype == DType::F32 && isFloatOf(b, a);
        }
        m_seen += count;
    }

    /// The sums of two runs that are the same, without going through both.
    ValueSums sumsOfEqual(const std::vector<float>& values) const
    {
        const double squares = kernels::products(values.data(), values.data(), values.size());
        if (!std::isfinite(squares))
            return sumsOf(values.data(), values.data(), values.size(), m_plan.tolerance);
        return {squares, squares, squares, 0, 0, 0, 0, 0};
    }
    ValueSums sumsOfEqual(const std::vector<double>& values) const { return sumsOf(values.data(), values.data(), values.size(), m_plan.tolerance); }

    bool isRounded(const std::vector<float>& from, const std::vector<float>& to, RoundTo round)
    {
        if (!round)
            return false;
        m_rounded.resize(from.size());
        round(from.data(), from.size(), m_rounded.data());
        return std::equal(m_rounded.begin(), m_rounded.end(), to.begin(), to.end(), [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
    }
    static bool isFloatOf(const std::vector<double>& from, const std::vector<double>& to)
    {
        return std::equal(from.begin(), from.end(), to.begin(), to.end(), [](double x, double y) { return double(float(x)) == y || (std::isnan(x) && std::isnan(y)); });
    }

    const Plan& m_plan;
    uint64_t m_seen;
    SliceResult m_out;
    std::vector<float> m_floatsA, m_floatsB, m_rounded;
    std::vector<double> m_doublesA, m_doublesB;
};

std::vector<int64_t> indexOf(uint64_t element, const Shape& shape)
{
    std::vector<int64_t> out(shape.size());
    for (size_t d = shape.size(); d-- > 0;) {
        const auto size = static_cast<uint64_t>(std::max<int64_t>(shape[d], 1));
        out[d] = static_cast<int64_t>(element % size);
        element /= size;
    }
    return out;
}

/// The reason why the values of two tensors cannot be compared; empty if they can.
std::string incomparable(const Plan& plan)
{
    if (!plan.decoderA || !plan.decoderB)
        return fmt::format("Elements of type {} are no numbers.", (plan.decoderA ? plan.b : plan.a)->dtypeName());
    const auto isQuantized = [](const TensorInfo& tensor) { return info(tensor.dtype).kind == DTypeKind::Quantized; };
    if (isQuantized(*plan.a) != isQuantized(*plan.b))
        return "One side holds quantized integers, which say nothing without their scale.";
    if (isComplex(*plan.decoderA) != isComplex(*plan.decoderB))
        return "One side is complex, the other is not.";
    return {};
}

/// One run over the pairs of a difference.
class Comparing {
public:
    Comparing(Difference& difference, const DifferenceOptions& options, const std::vector<size_t>& pairs, JobContext& job, const PairSink& sink)
        : m_difference(difference), m_job(job), m_sink(sink), m_tolerance{options.atol, options.rtol}, m_slices(difference.pairs.size()), m_open(difference.pairs.size())
    {
        for (const size_t i : pairs)
            schedule(i);
    }

    /// Those of the pairs that can be compared; the others have their valuesError.
    [[nodiscard]] std::vector<size_t> comparable() const
    {
        std::vector<size_t> out;
        for (const Task& task : m_tasks)
            if (task.slice == 0)
                out.push_back(task.pair);
        return out;
    }

    Result<void> run(unsigned threads)
    {
        runOnThreads(threads, m_tasks.size(), [this] { work(); });
        if (m_job.cancelled())
            return failure(cancelledError());
        return {};
    }

private:
    struct Task {
        size_t pair;
        size_t slice;
    };

    [[nodiscard]] Plan planOf(const TensorPair& pair) const
    {
        Plan plan;
        plan.a = &m_difference.a->tensors[static_cast<size_t>(pair.a)];
        plan.b = &m_difference.b->tensors[static_cast<size_t>(pair.b)];
        plan.decoderA = decoderOf(plan.a->dtype);
        plan.decoderB = decoderOf(plan.b->dtype);
        plan.toA = roundTo(plan.a->dtype);
        plan.toB = roundTo(plan.b->dtype);
        plan.axes = pair.axes;
        plan.tolerance = m_tolerance;
        return plan;
    }

    void schedule(size_t index)
    {
        TensorPair& pair = m_difference.pairs[index];
        pair.values.reset();
        pair.valuesError.clear();
        pair.isUnreadable = false;
        if (!pair.isPair())
            return;
        const Plan plan = planOf(pair);
        pair.valuesError = pair.shapeDiffers && pair.axes.empty() ? "The shapes differ." : incomparable(plan);
        if (!pair.valuesError.empty())
            return;
        m_open[index] = plan.parts();
        for (size_t slice = 0; slice < m_open[index]; ++slice)
            m_tasks.push_back({index, slice});
        m_total += plan.nbytes();
    }

    void work()
    {
        for (size_t next = m_next++; next < m_tasks.size() && !m_job.cancelled(); next = m_next++) {
            const Task task = m_tasks[next];
            SliceResult result = compareInMemory(task);
            if (m_job.cancelled())
                return;
            const std::scoped_lock lock(m_mutex);
            auto& slices = m_slices[task.pair];
            if (slices.empty())
                slices.resize(m_open[task.pair]);
            slices[task.slice] = std::move(result);
            const Plan plan = planOf(m_difference.pairs[task.pair]);
            m_done += plan.nbytes() / slices.size();
            m_job.report({plan.a->name, m_done, m_total});
            if (--m_open[task.pair] == 0)
                finish(task.pair, plan);
        }
    }

    SliceResult compareInMemory(const Task& task)
    {
        SliceResult failed;
        try {
            auto result = compare(task);
            if (result)
                return std::move(*result);
            failed.error = result.error();
        } catch (const std::bad_alloc&) {
            failed.error = Error("memory", "There is not enough memory to read these values.");
        }
        return failed;
    }

    Result<SliceResult> compare(const Task& task)
    {
        const Plan plan = planOf(m_difference.pairs[task.pair]);
        JobContext job{m_job.stop, {}};
        if (plan.canBeBoxed())
            return compareBox(plan, BoxGrid(plan.a->shape, plan.axes).at(task.slice), job);
        const uint64_t first = task.slice * sliceElements;
        const uint64_t last = plan.canBeSliced() ? std::min(plan.a->elements(), first + sliceElements) : plan.a->elements();
        const auto a = streamElements(*m_difference.a, *plan.a, first, job);
        const auto b = streamElements(*m_difference.b, *plan.b, plan.axes, first, job);
        if (!b)
            return tl::unexpected(b.error());
        SliceComparison comparison(plan, first);
        for (uint64_t done = first; done < last; done += chunkElements) {
            if (job.cancelled())
                return failure(cancelledError());
            const uint64_t count = std::min(chunkElements, last - done);
            const auto bytesA = a->next(count);
            if (!bytesA)
                return tl::unexpected(bytesA.error());
            const auto bytesB = (*b)->next(count);
            if (!bytesB)
                return tl::unexpected(bytesB.error());
            if (plan.decoderA->values(bytesA->size()) != plan.decoderB->values(bytesB->size()))
                return failure("bad-dtype", fmt::format("{} elements of {} and of {} are not as many values.", count, plan.a->dtypeName(), plan.b->dtypeName()));
            comparison.add(*bytesA, *bytesB);
        }
        return comparison.take();
    }

    /// A part of a transposed pair. Boxes are in row-major order of A's elements, so that the first value that differs is the first in its box.
    Result<SliceResult> compareBox(const Plan& plan, const Box& box, JobContext& job)
    {
        const auto a = readBox(*m_difference.a, *plan.a, box, job);
        const auto b = a ? readBox(*m_difference.b, *plan.b, plan.axes, box, job) : a;
        if (!b)
            return tl::unexpected(b.error());
        SliceComparison comparison(plan, 0);
        const size_t widthA = a->size() / box.elements(), widthB = b->size() / box.elements();
        for (uint64_t done = 0; done < box.elements(); done += chunkElements) {
            const uint64_t count = std::min(chunkElements, box.elements() - done);
            comparison.add(std::span(*a).subspan(done * widthA, count * widthA), std::span(*b).subspan(done * widthB, count * widthB));
        }
        SliceResult out = comparison.take();
        if (out.firstChanged != UINT64_MAX)
            out.firstChanged = elementOf(box, plan.a->shape, out.firstChanged / plan.valuesPerElement()) * plan.valuesPerElement();
        return out;
    }

    /// Puts the slices of a pair together; in their order, so that the sums do not depend on the threads.
    void finish(size_t index, const Plan& plan)
    {
        TensorPair& pair = m_difference.pairs[index];
        SliceResult whole;
        for (const SliceResult& slice : m_slices[index]) {
            if (slice.error)
                whole.error = slice.error;
            whole.sums.add(slice.sums);
            whole.firstChanged = std::min(whole.firstChanged, slice.firstChanged);
            whole.isBitwiseEqual = whole.isBitwiseEqual && slice.isBitwiseEqual;
            whole.isRounded = whole.isRounded && slice.isRounded;
            whole.isNarrower = whole.isNarrower && slice.isNarrower;
        }
        m_slices[index] = {};
        pair.isUnreadable = whole.error.has_value();
        if (whole.error)
            pair.valuesError = whole.error->message;
        else
            pair.values = valuesOf(plan, whole);
        if (m_sink)
            m_sink(index, pair);
    }

    static ValueDifference valuesOf(const Plan& plan, const SliceResult& whole)
    {
        const ValueSums& sums = whole.sums;
        ValueDifference out;
        out.count = plan.a->elements() * plan.valuesPerElement();
        out.changed = sums.changed;
        out.notFinite = sums.notFinite;
        out.isBitwiseEqual = whole.isBitwiseEqual && plan.sameDtype();
        const double finite = double(std::max<uint64_t>(1, out.count - std::min(out.count, out.notFinite)));
        out.maxAbs = sums.largestD;
        out.meanAbs = sums.absolutesD / finite;
        out.rmse = std::sqrt(sums.squaresD / finite);
        out.normA = std::sqrt(sums.squaresA);
        out.normB = std::sqrt(sums.squaresB);
        out.normDifference = std::sqrt(sums.squaresD);
        out.relativeL2 = sums.squaresD == 0 ? 0.0 : out.normDifference / out.normA;
        const double norms = out.normA * out.normB;
        out.cosine = sums.squaresD == 0 ? 1.0 : norms > 0 ? std::clamp(sums.products / norms, -1.0, 1.0) : 0.0;
        if (whole.firstChanged != UINT64_MAX)
            out.firstChanged = indexOf(whole.firstChanged / plan.valuesPerElement(), plan.a->shape);
        if (!plan.sameDtype())
            out.rounding = roundingOf(plan, whole, out.relativeL2);
        return out;
    }

    static Rounding roundingOf(const Plan& plan, const SliceResult& whole, double relativeL2)
    {
        if (whole.sums.changed == 0 && whole.sums.largestD == 0)
            return Rounding::Widened;
        if (whole.isRounded)
            return Rounding::Rounded;
        if (whole.isNarrower)
            return Rounding::Narrower;
        const bool isCoarse = roundTo(plan.b->dtype) == nullptr || info(plan.b->dtype).kind == DTypeKind::Block;
        return isCoarse && relativeL2 <= explainedLoss(plan.b->dtype) ? Rounding::Quantized : Rounding::None;
    }

    Difference& m_difference;
    JobContext& m_job;
    const PairSink& m_sink;
    Tolerance m_tolerance;
    std::vector<std::vector<SliceResult>> m_slices; ///< by pair; only of those that are being compared
    std::vector<size_t> m_open;                    ///< by pair: slices that are still to come
    std::vector<Task> m_tasks;
    std::atomic<size_t> m_next{0};
    std::mutex m_mutex; ///< guards m_slices, m_open, the pairs, the progress and the sink
    uint64_t m_done = 0;
    uint64_t m_total = 0;
};

std::vector<size_t> allPairs(const Difference& difference)
{
    std::vector<size_t> out(difference.pairs.size());
    std::iota(out.begin(), out.end(), size_t{0});
    return out;
}

/// A square matrix looks the same in shape when it is transposed. Gives up where the first ones are not.
Result<void> tryTransposed(Difference& difference, const DifferenceOptions& options, JobContext& job, const PairSink& sink)
{
    size_t tried = 0;
    for (size_t i = 0; i < difference.pairs.size() && tried < mostTransposedTried; ++i) {
        TensorPair& pair = difference.pairs[i];
        if (!pair.values || pair.values->cosine >= 0.5 || !pair.axes.empty())
            continue;
        const Shape& shape = difference.a->tensors[static_cast<size_t>(pair.a)].shape;
        if (shape.size() != 2 || shape[0] != shape[1] || shape[0] < 2)
            continue;
        const TensorPair before = pair;
        pair.axes = {1, 0};
        ++tried;
        if (auto done = comparePairs(difference, options, {i}, job, {}); !done)
            return done;
        if (pair.values && pair.values->cosine > 0.9) {
            tried = 0;
            if (sink)
                sink(i, pair);
        } else {
            pair = before;
        }
    }
    return {};
}

} // namespace

Result<void> comparePairs(Difference& difference, const DifferenceOptions& options, const std::vector<size_t>& pairs, JobContext& job,
                          const PairSink& sink)
{
    Comparing here(difference, options, pairs, job, sink);
    if (const auto there = comparePairsThere(difference, options, here.comparable(), job, sink))
        return *there;
    return here.run(options.threads);
}

Result<void> compareValues(Difference& difference, const DifferenceOptions& options, JobContext& job, const PairSink& sink)
{
    difference.hasValues = false;
    difference.atol = options.atol;
    difference.rtol = options.rtol;
    if (auto done = comparePairs(difference, options, allPairs(difference), job, sink); !done)
        return done;
    if (auto done = tryTransposed(difference, options, job, sink); !done)
        return done;
    difference.hasValues = true;
    return {};
}

} // namespace weighbridge
