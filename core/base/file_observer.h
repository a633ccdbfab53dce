// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>

namespace weighbridge {

class ByteSource;

/// Told what a thread asks of this machine's file system, for as long as it lives: whoever does the same elsewhere can be given the answers beforehand.
/// One at a time in a thread.
class FileObserver {
public:
    FileObserver() { current = this; }
    virtual ~FileObserver() { current = nullptr; }
    FileObserver(const FileObserver&) = delete;
    FileObserver& operator=(const FileObserver&) = delete;

    virtual void asked(const std::string& path) = 0;    ///< whether there is such a file or folder
    virtual void listed(const std::string& folder) = 0; ///< which files it has
    virtual void read(const ByteSource& file, uint64_t offset, uint64_t nbytes) = 0;

    /// This thread's; null if there is none.
    static FileObserver* ofThisThread() { return current; }

private:
    inline static thread_local FileObserver* current = nullptr;
};

} // namespace weighbridge
