// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/legacy_storages.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace weighbridge {

const LegacyStorages::Block* LegacyStorages::block(const std::string& key) const
{
    const auto found = m_blocks.find(key);
    return found == m_blocks.end() ? nullptr : &found->second;
}

Result<TorchStorage> LegacyStorages::storage(const Pickle& pickle, PickleId persistent) const
{
    const auto id = storageIdOf(pickle, persistent);
    if (!id)
        return tl::unexpected(id.error());
    const Block* found = block(id->key);
    const auto error = [&](std::string rule, std::string message) { return failure(Error(std::move(rule), std::move(message)).at(pickle.source()->path()).atByte(pickle[persistent].offset)); };
    if (!found)
        return error("corrupt", fmt::format("The storage {}, which holds its values, is missing from the file.", shown(id->key, 60)));
    if (found->nbytes < id->nbytes)
        return error("bad-shape", fmt::format("The storage {} should have a size of {} bytes, but the file has {} bytes for it.", shown(id->key, 60), id->nbytes, found->nbytes));
    TorchStorage out{id->type, {}};
    out.where.offset = found->offset + id->viewOffset.value_or(0);
    out.where.nbytes = id->viewOffset ? id->viewNbytes : found->nbytes;
    out.where.key = id->key;
    return out;
}

std::optional<TensorInfo> LegacyStorages::tensor(const Pickle& pickle, PickleId id) const
{
    const auto parent = pickle.children(id);
    const auto key = parent.empty() ? std::nullopt : pickledKey(pickle, parent[0]);
    const auto found = key ? m_tensorsByKey.find(*key) : m_tensorsByKey.end();
    return found == m_tensorsByKey.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Storage> LegacyStorages::pickleBytes(uint64_t offset, uint64_t nbytes) const
{
    if (!m_pickleIsInShard)
        return std::nullopt;
    Storage out;
    out.offset = offset;
    out.nbytes = nbytes;
    return out;
}

} // namespace weighbridge
