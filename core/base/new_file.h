// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace weighbridge {

/// A file that appears under its name only when it is whole: it is written beside its place and renamed at the end, in the place of a file
/// that had the name. Whatever fails before leaves nothing behind. A device or pipe (/dev/stdout) is written as it is. One thread.
/// For what must never replace anything, see OutputFile.
class NewFile {
public:
    static Result<NewFile> create(const std::string& path);
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile(); ///< drops what was not finished

    /// Errors: disk-full, unwritable.
    Result<void> write(std::span<const std::byte> bytes);
    Result<void> write(std::string_view text) { return write(std::as_bytes(std::span(text))); }
    /// Brings the bytes to the disk and gives the file its name.
    Result<void> finish();

private:
    NewFile(std::string path, std::string temporaryPath, int descriptor);

    std::string m_path;
    std::string m_temporaryPath; ///< empty: m_path itself is written
    int m_descriptor = -1;
};

/// What the system's error number of a write, open or rename means here: disk-full, exists, unwritable.
[[nodiscard]] Error writeError(const std::string& path, int number);

} // namespace weighbridge
