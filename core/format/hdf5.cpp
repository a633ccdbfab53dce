// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// HDF5 of any writer. The library runs in the program weighbridge-hdf5; see detail/hdf5_client.h.
#include "core/format/format.h"

#include "core/format/detail/hdf5_superblock.h"
#include "core/format/detail/keras_model.h"

namespace weighbridge {
namespace {

class Hdf5 final : public Format {
public:
    FormatInfo info() const override { return {"hdf5", "HDF5", {".h5", ".hdf5"}}; }
    bool probe(const Candidate& candidate) const override { return !candidate.isFolder && looksLikeHdf5(candidate.head); }
    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return openHdf5(candidate.source, candidate.path, job); }
    Result<void> readStorage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink) const override
    {
        return readHdf5Storage(checkpoint, tensor, job, sink);
    }
};

} // namespace

const Format& hdf5Format()
{
    static const Hdf5 format;
    return format;
}

} // namespace weighbridge
