// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/detail/torch_tensors.h"

#include <unordered_map>

namespace weighbridge {

/// Storages that lie one after the other in a file, each after its element count (a legacy stream, or the `storages` of a tar file).
class LegacyStorages final : public TorchStorages {
public:
    struct Block {
        uint64_t offset = 0;   ///< of the first value, in the shard
        uint64_t nbytes = 0;
        TorchDType type;
    };
    void add(std::string key, Block block) { m_blocks.emplace(std::move(key), block); }
    /// tar files name whole tensors too
    void addTensor(std::string key, TensorInfo tensor) { m_tensorsByKey.emplace(std::move(key), std::move(tensor)); }
    [[nodiscard]] const Block* block(const std::string& key) const;
    /// Whether bytes of the pickle can be read from the shard as they lie there.
    void setPickleIsInShard(bool value) { m_pickleIsInShard = value; }

    [[nodiscard]] Result<TorchStorage> storage(const Pickle& pickle, PickleId persistent) const override;
    [[nodiscard]] std::optional<TensorInfo> tensor(const Pickle& pickle, PickleId id) const override;
    [[nodiscard]] std::optional<Storage> pickleBytes(uint64_t offset, uint64_t nbytes) const override;

private:
    std::unordered_map<std::string, Block> m_blocks;
    std::unordered_map<std::string, TensorInfo> m_tensorsByKey;
    bool m_pickleIsInShard = true;
};

} // namespace weighbridge
