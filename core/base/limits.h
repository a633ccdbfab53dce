// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>

/// The caps on what a file may ask for, in one table. Each has a message of its own where it is applied.
namespace weighbridge::limits {

inline constexpr uint64_t MiB = 1024 * 1024;
inline constexpr uint64_t GiB = 1024 * MiB;

inline constexpr uint64_t headerNbytes = 512 * MiB;        ///< a safetensors header (the official reader stops at 100 MB)
inline constexpr uint64_t officialHeaderNbytes = 100'000'000; ///< ... which is what other readers accept
inline constexpr uint64_t jsonNbytes = 512 * MiB;
inline constexpr size_t jsonDepth = 256;
inline constexpr size_t yamlNodes = 1'000'000;
inline constexpr uint64_t yamlNbytes = 16 * MiB;
inline constexpr size_t pickleDepth = 1000;
inline constexpr uint64_t pickleOpcodes = 50'000'000;
inline constexpr size_t pickleObjects = 10'000'000;
inline constexpr double pickleUnfolded = 1e9;              ///< objects, if every reference were a copy
inline constexpr size_t tensors = 2'000'000;
inline constexpr uint64_t zipEntries = 4'000'000;
inline constexpr uint64_t verifiedAtOnceNbytes = 16 * MiB; ///< archives up to this size have all their checksums compared while opening
inline constexpr uint64_t checkedAtOnceNbytes = 32 * MiB;  ///< a check of a checkpoint up to this size looks at the values without being asked
inline constexpr uint64_t inflatedEntryNbytes = 1 * GiB;   ///< of a compressed entry that must be held in memory
inline constexpr uint64_t bombRatio = 1000;                ///< declared over stored, from ...
inline constexpr uint64_t bombNbytes = 256 * MiB;          ///< ... this size on, is a decompression bomb
inline constexpr size_t nameNbytes = 65536;                ///< longer names are shown cut
inline constexpr size_t dimensions = 64;
inline constexpr uint64_t tokenizerTextNbytes = 16 * MiB;  ///< a text, at each step of its way to tokens
inline constexpr uint64_t tokenizerNbytes = 256 * MiB;      ///< a file of a tokenizer
inline constexpr size_t addedTokens = 100'000;              ///< that a tokenizer recognises in the raw text
inline constexpr uint64_t packedPartNbytes = 2 * GiB;       ///< of a quantized weight whose numbers must be held in memory to be unpacked
inline constexpr uint64_t blockNbytes = 4 * MiB;           ///< values are read in blocks of this size

} // namespace weighbridge::limits
