// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/detail/hdf5_checkpoint.h"

/// What Keras adds to an HDF5 file: versions, the order of the layers, the model's config. Layouts: legacy (Keras 1, 2, tf_keras and the
/// .h5 of Keras 3; groups per layer with `weight_names`), and the .weights.h5 of Keras 3 (groups named after classes, with `vars`).
namespace weighbridge {

/// Whether a listed file was written by Keras.
[[nodiscard]] bool isKeras(const Hdf5Listing& listing);

/// Adds keras_version, backend, layers, model_config and training_config to the metadata, and findings about names that do not fit together.
void addKeras(Checkpoint& checkpoint, const Hdf5Listing& listing);

/// Opens a file of any of these kinds; the checkpoint's format is keras-h5 or hdf5, by its content.
Result<Checkpoint> openHdf5(const SourcePtr& source, const std::string& path, JobContext& job);

} // namespace weighbridge
