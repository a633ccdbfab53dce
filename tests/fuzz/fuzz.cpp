// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// weighbridge-fuzz, a program of libFuzzer (https://llvm.org/docs/LibFuzzer.html) for all parsers. WEIGHBRIDGE_FUZZ_TARGET says which one it is
// this time. Its own options: --list prints the targets, --seeds OUT DIR... writes the inputs that a target starts from.

#include "tests/fuzz/fuzz_target.h"

#include "core/base/sha256.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

FuzzTarget chosen()
{
    const char* const name = std::getenv("WEIGHBRIDGE_FUZZ_TARGET");
    const auto targets = everyFuzzTarget();
    const auto found = std::find_if(targets.begin(), targets.end(), [name](const FuzzTarget& target) { return name && target.name == name; });
    if (found == targets.end()) {
        std::fprintf(stderr, "WEIGHBRIDGE_FUZZ_TARGET names no target; --list prints them.\n");
        std::exit(2);
    }
    return *found;
}

void writeSeeds(const fs::path& folder, std::span<char*> roots)
{
    const FuzzTarget target = chosen();
    fs::create_directories(folder);
    for (const char* root : roots)
        for (const std::string& seed : seedsBelow(target, root)) {
            Sha256 hash;
            hash.update(std::as_bytes(std::span(seed)));
            std::ofstream(folder / hash.finish().substr(0, 16), std::ios::binary) << seed;
        }
}

} // namespace
} // namespace weighbridge

extern "C" int LLVMFuzzerInitialize(int* count, char*** words)
{
    const std::span<char*> all(*words, static_cast<size_t>(*count));
    const std::string_view option = all.size() > 1 ? all[1] : "";
    if (option == "--list") {
        for (const weighbridge::FuzzTarget& target : weighbridge::everyFuzzTarget())
            std::puts(target.name.c_str());
        std::exit(0);
    }
    if (option == "--seeds" && all.size() > 3) {
        weighbridge::writeSeeds(all[2], all.subspan(3));
        std::exit(0);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t nbytes)
{
    static const weighbridge::FuzzTarget target = weighbridge::chosen();
    target.parse(std::as_bytes(std::span(data, nbytes)));
    return 0;
}
