// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Keras in HDF5: whole models (.h5), weights (.h5, .weights.h5), transformers' tf_model.h5.
#include "core/format/format.h"

#include "core/format/detail/hdf5_superblock.h"
#include "core/format/detail/keras_model.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr uint64_t rootNbytes = 65536; ///< around the root group's header, where its attributes and links usually are

/// Names that Keras alone gives to attributes and groups at the root.
bool namesKeras(std::span<const std::byte> bytes)
{
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    constexpr std::array<std::string_view, 4> marks{"keras_version", "layer_names", "model_weights", "_layer_checkpoint_dependencies"};
    return std::any_of(marks.begin(), marks.end(), [text](std::string_view mark) { return text.find(mark) != std::string_view::npos; });
}

class KerasH5 final : public Format {
public:
    FormatInfo info() const override { return {"keras-h5", "Keras (HDF5)", {".weights.h5", ".h5", ".keras.h5", ".hdf5"}}; }

    /// A look at the root's surroundings only: open() decides by what the file lists, here and in the format hdf5.
    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || !looksLikeHdf5(candidate.head))
            return false;
        if (namesKeras(candidate.head))
            return true;
        const auto superblock = readHdf5Superblock(*candidate.source);
        const auto root = superblock ? candidate.source->readUpTo(superblock->rootAddress, rootNbytes) : std::vector<std::byte>{};
        return root && namesKeras(*root);
    }
    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return openHdf5(candidate.source, candidate.path, job); }
    Result<void> readStorage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink) const override
    {
        return readHdf5Storage(checkpoint, tensor, job, sink);
    }
};

} // namespace

const Format& kerasH5Format()
{
    static const KerasH5 format;
    return format;
}

} // namespace weighbridge
