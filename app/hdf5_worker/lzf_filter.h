// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

namespace weighbridge {

/// Lets libhdf5 unpack what h5py packs with `compression="lzf"`: the filter number 32000, which libhdf5 itself does not have.
void registerLzfFilter();

} // namespace weighbridge
