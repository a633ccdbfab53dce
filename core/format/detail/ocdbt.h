// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A value of an OCDBT database: a range of one of its data files, or bytes that stand in the tree itself.
struct OcdbtValue {
    std::string file;                ///< relative to the database's folder; empty: the bytes are in `inlined`
    uint64_t offset = 0;
    uint64_t nbytes = 0;
    std::vector<std::byte> inlined;
};

/// The newest version of an OCDBT database, a B+tree of keys and values in a folder. Blocks are compared with their CRC-32C before they are read.
/// Layout: https://google.github.io/tensorstore/kvstore/ocdbt/index.html#storage-format
class Ocdbt {
public:
    /// Reads manifest.ocdbt. Errors: missing-shard, truncated, corrupt, checksum, unsupported-version, resource-bomb.
    static Result<Ocdbt> open(const std::string& folder);

    using Take = std::function<Result<void>(std::string key, OcdbtValue value)>;
    /// Calls `take` for the keys that begin with `prefix`, in their order. Errors: as open(), path-traversal, cancelled, or that of `take`.
    Result<void> eachEntry(std::string_view prefix, JobContext& job, const Take& take) const;

    [[nodiscard]] uint64_t generation() const { return m_generation; } ///< the version's number; 0: nothing was ever written

private:
    /// Where a node of the tree lies.
    struct Place {
        std::string file;       ///< relative to the folder; empty: there is no node
        std::string base;       ///< its part that the files of its children begin with too
        uint64_t offset = 0;
        uint64_t nbytes = 0;
    };
    struct Node {
        Place place;
        unsigned height = 0;
        std::string prefix;     ///< of all its keys
    };
    struct Walk;
    class Reader;

    explicit Ocdbt(std::string folder) : m_folder(std::move(folder)) {}
    Result<void> readManifest();
    Result<void> visit(const Node& node, Walk& walk) const;
    Result<void> visitChildren(const Node& node, Reader& reader, Walk& walk) const;
    Result<void> visitEntries(const Node& node, Reader& reader, Walk& walk) const;

    std::string m_folder;
    Node m_root;
    uint64_t m_generation = 0;
};

} // namespace weighbridge
