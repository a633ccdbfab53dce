// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/remote/remote_state.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What Weighbridge says to `weighbridge-cli serve --stdio` on another machine, in frames (core/base/worker_channel.h), and what that answers.
///
/// Requests: {"command", "path", ...}; a path is percent-encoded, so that any name is JSON. The last frame of an answer has "done" or "error".
///   hello       {"protocol"}: {"protocol", "version", "capabilities"}
///   stat        {"path", "kind", "state", "target"}: what is there
///   list        {"names": [{"name", "kind", "nbytes", "changed"}...]}, any number of them; the first has "begins"
///   read        with "offset" and "count": {"path", "kind", "state"} of the file, then bytes
///   open        opens the checkpoint there and sends what reading its header asked for: {"begins", "path"} without ~, then any number of what stat and list
///               answer (names with their folder's "path") and of {"bytes": offset, "path"} followed by the bytes
///   statistics  with "checkpoint" (checkpointKey()), "hints" and "tensors": any number of analysesToValue()
///   sha256      with "checkpoint": {"sha256": [...]} of the tensors in their order, any number of them; the first has "begins"
///   checksums   with "checkpoint": "nbytes" that were compared in the last document
///   file-sha256 "sha256" in the last document
///   difference  with "checkpoint", "other" and "other_checkpoint" (another path and its key), "pairs" as toValue() of
///   core/comparison/host_difference.h, "atol", "rtol": any number of {"pairs": [...]} low-rank    the same of one pair: "rank" in the last document,
///   if lowRankOf() gives one devices     "answer" in the last document: what listInferenceDevices() gives run         with "request" for an
///   inference worker of that machine, and "files": the bytes in base64 of its "image" or "config" where these lie here; "answer" in the last
///   document
/// A "checkpoint" that is another there is Error otherCheckpoint. While it works the server sends {"progress": {"done", "total"}, "what"}, and places
/// as signs of life.
namespace weighbridge::host {

inline constexpr int64_t protocol = 1;
inline constexpr uint64_t requestNbytes = 32 << 20;     ///< longest request
inline constexpr uint64_t frameNbytes = 1 << 20;        ///< of bytes that are sent at once
inline constexpr uint64_t rangeNbytes = 16 << 20;       ///< longest range of one request
inline constexpr uint64_t sentAheadNbytes = 48 << 20;   ///< of one `open`: fewer than BlockCache keeps
inline constexpr size_t namesMaximum = 100'000;         ///< of a folder
inline constexpr std::string_view otherCheckpoint = "other-checkpoint";
inline constexpr size_t namesAtOnce = 1000;

enum class EntryKind : uint8_t { Absent, File, Folder, Other };

/// What lies at a path there.
struct Entry {
    EntryKind kind = EntryKind::Absent;
    RemoteState state;  ///< of a file
    std::string target; ///< where it is when all links are followed; empty if absent
};

/// A name in a folder.
struct Name {
    std::string name; ///< bytes, as the file system has it
    EntryKind kind = EntryKind::Other;
    uint64_t nbytes = 0;
    int64_t changed = 0;        ///< seconds since 1970; 0: not told
    bool leadsToFolder = false; ///< a link to one: of kind Other, since no reader follows it
};

[[nodiscard]] std::string encodedPath(std::string_view path);

[[nodiscard]] Value toValue(const RemoteState& state);
[[nodiscard]] RemoteState stateFrom(const Value& value);
/// One frame of what a server says of a path.
[[nodiscard]] Value toValue(const std::string& path, const Entry& entry);
[[nodiscard]] Value toValue(const Name& name);

/// From a stranger: nothing where it makes no sense (a name with a slash, a negative size, ...).
[[nodiscard]] std::optional<Entry> entryFrom(const Value& value);
[[nodiscard]] std::optional<std::vector<Name>> namesFrom(const Value& value);
/// A number that is no negative one under a key.
[[nodiscard]] std::optional<uint64_t> numberIn(const Value& value, std::string_view key);
[[nodiscard]] std::string textIn(const Value& value, std::string_view key);

} // namespace weighbridge::host
