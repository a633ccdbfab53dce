// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/job_context.h"
#include "core/base/source_reader.h"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

/// One entry of a table, in the order of the keys. `values` is the file, or an unpacked block if `isUnpacked`.
struct TableEntry {
    std::string_view key;
    const ByteSource& values;
    uint64_t offset = 0;
    uint64_t nbytes = 0;
    bool isUnpacked = false;
};

/// A sorted table of LevelDB, as the indices of TensorFlow's checkpoints are. Blocks up to checkedBlockNbytes are compared with their
/// checksum before they are read; larger ones (values of V1 checkpoints) only by verify(), since only their keys are read.
/// Layout: https://github.com/google/leveldb/blob/main/doc/table_format.md
class SortedTable {
public:
    static constexpr uint64_t checkedBlockNbytes = 1024 * 1024;
    static constexpr uint64_t footerNbytes = 48;

    /// Reads the footer and the index block. Errors: truncated, corrupt, checksum.
    static Result<SortedTable> open(SourcePtr source);

    using Take = std::function<Result<void>(const TableEntry&)>;
    /// Calls `take` for each entry. Errors: corrupt, checksum, duplicate-key, truncated, cancelled, or that of `take`.
    Result<void> eachEntry(JobContext& job, const Take& take) const;
    /// Compares every block with its checksum: the bytes compared.
    [[nodiscard]] Result<uint64_t> verify(JobContext& job) const;

private:
    struct Block {
        uint64_t offset = 0;
        uint64_t nbytes = 0; ///< without the five bytes behind it: its type and its checksum
    };
    /// Where a walk over the entries stands.
    struct Cursor {
        std::string key;
        uint64_t keysNbytes = 0; ///< of all keys so far: a shared start makes them far longer than the file
    };
    explicit SortedTable(SourcePtr source) : m_source(std::move(source)) {}
    [[nodiscard]] Error error(std::string rule, std::string message, uint64_t offset) const;
    Result<Block> readHandle(SourceReader& reader) const;
    Result<void> readIndex(Block index);
    [[nodiscard]] Result<uint8_t> typeOf(Block block) const;
    [[nodiscard]] Result<void> verifyBlock(Block block, JobContext& job) const;
    Result<void> eachEntryOf(Block block, JobContext& job, Cursor& cursor, const Take& take) const;
    Result<void> walk(const ByteSource& values, uint64_t start, uint64_t nbytes, bool isUnpacked, Cursor& cursor, const Take& take) const;

    SourcePtr m_source;
    std::vector<Block> m_blocks;
};

/// Whether a source ends as such a table does.
bool endsAsSortedTable(const ByteSource& source);

} // namespace weighbridge
