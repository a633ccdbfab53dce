// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Pairs tensors whose names say nothing: by shape, by their first values, by their place.
#include "core/comparison/alignment.h"

#include "core/base/limits.h"
#include "core/comparison/element_stream.h"
#include "core/comparison/tensor_box.h"
#include "core/statistics/kernels.h"
#include "core/tensor/decode.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace weighbridge {
namespace {

constexpr uint64_t sketchElements = 512;             ///< two blocks of every dtype
constexpr size_t fewestValues = 4;                   ///< fewer than this are alike by chance
constexpr size_t fewValues = 16;                     ///< fewer than this resemble each other by chance, and have to be the same
constexpr size_t mostComparisons = 8'000'000;        ///< of sketches; two foreign models of thousands of layers stay below
constexpr uint64_t transposedNbytes = 512 * limits::MiB; ///< read in one comparison to see the first values of transposed tensors that are read as a whole
constexpr float alike = 0.9f;                        ///< correlation; rounding to four bits leaves more than 0.98
constexpr float same = 0.999999f;

/// The first values, centred and of length one: the product of two is their correlation. Empty if they say nothing.
using Sketch = std::vector<float>;

Result<std::vector<std::byte>> firstElements(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::vector<int>& axes, JobContext& job)
{
    const uint64_t elements = std::min(tensor.elements(), sketchElements);
    if (!axes.empty() && canReadBoxes(tensor)) {
        Shape shape;
        for (const int axis : axes)
            shape.push_back(tensor.shape[static_cast<size_t>(axis)]);
        return readBox(checkpoint, tensor, axes, leadingBox(shape, elements), job).map([&](std::vector<std::byte>&& bytes) {
            bytes.resize(static_cast<size_t>(nbytesOf(tensor.dtype, elements).value_or(0)));
            return std::move(bytes);
        });
    }
    const auto stream = streamElements(checkpoint, tensor, axes, 0, job);
    const auto bytes = stream ? (*stream)->next(elements) : Result<std::span<const std::byte>>(tl::unexpected(stream.error()));
    return bytes.map([](std::span<const std::byte> span) { return std::vector(span.begin(), span.end()); });
}

Sketch sketchOf(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::vector<int>& axes, JobContext& job)
{
    const Decoder* decoder = decoderOf(tensor.dtype);
    if (!decoder || tensor.elements() == 0)
        return {};
    const auto bytes = firstElements(checkpoint, tensor, axes, job);
    if (!bytes)
        return {};
    Sketch out(decoder->values(bytes->size()));
    decode(*decoder, *bytes, std::span(out));
    double sum = 0;
    for (const float value : out)
        sum += double(value);
    const float mean = static_cast<float>(sum / double(out.size()));
    for (float& value : out)
        value -= mean;
    const double norm = std::sqrt(kernels::products(out.data(), out.data(), out.size()));
    if (out.size() < fewestValues || !std::isfinite(norm) || norm == 0)
        return {};
    for (float& value : out)
        value = static_cast<float>(double(value) / norm);
    return out;
}

/// What the last part of a name says that a tensor is.
enum class Part : uint8_t { Weight, Bias, Other };

Part partOf(const std::string& name)
{
    const std::string common = commonName(name);
    return common.ends_with("weight") ? Part::Weight : common.ends_with("bias") ? Part::Bias : Part::Other;
}

Shape sortedSizes(Shape shape)
{
    std::sort(shape.begin(), shape.end());
    return shape;
}

struct Group {
    std::vector<size_t> a, b;
};

} // namespace

