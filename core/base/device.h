// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weighbridge {

/// Something that a model can run on, or the reason why it cannot.
struct Device {
    std::string id;                       ///< "cpu", "cuda:0", "mps"; "cuda" if there is none of the kind
    std::string kind;                     ///< "cpu", "cuda", "mps"
    std::string name;                     ///< as its maker calls it
    std::string capability;               ///< CUDA compute capability "8.6"; empty elsewhere
    std::optional<uint64_t> memoryTotal;  ///< bytes
    std::optional<uint64_t> memoryFree;   ///< bytes; of the CPU: what can be had without swapping
    std::string reason;                   ///< why it is not available; empty: it is
};

/// The processor and the main memory: known without libtorch.
Device cpuDevice();

} // namespace weighbridge
