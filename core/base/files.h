// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What lies where, on this machine or at an address (core/remote/address.h). Paths are joined as std::filesystem::path does it.
/// Addresses may take time: wrap what calls these in InterruptibleReads. Any thread but the GUI's.
namespace weighbridge {

struct FoundFile {
    std::string path;
    uint64_t nbytes = 0;
};

/// From the root; an address stays as it is.
[[nodiscard]] std::string absolutePath(const std::string& path);
[[nodiscard]] bool isFile(const std::string& path);
/// Those of the paths at which a file is, in their order. A web server is asked for all of them at once.
[[nodiscard]] std::vector<std::string> filesAmong(std::vector<std::string> paths);
[[nodiscard]] bool isFolder(const std::string& path);
/// Whether what is read of a file moves over a network: it lies at an address, or another machine is sent what this thread reads (FileObserver).
/// What is good to know but needs all the bytes is left out then.
[[nodiscard]] bool movesOverNetwork(const std::string& path);
/// Where something is when all links are followed; empty if there is nothing. What a web server or the hub has is no link.
[[nodiscard]] std::string targetOf(const std::string& path);
/// The regular files of a folder, in any order. A web server does not list its folders: there, those of `usualNames` that it has.
[[nodiscard]] std::vector<FoundFile> filesIn(const std::string& folder, std::span<const std::string_view> usualNames);
/// The names of the folders in a folder, in any order; links to folders are none. Empty at an address of a web server.
[[nodiscard]] std::vector<std::string> foldersIn(const std::string& folder);
/// Calls `take` with the regular files in a folder and in the folders below, at most `deepest` of them below each other, until it returns false.
void eachFileBelow(const std::string& folder, int deepest, const std::function<bool(const FoundFile& file)>& take);

} // namespace weighbridge
