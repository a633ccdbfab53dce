// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/beside.h"

#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "inference/request.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge::inference {
namespace {

/// BF16 has steps of 1/256: copies that were rounded to it differ by less than this after a few layers.
constexpr double roundingDistance = 0.02;

Value requestFor(const Value& request)
{
    Value out = request;
    std::erase_if(*out.map(), [](const auto& entry) { return entry.first == "config" || entry.first == "beside" || entry.first == "class"; });
    return out.set("path", text(request, "beside"));
}

Error otherInput(const Prepared& other, int64_t largest, int64_t tokens)
{
    return Error("usage", fmt::format("{} cannot be run on the same input: it has {} tokens up to number {}.", shown(other.checkpoint->path), tokens, largest));
}

/// What the layers of two passes have in common, by name.
Value::List layerDistances(const Pass& a, const Pass& b, Value& partsAt)
{
    Value::List out;
    for (const auto& [layer, hidden] : a.hidden) {
        const auto other = std::find_if(b.hidden.begin(), b.hidden.end(), [&layer = layer](const auto& entry) { return entry.first == layer; });
        const Value distance = other == b.hidden.end() ? Value() : relativeDistance(hidden, other->second);
        if (partsAt.isNull() && (distance.isNull() || !(distance.number() < roundingDistance)))
            partsAt = layer;
        out.push_back(Value::Map{{"layer", layer}, {"relative_distance", distance}});
    }
    return out;
}

} // namespace

Result<Value> runBeside(Prepared& p, const Inputs& inputs, const Pass& pass, const Value& request, JobContext& job)
{
    p.weights.reset(); // two models need not be in memory at once
    const auto checkpoint = openCheckpoint(text(request, "beside"), job);
    if (!checkpoint)
        return tl::unexpected(checkpoint.error());
    Prepared other;
    if (auto done = prepare(other, *checkpoint, requestFor(request), job); !done)
        return tl::unexpected(done.error());
    if (other.family->takesImage(other.model) != inputs.model.pixels.defined() || other.hasDecoder() != inputs.model.decoderIds.defined())
        return failure("usage", fmt::format("{} takes another kind of input than {}.", shown(other.model.className), shown(p.model.className)));
    const int64_t largest = inputs.model.ids.defined() ? inputs.model.ids.max().item<int64_t>() : 0;
    const auto tokens = inputs.model.ids.defined() ? inputs.model.ids.size(1) : 0;
    if (largest >= other.model.part("text_config").integer("vocab_size", INT64_MAX) || tokens > longestInput(other.model))
        return failure(otherInput(other, largest, tokens));
    other.weights->load();
    const Pass second = passThrough(other, inputs.model, true, job);
    Value partsAt;
    Value out(Value::Map{{"path", other.checkpoint->path}, {"class", other.model.className}, {"layers", layerDistances(pass, second, partsAt)}});
    Value outputs{Value::Map{}};
    for (const auto& [name, tensor] : pass.outputs)
        if (const at::Tensor* found = find(second.outputs, name))
            outputs.set(name, relativeDistance(tensor.to(at::kFloat).cpu(), found->to(at::kFloat).cpu()));
    return out.set("outputs", std::move(outputs)).set("parts_at", partsAt);
}

} // namespace weighbridge::inference
