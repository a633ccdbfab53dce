// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/comparison/comparison.h"
#include "core/base/job_context.h"

#include <ATen/ATen.h>

#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

namespace weighbridge::inference {

/// Carries an Error out of the middle of a forward pass; runModel() turns it back into a Result. Never leaves this folder.
struct RunFailure : std::exception {
    explicit RunFailure(Error error_) : error(std::move(error_)) {}
    [[nodiscard]] const char* what() const noexcept override { return error.message.c_str(); }
    Error error;
};

struct WeightOptions {
    at::ScalarType dtype = at::kFloat;
    at::Device device = at::kCPU;
    bool quantizes = false;          ///< linear layers in int8
    bool streams = false;            ///< read each tensor when it is needed and forget it again
    bool initialisesMissing = false; ///< what is missing or of another shape gets its initialiser's values
};

/// A matrix as signed bytes: values = scale * bytes.
struct QuantizedMatrix {
    at::Tensor bytes; ///< int8
    double scale = 1;
};

/// x W^T + b as PyTorch's dynamic quantization computes it: W in int8 with one scale, x rounded to 7 bits of its own range, both exact in the
/// products; `bias` may be undefined. The multiplication itself is done in F32, since not every libtorch has integer kernels.
[[nodiscard]] at::Tensor quantizedLinear(const at::Tensor& x, const QuantizedMatrix& weight, const at::Tensor& bias);

/// The tensors of a model by the names that its class expects, read from the checkpoint with core's readers.
class Weights {
public:
    Weights(CheckpointPtr checkpoint, const ExpectedModel& expected, const Comparison& comparison, WeightOptions options, JobContext& job);

    /// Throws RunFailure if the tensor cannot be had. One thread.
    [[nodiscard]] at::Tensor operator()(const std::string& name) const;
    /// The same, rounded to int8.
    [[nodiscard]] QuantizedMatrix quantized(const std::string& name) const;
    /// Whether the model's class has such a tensor.
    [[nodiscard]] bool expects(const std::string& name) const { return m_shapes.contains(name); }
    [[nodiscard]] bool expectsBelow(const std::string& prefix) const;
    /// Reads all that is neither streamed nor quantized, which is read in the first pass. Throws RunFailure.
    void load();

    [[nodiscard]] const std::vector<std::string>& initialised() const { return m_initialised; }
    [[nodiscard]] uint64_t readNbytes() const { return m_readNbytes; }
    [[nodiscard]] const WeightOptions& options() const { return m_options; }

private:
    [[nodiscard]] at::Tensor read(const TensorInfo& tensor) const;
    [[nodiscard]] at::Tensor initialValues(const std::string& name) const;

    CheckpointPtr m_checkpoint;
    WeightOptions m_options;
    JobContext& m_job;
    std::unordered_map<std::string, Shape> m_shapes;
    std::vector<std::string> m_order;
    std::unordered_map<std::string, int> m_found;        ///< index into the checkpoint's tensors
    std::unordered_map<std::string, std::string> m_tied; ///< where a tensor without values of its own has them
    mutable std::unordered_map<std::string, at::Tensor> m_cache;
    mutable std::unordered_map<std::string, QuantizedMatrix> m_quantized;
    std::vector<std::string> m_initialised;
    mutable uint64_t m_readNbytes = 0;
};

/// Names below a prefix: `scope("self.query")` is `encoder.layer.0.attention.` and that.
class Scope {
public:
    Scope(const Weights& weights, std::string prefix) : m_weights(&weights), m_prefix(std::move(prefix)) {}
    [[nodiscard]] Scope operator/(const std::string& name) const { return {*m_weights, m_prefix.empty() ? name : m_prefix + "." + name}; }
    [[nodiscard]] at::Tensor tensor(const std::string& name) const { return (*m_weights)((*this / name).m_prefix); }
    [[nodiscard]] QuantizedMatrix quantized(const std::string& name) const { return m_weights->quantized((*this / name).m_prefix); }
    [[nodiscard]] bool isQuantized() const { return m_weights->options().quantizes; }
    [[nodiscard]] bool has(const std::string& name) const { return m_weights->expects((*this / name).m_prefix); }

private:
    const Weights* m_weights;
    std::string m_prefix;
};

} // namespace weighbridge::inference
