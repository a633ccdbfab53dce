// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/config.h"
#include "core/base/device.h"
#include "core/checkpoint/checkpoint.h"
#include "core/comparison/comparison.h"

#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge {

/// What loading, running and training a model takes, in bytes. Weights are exact, the rest is an upper bound of the tensors that
/// live at one time; a framework's own memory (some hundred MiB) is not counted.
struct MemoryNeed {
    uint64_t parameters = 0;
    uint64_t asStored = 0;    ///< the weights with the dtypes of the file; storages that tensors share count once
    uint64_t float32 = 0;
    uint64_t float16 = 0;     ///< or bfloat16
    uint64_t int8 = 0;        ///< one byte per weight and a float32 scale per row of 128 or more
    uint64_t int4 = 0;        ///< half a byte per weight and a float32 scale per 64 of them (NF4)
    uint64_t trainingAdam = 0; ///< float32 weights, gradients and two moments: 16 bytes per parameter
    uint64_t optimizerState = 0; ///< bytes of the file that are an optimizer's
    uint64_t activations = 0; ///< of one forward pass of batch x length, float32; 0: the config does not say
    uint64_t keysAndValues = 0; ///< the cache of a decoder for batch x length, 2 bytes per number; 0: none, or not known
    uint64_t batch = 1;
    uint64_t length = 512;
};

/// `config` may be null: then only the weights are known.
[[nodiscard]] MemoryNeed memoryNeed(const Checkpoint& checkpoint, const Config* config);

/// One use of the model, what it takes, and whether that is there.
struct MemoryLine {
    std::string use;    ///< "bfloat16", "train with Adam"
    uint64_t nbytes = 0;
    bool fits = true;   ///< into `available`
};
/// From loading it as stored to training it, each with what it takes in all. `available` in bytes; 0: not known, then all fit.
[[nodiscard]] std::vector<MemoryLine> memoryLines(const MemoryNeed& need, uint64_t available);

/// What one device has room for: of its free memory, or of all of it where the driver does not say what is free.
struct DeviceRoom {
    uint64_t nbytes = 0;                ///< free or total; 0: not known
    bool isFree = true;                 ///< `nbytes` is what is free
    std::vector<std::string> tooLarge;  ///< uses of memoryLines() that take more
    bool holdsAny = true;               ///< at least one of them fits
};
[[nodiscard]] DeviceRoom deviceRoom(const MemoryNeed& need, const Device& device);

} // namespace weighbridge
