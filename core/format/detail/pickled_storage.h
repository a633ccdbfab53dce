// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/detail/pickle.h"
#include "core/format/detail/torch_dtypes.h"

namespace weighbridge {

/// A storage in a pickle that pickle.dump() wrote, not torch.save(): the bytes of a whole legacy file of torch.save, whose object is the storage.
struct PickledStorage {
    TorchDType type;
    SourcePtr source;    ///< the legacy file
    uint64_t offset = 0; ///< of the first value in it
    uint64_t nbytes = 0;
    std::optional<uint64_t> pickleOffset; ///< of the legacy file in the pickle's source; nothing if its bytes are encoded there
};

/// Whether a node is such a storage: a call of torch.storage._load_from_bytes.
bool isPickledStorage(const Pickle& pickle, PickleId id);
/// Errors: corrupt, truncated, bad-dtype, bad-shape, unsafe-pickle (it holds anything but a storage), and those of pickles.
Result<PickledStorage> readPickledStorage(const Pickle& pickle, PickleId id, JobContext& job);
/// Whether the pickle calls torch.storage._load_from_bytes, which is torch.load, and any of these calls would load anything but a storage.
bool loadsOtherObjects(const Pickle& pickle, JobContext& job);

} // namespace weighbridge
