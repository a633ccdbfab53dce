// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/weights.h"

#include "core/base/text.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/tensor/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weighbridge::inference {
namespace {

constexpr double initialStd = 0.02; ///< initializer_range of nearly every language model

} // namespace

Weights::Weights(CheckpointPtr checkpoint, const ExpectedModel& expected, const Comparison& comparison, WeightOptions options, JobContext& job)
    : m_checkpoint(std::move(checkpoint)), m_options(options), m_job(job)
{
    for (const ExpectedTensor& tensor : expected.tensors) {
        m_shapes[tensor.name] = tensor.shape;
        m_order.push_back(tensor.name);
    }
    for (const Match& match : comparison.matches)
        if (match.expected >= 0 && match.found >= 0 && match.status != Status::ShapeDiffers)
            m_found[expected.tensors[static_cast<size_t>(match.expected)].name] = match.found;
    for (const auto& [target, source] : expected.tied) {
        m_shapes.try_emplace(target, m_shapes[source]);
        // either may be the one that was saved
        m_tied[m_found.contains(target) ? source : target] = m_found.contains(target) ? target : source;
    }
    for (const ExpectedTensor& tensor : expected.tensors) {
        const auto tied = m_tied.find(tensor.name);
        const bool isBuffer = tensor.isBuffer; // positions and masks: the families compute them
        if (!isBuffer && !m_found.contains(tensor.name) && (tied == m_tied.end() || !m_found.contains(tied->second)))
            m_initialised.push_back(tensor.name);
    }
}

at::Tensor quantizedLinear(const at::Tensor& x, const QuantizedMatrix& weight, const at::Tensor& bias)
{
    constexpr double largest = 127; // 7 bits: what PyTorch's kernels leave room for
    const double low = std::min(0.0, x.min().item<double>());
    const double high = std::max(0.0, x.max().item<double>());
    const double scale = high > low ? (high - low) / largest : 1;
    const double zero = std::clamp(std::nearbyint(-low / scale), 0.0, largest);
    const at::Tensor steps = at::clamp(at::round(x.to(at::kFloat) / scale) + zero, 0, largest) - zero;
    at::Tensor out = at::linear(steps, weight.bytes.to(at::kFloat)) * (scale * weight.scale);
    return (bias.defined() ? out + bias : out).to(x.scalar_type());
}

QuantizedMatrix Weights::quantized(const std::string& name) const
{
    if (const auto known = m_quantized.find(name); known != m_quantized.end())
        return known->second;
    const at::Tensor values = (*this)(name).to(at::kFloat);
    const double scale = std::max(values.abs().max().item<double>() / 127.5, 1e-30); // symmetric over -128 to 127
    QuantizedMatrix out{at::clamp(at::round(values / scale), -128, 127).to(at::kChar), scale};
    if (!m_options.streams) {
        m_quantized.emplace(name, out);
        m_cache.erase(name); // the values themselves take four times as much
    }
    return out;
}

bool Weights::expectsBelow(const std::string& prefix) const
{
    return std::any_of(m_order.begin(), m_order.end(), [&prefix](const std::string& name) { return name.starts_with(prefix); });
}

at::Tensor Weights::operator()(const std::string& name) const
{
    if (const auto cached = m_cache.find(name); cached != m_cache.end())
        return cached->second;
    if (const auto found = m_found.find(name); found != m_found.end()) {
        at::Tensor tensor = read(m_checkpoint->tensors[static_cast<size_t>(found->second)]);
        if (!m_options.streams)
            m_cache.emplace(name, tensor);
        return tensor;
    }
    if (const auto tied = m_tied.find(name); tied != m_tied.end() && (m_found.contains(tied->second) || m_shapes.contains(tied->second)))
        return (*this)(tied->second);
    if (!m_options.initialisesMissing || !m_shapes.contains(name))
        throw RunFailure(Error("missing-tensors", fmt::format("The model needs the tensor {}, which the checkpoint does not hold.", shown(name))));
    // kept even when the rest is streamed: it has to be the same the next time
    return m_cache.emplace(name, initialValues(name)).first->second;
}

at::Tensor Weights::read(const TensorInfo& tensor) const
{
    const Decoder* decoder = decoderOf(tensor.dtype);
    if (!decoder)
        throw RunFailure(Error("bad-dtype", fmt::format("The tensor {} is of type {}, which cannot be read as numbers.", shown(tensor.name), tensor.dtypeName())));
    if (tensor.elements() > 0 && tensor.storage.kind == StorageKind::Raw && nbytesOf(tensor.dtype, tensor.elements()).value_or(0) > m_checkpoint->shards[tensor.storage.shard].source->nbytes())
        throw RunFailure(Error("truncated", fmt::format("The tensor {} is longer than its file.", shown(tensor.name))));
    at::Tensor out = at::empty(tensor.shape, at::TensorOptions(at::kFloat));
    const std::span<float> all(out.data_ptr<float>(), static_cast<size_t>(tensor.elements()));
    size_t done = 0;
    const auto reading = readTensor(*m_checkpoint, tensor, m_job, [&](std::span<const std::byte> block) {
        const size_t count = decoder->values(block.size());
        if (count > all.size() - done)
            return false;
        done += decode(*decoder, block, all.subspan(done, count));
        return true;
    });
    if (!reading)
        throw RunFailure(reading.error());
    if (done != all.size())
        throw RunFailure(Error("truncated", fmt::format("The tensor {} has {} values, not {}.", shown(tensor.name), done, all.size())));
    m_readNbytes += tensor.nbytes();
    return out.to(m_options.device, m_options.dtype);
}

at::Tensor Weights::initialValues(const std::string& name) const
{
    const Shape& shape = m_shapes.at(name);
    const std::string lower = lowered(name);
    const bool isNorm = lower.find("norm") != std::string::npos || lower.find("ln_") != std::string::npos;
    at::Tensor out = name.ends_with("bias") ? at::zeros(shape) : isNorm ? at::ones(shape) : at::randn(shape) * initialStd;
    return out.to(m_options.device, m_options.dtype);
}

void Weights::load()
{
    if (m_options.streams || m_options.quantizes)
        return;
    uint64_t total = 0;
    for (const auto& [name, index] : m_found)
        total += m_checkpoint->tensors[static_cast<size_t>(index)].nbytes();
    for (const std::string& name : m_order) {
        if (!m_found.contains(name))
            continue;
        static_cast<void>((*this)(name));
        m_job.report({"Loading", m_readNbytes, total});
    }
}

} // namespace weighbridge::inference
