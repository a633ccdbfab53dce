// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weighbridge {

/// A new file that is being written. It must not exist; nothing is ever written over. What the caller does not close() is still there
/// afterwards: whoever writes several files puts them into an UnfinishedFolder. Errors: exists, disk-full, unwritable.
class OutputFile {
public:
    static Result<OutputFile> create(const std::string& path);
    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    ~OutputFile();

    Result<void> write(std::span<const std::byte> bytes);
    Result<void> write(std::string_view text);
    /// Waits until the disk has it.
    Result<void> close();
    [[nodiscard]] uint64_t nbytes() const { return m_nbytes; }

private:
    OutputFile(int descriptor, std::string path) : m_descriptor(descriptor), m_path(std::move(path)) {}
    int m_descriptor = -1;
    std::string m_path;
    uint64_t m_nbytes = 0;
};

/// A folder beside `target` in which something is made ready. It is removed with all that is in it unless it is published.
class UnfinishedFolder {
public:
    static Result<UnfinishedFolder> besides(const std::string& target);
    UnfinishedFolder(UnfinishedFolder&& other) noexcept;
    UnfinishedFolder& operator=(UnfinishedFolder&&) = delete;
    ~UnfinishedFolder();

    [[nodiscard]] const std::string& path() const { return m_path; }
    /// Makes the whole folder, or one `file` of it, appear under the target's name, at once. Error exists if something is there by now;
    /// an empty folder may be.
    Result<void> publish();
    Result<void> publishFile(const std::string& file);

private:
    UnfinishedFolder(std::string path, std::string target) : m_path(std::move(path)), m_target(std::move(target)) {}
    std::string m_path;
    std::string m_target;
};

/// What the system's error number of a write, open or rename means here: disk-full, exists, unwritable.
[[nodiscard]] Error writeError(const std::string& path, int number);

/// Error exists unless nothing has that name yet, or an empty folder has.
Result<void> expectVacant(const std::string& path);

} // namespace weighbridge
