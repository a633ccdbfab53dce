// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t seedNbytes = 64 * 1024; ///< larger files make slow inputs, not better ones

} // namespace

std::string textOf(FuzzBytes bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void require(bool isSo, const char* promise)
{
    if (isSo)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

std::function<std::vector<std::string>(const std::string&, FuzzBytes)> wholeFiles(std::function<bool(const std::string&, FuzzBytes)> accepts)
{
    return [accepts = std::move(accepts)](const std::string& path, FuzzBytes bytes) {
        return accepts(path, bytes) ? std::vector<std::string>{textOf(bytes)} : std::vector<std::string>{};
    };
}

std::vector<FuzzTarget> everyFuzzTarget()
{
    std::vector<FuzzTarget> out = formatFuzzTargets();
    for (const FuzzTarget* target : allFuzzTargets())
        out.push_back(*target);
    return out;
}

std::vector<std::string> seedsBelow(const FuzzTarget& target, const std::string& folder)
{
    std::vector<std::string> out;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
        if (!entry.is_regular_file() || entry.file_size() == 0 || entry.file_size() > seedNbytes)
            continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
        for (std::string& seed : target.seedsOf(entry.path().string(), std::as_bytes(std::span(bytes))))
            out.push_back(std::move(seed));
    }
    return out;
}

} // namespace weighbridge
