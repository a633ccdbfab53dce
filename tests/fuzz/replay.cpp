// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Parses, without a fuzzer, the inputs that once broke a parser (tests/data/fuzz/TARGET/*) and those that each target starts from. What breaks ends
// the process.

#include "tests/fuzz/fuzz_target.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace fs = std::filesystem;

int main()
{
    const fs::path data(WEIGHBRIDGE_SOURCE_DIR "/tests/data");
    for (const weighbridge::FuzzTarget& target : weighbridge::everyFuzzTarget()) {
        size_t count = 0;
        const auto parse = [&](const std::string& input) {
            ++count;
            target.parse(std::as_bytes(std::span(input)));
        };
        const fs::path findings = data / "fuzz" / target.name;
        if (fs::is_directory(findings))
            for (const fs::directory_entry& entry : fs::directory_iterator(findings)) {
                std::printf("%s\n", entry.path().c_str());
                std::fflush(stdout); // the last line names what breaks
                std::ifstream stream(entry.path(), std::ios::binary);
                parse({std::istreambuf_iterator<char>(stream), {}});
            }
        for (const std::string& seed : weighbridge::seedsBelow(target, data.string()))
            parse(seed);
        std::printf("%s: %zu inputs\n", target.name.c_str(), count);
    }
    return 0;
}
