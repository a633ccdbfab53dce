// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <string>
#include <utility>

namespace weighbridge {

/// A folder beside `target` in which something is made ready. It is removed with all that is in it unless it is published.
/// Errors: exists, unwritable.
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

/// Error exists unless nothing has that name yet, or an empty folder has.
Result<void> expectVacant(const std::string& path);

} // namespace weighbridge