void Alignment::byStructure(JobContext& job)
{
    const auto left = openA();
    const auto right = openB();
    if (left.empty() || right.empty())
        return;
    std::map<Shape, Group> bySizes;
    for (const size_t i : left)
        bySizes[sortedSizes(m_a.tensors[i].shape)].a.push_back(i);
    for (const size_t i : right)
        bySizes[sortedSizes(m_b.tensors[i].shape)].b.push_back(i);
    size_t budget = mostComparisons;
    for (auto& [sizes, group] : bySizes) {
        if (sizes.empty() || group.a.empty() || group.b.empty() || group.a.size() > budget / group.b.size() || job.cancelled())
            continue;
        budget -= group.a.size() * group.b.size();
        byValues(group.a, group.b, job);
    }

    // By place, only what has as many tensors on both sides, and only if that explains most of what is left: otherwise these are
    // two models that happen to share sizes.
    std::map<std::tuple<Shape, Part>, Group> byPart;
    const auto openLeft = openA();
    const auto openRight = openB();
    // names that tell no weight from a bias on one side must not keep the other side's apart
    const auto areTelling = [](const Checkpoint& checkpoint, const std::vector<size_t>& open) {
        return std::any_of(open.begin(), open.end(), [&checkpoint](size_t i) { return partOf(checkpoint.tensors[i].name) != Part::Other; });
    };
    const bool tell = areTelling(m_a, openLeft) && areTelling(m_b, openRight);
    for (const size_t i : openLeft)
        byPart[{m_a.tensors[i].shape, tell ? partOf(m_a.tensors[i].name) : Part::Other}].a.push_back(i);
    for (const size_t i : openRight)
        byPart[{m_b.tensors[i].shape, tell ? partOf(m_b.tensors[i].name) : Part::Other}].b.push_back(i);
    size_t explained = 0;
    for (const auto& [key, group] : byPart)
        explained += group.a.size() == group.b.size() ? group.a.size() : 0;
    if (2 * explained <= std::max(openLeft.size(), openRight.size()))
        return;
    for (auto& [key, group] : byPart)
        if (group.a.size() == group.b.size())
            byPlace(std::move(group.a), std::move(group.b));
}

void Alignment::byValues(const std::vector<size_t>& groupA, const std::vector<size_t>& groupB, JobContext& job)
{
    std::vector<Sketch> sketchesA;
    for (const size_t a : groupA)
        sketchesA.push_back(sketchOf(m_a, m_a.tensors[a], {}, job));
    struct Likeness {
        float correlation;
        size_t a, b;
        std::vector<int> axes;
    };
    std::vector<Likeness> found;
    uint64_t readTransposed = 0;
    const auto tryAll = [&](size_t b, const std::vector<int>& axes) {
        const TensorInfo& tensor = m_b.tensors[b];
        if (!axes.empty() && !canReadBoxes(tensor) && (readTransposed += tensor.nbytes()) > transposedNbytes)
            return;
        const Sketch sketch = sketchOf(m_b, tensor, axes, job);
        for (size_t i = 0; i < groupA.size(); ++i) {
            const Shape& shape = m_a.tensors[groupA[i]].shape;
            const bool fits = axes.empty() ? shape == tensor.shape : axes == transposingAxes(shape, tensor.shape) || (shape == tensor.shape && axes == std::vector{1, 0});
            if (!fits || sketch.empty() || sketchesA[i].size() != sketch.size())
                continue;
            if (const float correlation = kernels::dot(sketchesA[i].data(), sketch.data(), sketch.size()); correlation >= (sketch.size() < fewValues ? same : alike))
                found.push_back({correlation, groupA[i], b, axes});
        }
    };
    for (const size_t b : groupB) {
        if (job.cancelled())
            return;
        std::vector<std::vector<int>> orders{{}};
        const Shape& shape = m_b.tensors[b].shape;
        if (shape.size() == 2 && shape[0] == shape[1])
            orders.push_back({1, 0});
        for (const size_t a : groupA)
            if (auto axes = transposingAxes(m_a.tensors[a].shape, shape); !axes.empty() && std::find(orders.begin(), orders.end(), axes) == orders.end())
                orders.push_back(std::move(axes));
        for (const auto& axes : orders)
            tryAll(b, axes);
    }
    std::stable_sort(found.begin(), found.end(), [](const Likeness& x, const Likeness& y) { return x.correlation > y.correlation; });
    for (const Likeness& likeness : found) {
        if (m_partners[likeness.a].b >= 0 || m_isTaken[likeness.b])
            continue;
        pair(likeness.a, likeness.b, PairReason::Structure, "same shape, same first values");
        m_partners[likeness.a].axes = likeness.axes;
    }
}

void Alignment::byPlace(std::vector<size_t> groupA, std::vector<size_t> groupB)
{
    const auto inModelOrder = [](const Checkpoint& checkpoint, std::vector<size_t>& group) {
        std::sort(group.begin(), group.end(), [&checkpoint](size_t x, size_t y) { return comesBefore(checkpoint.tensors[x].name, checkpoint.tensors[y].name); });
    };
    inModelOrder(m_a, groupA);
    inModelOrder(m_b, groupB);
    for (size_t i = 0; i < groupA.size(); ++i)
        pair(groupA[i], groupB[i], PairReason::Structure, "same shape, same place");
}

} // namespace weighbridge
