// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace weighbridge {

struct Checkpoint;

/// Why something could not be done: one sentence for a person, and the facts it rests on.
/// `rule` is a word of the vocabulary that findings use too (truncated, corrupt, git-lfs-pointer, ...).
struct Error {
    std::string rule;
    std::string message;                 ///< what, where, expected, found: one or two sentences, plain text
    std::string path;                    ///< the file that it is about; empty if none
    std::optional<uint64_t> offset;      ///< byte in that file, from its start
    std::string expected;
    std::string found;
    std::string readable;                ///< what of the file can still be read
    std::string fix;                     ///< what to do
    std::shared_ptr<const Checkpoint> partial; ///< of opening a cut file: the checkpoint as far as it can be read, TensorInfo::isLost for the rest; else null

    Error() = default;
    Error(std::string rule_, std::string message_) : rule(std::move(rule_)), message(std::move(message_)) {}

    /// Fluent setters, so that a return statement reads as one sentence.
    Error&& at(std::string path_) && { path = std::move(path_); return std::move(*this); }
    Error&& atByte(uint64_t byte) && { offset = byte; return std::move(*this); }
    Error&& expecting(std::string text) && { expected = std::move(text); return std::move(*this); }
    Error&& finding(std::string text) && { found = std::move(text); return std::move(*this); }
    Error&& stillReadable(std::string text) && { readable = std::move(text); return std::move(*this); }
    Error&& fixedBy(std::string text) && { fix = std::move(text); return std::move(*this); }
};

} // namespace weighbridge
