// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"

#include <bit>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge::test {

/// A checkpoint whose values lie in memory, tensor by tensor.
class CheckpointBuilder {
public:
    CheckpointBuilder& add(std::string name, Shape shape, const std::vector<float>& values) { return addBytes(std::move(name), DType::F32, std::move(shape), std::as_bytes(std::span(values))); }
    CheckpointBuilder& addBfloats(std::string name, Shape shape, const std::vector<float>& values)
    {
        std::vector<uint16_t> halves;
        for (const float value : values)
            halves.push_back(uint16_t((std::bit_cast<uint32_t>(value) + 0x7fff + ((std::bit_cast<uint32_t>(value) >> 16) & 1)) >> 16));
        return addBytes(std::move(name), DType::BF16, std::move(shape), std::as_bytes(std::span(halves)));
    }
    CheckpointBuilder& addBytes(std::string name, DType dtype, Shape shape, std::span<const std::byte> bytes)
    {
        TensorInfo tensor;
        tensor.name = std::move(name);
        tensor.dtype = dtype;
        tensor.shape = std::move(shape);
        tensor.storage = {StorageKind::Raw, 0, m_bytes.size(), bytes.size(), 0, false, {}};
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
        m_checkpoint.tensors.push_back(std::move(tensor));
        return *this;
    }
    TensorInfo& last() { return m_checkpoint.tensors.back(); }
    CheckpointPtr build(const std::string& format = "safetensors")
    {
        m_checkpoint.path = "/memory"; // absolute: a report names its folder
        m_checkpoint.format = format;
        m_checkpoint.shards.push_back({"memory", "safetensors", memorySource(std::move(m_bytes), "memory")});
        return std::make_shared<const Checkpoint>(std::move(m_checkpoint));
    }

private:
    Checkpoint m_checkpoint;
    std::vector<std::byte> m_bytes;
};

} // namespace weighbridge::test
